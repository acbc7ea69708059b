import { expect, it } from 'vitest';

import {
  brandFiles,
  brandJson,
  folderWith,
  mjmlText,
  note,
  programmeJson,
  words,
} from '../../../test/fixtures-render/folder.ts';
import { loadTemplates } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { loadBrands } from './brand-files.ts';

type Files = Readonly<Record<string, string | object>>;

const set = async (files: Files, definitions = [note()]) => {
  const root = await folderWith({
    ...brandFiles,
    'note/locales/en.json': words,
    'note/body.mjml': mjmlText('{{t "hello" name=member.firstName}}'),
    ...files,
  });
  return loadTemplates({ root, definitions, brands: await loadBrands(root) });
};
const refusal = async (files: Files) => {
  const error = await set(files).catch((caught: unknown) => caught);
  return error instanceof TemplateError ? error.message : '';
};
const hello = { ...words, hello: 'Hello {name}' };
const en = brandFiles['brands/roast/locales/en.json'];
const german = {
  points: '{count, plural, one {# Stern} other {# Sterne}}',
  entitlements: { 'free-bag': 'Ein Koffer' },
};

it.each([
  ['ar', '{n, plural, one {a} other {b}}', 'lacks zero, two, few, many; ar has zero, one, two'],
  ['fr', '{n, plural, one {a} other {b}}', 'lacks many; fr has one, many, other'],
  ['de', '{n, plural, one {a} few {b} other {c}}', 'has few, but de only one, other'],
  ['de', '{k, select, x {{n, plural, other {c}}} other {}}', 'lacks one; de has one, other'],
  [
    'en',
    '{n, selectordinal, one {#st} other {#th}}',
    'lacks two, few; en has one, two, few, other',
  ],
])('a text speaks of every count its language has: %s %s', async (locale, text, problem) => {
  const message = await refusal({
    [`note/locales/${locale}.json`]: `{\n  "subject": "s",\n  "n": ${JSON.stringify(text)}\n}`,
  });
  expect(message).toContain(`note/locales/${locale}.json:3 n: {n, plural} ${problem}`);
});

it('a category whose counts are all written out may be left out', async () => {
  const counted = '{n, plural, =0 {none} =1 {one} =2 {two} few {#} many {#} other {#}}';
  expect(await refusal({ 'note/locales/ar.json': { n: counted } })).not.toContain('plural} lacks');
});

it('a translation says the same names as the text it translates', async () => {
  const message = await refusal({
    'note/locales/en.json': hello,
    'note/locales/de.json': '{\n  "hello": "Hallo {nmae}",\n  "subject": "Zu"\n}',
  });
  expect(message).toContain(
    'note/locales/de.json:2 hello: says {nmae}, but {name} in note/locales/en.json',
  );
  expect(message).toContain('note/locales/de.json:3 subject: says no {…}, but {topic}');
});

it('a brand speaks its own words in each of its languages', async () => {
  const message = await refusal({
    'note/locales/en.json': hello,
    'brands/roast/locales/en.json': { ...(typeof en === 'object' ? en : {}), hello: 'Hi {name}' },
    'brands/roast/locales/de.json': german,
  });
  expect(message).toMatch(
    /brands\/roast\/locales\/de\.json: has no text "hello"; the brand's own is in brands\/roast\/locales\/en\.json:\d/,
  );
});

it('tiers, benefits and rewards have a name in each of its languages', async () => {
  const tiers = programmeJson.tiers.map((tier) => ({ ...tier, names: {} }));
  const message = await refusal({
    'brands/roast/programme.json': { ...programmeJson, tiers },
    'brands/roast/locales/de.json': german,
  });
  expect(message).toMatch(/programme\.json:\d+ tiers\.1: has no name in de; add it to "names"/);
});

it('a React template gives a text what every language of it says', async () => {
  const message = await refusal({
    'note/locales/en.json': { ...words, hello: 'Hello {name}' },
    'note/body.mjml': mjmlText('{{t "hello"}}'),
  });
  expect(message).toContain('text "hello" in en says {name}, which is not given: name=');
});

it('colours that cannot be read on each other are refused', async () => {
  const { light, dark } = brandJson.colours;
  const message = await refusal({
    'brands/roast/brand.json': {
      ...brandJson,
      colours: { light: { ...light, muted: '#bbbbbb' }, dark },
    },
  });
  expect(message).toMatch(
    /brand\.json:\d+ colours\.light\.muted: has a contrast of 1\.\d\d on surface; 4\.5 is the least/,
  );
});

it('texts that nothing says are told of, and harm nobody', async () => {
  const loaded = await set({ 'note/locales/en.json': { ...hello, helo: 'Helo' } });
  expect(loaded.leftOver()).toEqual([
    expect.objectContaining({ file: 'note/locales/en.json', path: 'helo' }),
  ]);
});

it('a brand has the templates of its trades, and no others', async () => {
  const trip = { ...note(), trade: 'bookings' as const };
  const files = { 'note/locales/en.json': hello };
  const both = await set(files, [trip]);
  expect(both.namesFor('roast')).toEqual(['note']);
  const orders = await set(
    { ...files, 'brands/roast/brand.json': { ...brandJson, trades: ['orders'] } },
    [trip],
  );
  expect(orders.namesFor('roast')).toEqual([]);
  expect(() => orders.compiled('note', 'roast', 'en')).toThrow('"roast" has no template "note"');
});

it('a brand that says du takes the texts that do, and the others where there are none', async () => {
  const loaded = await set({
    'note/locales/en.json': hello,
    'note/locales/de.json': {
      subject: 'Ihr {topic}',
      preheader: 'Zu {topic}',
      hello: 'Tag {name}',
    },
    'note/locales/de-x-du.json': { subject: 'Dein {topic}' },
    'brands/roast/locales/de.json': german,
    'brands/roast/brand.json': { ...brandJson, manner: { de: 'de-x-du' } },
  });
  expect(loaded.compiled('note', 'roast', 'de').locale).toBe('de');
  expect(loaded.leftOver()).toEqual([]);
});
