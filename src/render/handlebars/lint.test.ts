import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { loadNote, mjmlText, note } from '../../../test/fixtures-render/folder.ts';
import { Money } from '../../core/money.ts';
import { lintHandlebars } from './lint.ts';
import { viewShape } from './view-shape.ts';

type Tree = { readonly name: string; readonly inner: readonly Tree[] };
const Tree: z.ZodType<Tree> = z.strictObject({
  name: z.string(),
  get inner() {
    return z.array(Tree);
  },
});

const schema = z.strictObject({
  at: z.date(),
  paid: Money.nullable(),
  either: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('card'), last4: z.string() }),
    z.strictObject({ kind: z.literal('points'), points: z.int() }),
  ]),
  mixed: z.union([z.string(), z.array(z.strictObject({ word: z.string() })), z.undefined()]),
  pair: z.tuple([z.strictObject({ left: z.string() }), z.strictObject({ right: z.string() })]),
  byStore: z.record(z.string(), z.strictObject({ open: z.boolean() })),
  tree: Tree,
  merged: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
  usual: z.strictObject({ size: z.enum(['s', 'l']).default('s') }).optional(),
  anything: z.unknown(),
});

/** What is wrong with a body of this one line, in a mail that places the block `status`. */
function wrongIn(source: string, partials: Readonly<Record<string, string>> = {}) {
  const files = new Map([['body', source], ...Object.entries(partials)]);
  const find = (name: string) =>
    files.has(name) ? { file: name, ...(name === 'status' && { block: 'status' }) } : undefined;
  const root = viewShape({ ...note(['status']), schema });
  return lintHandlebars('body', { files, find, root }).problems.map(
    ({ file, line, message }) => `${file}:${line} ${message}`,
  );
}

describe('what a look may say of what it sees', () => {
  it.each([
    '{{date data.at}}{{money data.paid}}{{data.paid.currency}}',
    '{{data.either.kind}}{{data.either.last4}}{{points data.either.points}}',
    '{{#each data.mixed}}{{word}}{{/each}}{{data.mixed.length}}{{data.mixed.0.word}}',
    '{{#each data.pair}}{{left}}{{right}}{{/each}}',
    '{{#each data.byStore}}{{open}}{{@key}}{{/each}}{{data.byStore.north.open}}',
    '{{data.tree.name}}{{#each data.tree.inner}}{{name}}{{#each inner}}{{name}}{{/each}}{{/each}}',
    '{{data.merged.a}}{{data.merged.b}}{{data.usual.size}}{{data.anything.at.all}}',
    '{{#with blocks.status}}{{tier}}{{#if next}}{{next.tier}}{{/if}}{{../data.at}}{{/with}}',
    '{{#each blocks.status.benefits as |one at|}}{{this}}{{one}}{{at}}{{../locale}}{{/each}}',
    '{{lookup data.mixed 0}}{{#with (lookup blocks "status")}}{{tier}}{{/with}}',
  ])('%s', (source) => {
    expect(wrongIn(source)).toEqual([]);
  });
});

describe('R18: a name misspelt is told with the one that was meant, wherever it stands', () => {
  it.each([
    ['{{points blocks.status.activePointz}}', 'activePoints'],
    ['{{@root.blocks.status.next.percnt}}', 'percent'],
    ['{{#if blocks.status.beingAded}}x{{/if}}', 'beingAdded'],
    ['{{#if data.at}}x{{else if blocks.status.teir}}y{{/if}}', 'tier'],
    ['{{#unless data.at}}{{else}}{{blocks.status.teir}}{{/unless}}', 'tier'],
    ['{{t "x" date=(date blocks.status.memberSinc)}}', 'memberSince'],
    ['{{#with blocks.status}}{{#with next}}{{../activePointz}}{{/with}}{{/with}}', 'activePoints'],
    ['{{#with blocks.status}}{{#each benefits}}{{../teir}}{{/each}}{{/with}}', 'tier'],
    ['{{#with blocks.status as |s|}}{{s.earned.pendin}}{{/with}}', 'pending'],
    ['{{#with blocks.status}}{{#with next}}{{activePoints}}{{/with}}{{/with}}', '../activePoints'],
    ['{{#with (lookup blocks "statuz")}}x{{/with}}', 'status'],
    ['{{data.paid.amont}}', 'amount'],
    ['{{data.either.lats4}}', 'last4'],
    ['{{#each data.mixed}}{{wrd}}{{/each}}', 'word'],
    ['{{#each data.byStore}}{{opne}}{{/each}}', 'open'],
    ['{{#each data.tree.inner}}{{#each inner}}{{nam}}{{/each}}{{/each}}', 'name'],
    ['{{#if (gt blocks.status.activePoints 0) includeZero=data.att}}x{{/if}}', 'at'],
    ['{{statuz.tier}}', undefined],
    ['{{data.at.year}}', undefined],
    ['{{blocks.status.tier.name}}', undefined],
  ])('%s', (source, meant) => {
    expect(wrongIn(source)).toEqual([
      expect.stringMatching(
        new RegExp(`^body:1 .*there is no \\w+${meant ? `; did you mean ${meant}\\?$` : ''}`),
      ),
    ]);
  });

  it('in a look of a block, and in a piece by each place it is put into', () => {
    const look = { status: '{{tier}}\n{{points activePointz}}', name: '{{tier}}' };
    const told = 'activePointz: there is no activePointz; did you mean activePoints?';
    expect(wrongIn('{{> status}}', look)).toEqual([`status:2 ${told}`]);
    expect(wrongIn('{{#with blocks.status}}{{> name}}{{/with}}', look)).toEqual([]);
    expect(
      wrongIn('{{#with blocks.status}}{{#with next}}{{> name}}{{/with}}{{/with}}', look),
    ).toEqual([]);
    expect(wrongIn('{{#with data.usual}}{{> name}}{{/with}}', look)).toEqual([
      'name:1 tier: there is no tier; there are size',
    ]);
  });

  it('nor goes a loop through what is no list, nor a mail without an end', () => {
    expect(wrongIn('{{#each data.at}}x{{/each}}')).toEqual([
      'body:1 {{#each data.at}} goes through no list',
    ]);
    const bomb = {
      a: '{{> b}}'.repeat(20),
      b: '{{> c}}'.repeat(20),
      c: '{{> d}}'.repeat(20),
      d: '{{> a}}',
    };
    expect(wrongIn('{{> a}}', bomb)).toEqual([
      expect.stringContaining('places more than 1000 partials'),
    ]);
  });

  it('as is a block that there is none of, and one in a mail that loads', async () => {
    const body = { 'note/body.mjml': mjmlText('{{> statuz}}') };
    await expect(loadNote(body, { blocks: ['statuz'] })).rejects.toThrow(
      'note/template.ts: there is no block "statuz"; did you mean status?',
    );
    const files = {
      'note/body.mjml': mjmlText('{{> status}}'),
      'blocks/status.mjml': '\n{{points activePointz}}',
    };
    await expect(loadNote(files, { blocks: ['status'] })).rejects.toThrow(
      'blocks/status.mjml:2: activePointz: there is no activePointz; did you mean activePoints?',
    );
  });
});
