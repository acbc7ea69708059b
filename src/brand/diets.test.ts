import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { facts, offer, products } from '../../test/facts.ts';
import { preferenceConflict } from '../decision/rules/preference-conflict.ts';
import { Product } from './catalogue.ts';
import { Diet, ruledOutBy, unknownAttributes } from './diets.ts';

const cake = (...attributes: string[]) =>
  Product.parse({ productId: 'cake', name: { en: 'Cake' }, category: 'pastry', attributes });

const asked = (diet: Diet, attribute: string, productAttributes: Record<string, Diet[]> = {}) => {
  const base = facts({
    member: { preferences: { diets: [diet], avoidCategories: [], avoidAttributes: [] } },
  });
  const catalogue = {
    version: '1',
    products: new Map([...products, cake(attribute)].map((one) => [one.productId, one])),
    offers: [],
  };
  return preferenceConflict.check({
    offer: offer({ productIds: ['cake'] }),
    facts: { ...base, catalogue, brand: { ...base.brand, productAttributes } },
  }).outcome;
};

it('T10: what the documentation says of each attribute is what the rule does, for every diet', () => {
  const documented = readFileSync('docs/rules.md', 'utf8').split('### Diets')[1] ?? '';
  let checked = 0;
  for (const [, attributes = '', diets = ''] of documented.matchAll(/^\| (`.*?) *\| (.*?) *\|$/gm))
    for (const [, attribute = ''] of attributes.matchAll(/`([^`]+)`/g))
      for (const diet of Diet.options) {
        const against = diets.split(', ').includes(diet);
        expect([attribute, diet, asked(diet, attribute)]).toEqual([
          attribute,
          diet,
          against ? 'hide' : 'pass',
        ]);
        checked += 1;
      }
  expect(checked).toBeGreaterThan(250);
  expect(asked('vegan', 'butter')).toBe('hide');
});

it('T10: a brand adds its own and has the last word', () => {
  expect(asked('vegan', 'duck-fat')).toBe('pass');
  expect(asked('vegan', 'duck-fat', { 'duck-fat': ['vegetarian', 'vegan'] })).toBe('hide');
  expect(asked('lactose-free', 'cheese', { cheese: ['vegan'] })).toBe('pass');
  expect(ruledOutBy('constructor', {})).toBeUndefined();
});

it('T10: tells what of a catalogue with food nobody knows, and nothing of one without', () => {
  const menu = [cake('butter', 'spiced'), cake('duck-fat')];
  expect(unknownAttributes(menu, {})).toEqual(['duck-fat', 'spiced']);
  expect(unknownAttributes(menu, { productAttributes: { spiced: [] } })).toEqual(['duck-fat']);
  expect(unknownAttributes([cake('waterproof')], {})).toEqual([]);
});
