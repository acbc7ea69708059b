import * as fc from 'fast-check';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';

import { openBudget } from './budget.ts';
import { generate } from './generate.ts';

const helpers = {
  eq: (a: unknown, b: unknown) => a === b,
  show: (value: unknown, ...rest: unknown[]) => `<${JSON.stringify(value)}:${rest.length}>`,
  named: ({ hash }: { hash: Record<string, unknown> }) => `${text(hash['a'])} ${text(hash['b'])}`,
};

/** Nothing is nothing: what leads through null is null in Handlebars, undefined here. */
const text = (value: unknown) =>
  typeof value === 'string'
    ? value
    : value === null || value === undefined
      ? ''
      : JSON.stringify(value);

/** As our templates are compiled: a value is the parameter of a helper. */
const ours = (source: string) =>
  generate(Handlebars.parse(source), {
    helpers: { ...helpers, out: text },
    blocks: [],
    failed: (error) => error,
    budget: openBudget(),
    sizeOf: ({ length }) => length,
  });

function theirs(source: string): (context: object) => string {
  const environment = Handlebars.create();
  environment.registerHelper(helpers);
  environment.registerHelper('out', text);
  return environment.compile(source, { noEscape: true });
}

const sources = [
  'a `b` ${c} \\ "d"',
  '{{out name}} {{out this.name}} {{out first.name}} {{out first.missing.more}}',
  '{{#if name}}yes{{else}}no{{/if}} {{#unless name}}no{{else}}yes{{/unless}}',
  '{{#if count}}some{{else if items}}items{{else}}none{{/if}} {{#if count includeZero=true}}set{{/if}}',
  '{{#each items}}{{out @index}}{{out @first}}{{out @last}}{{out @key}} {{out name}} {{out ../name}} {{out @root.name}};{{else}}empty{{/each}}',
  '{{#each items as |item place|}}{{out place}} {{out item.name}} {{out name}} {{#if item.name}}{{out ../count}}{{/if}};{{/each}}',
  '{{#each items}}{{#each inner}}{{out this}} {{out ../name}} {{out ../../name}} {{out @index}};{{/each}}{{out @index}}{{/each}}',
  '{{#each first}}{{out @key}}={{out this}} {{out @last}};{{else}}nothing{{/each}}',
  '{{#with first}}{{out name}} {{out ../name}}{{else}}nobody{{/with}}',
  '{{#with first as |one|}}{{out one.name}} {{#if one.name}}{{out ../count}}{{/if}}{{/with}}',
  '{{#if (eq name "Ana")}}Ana{{/if}} {{show count 1 "two" true}} {{named a=name b=(eq count 0)}}',
  '{{out constructor}}{{out items.map}}{{out first.valueOf}}{{out items.length}}{{out name.length}}',
  '{{! a comment }}{{#if name}}\n  {{out name}}\n{{/if}}\n',
];

const name = fc.option(fc.constantFrom('', 'Ana', '0'), { nil: null });
const item = fc.record(
  { name, inner: fc.array(fc.integer(), { maxLength: 2 }) },
  { noNullPrototype: true },
);
const context = fc.record(
  {
    name,
    count: fc.constantFrom(0, 1, null, false),
    first: fc.option(fc.record({ name }, { requiredKeys: [], noNullPrototype: true }), {
      nil: null,
    }),
    items: fc.array(item, { maxLength: 3 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe('a generated template', () => {
  it.each(sources)('says what Handlebars says: %s', (source) => {
    const [mine, reference] = [ours(source), theirs(source)];
    fc.assert(
      fc.property(context, (data) => {
        expect(mine(data)).toBe(reference(data));
      }),
    );
  });
});

it('nothing that stands in a template becomes code of the program it is made to', () => {
  const run = 'globalThis.laurelRan = true';
  const ends = [
    '"',
    "'",
    '`',
    '"]',
    "')",
    '${',
    '\\"',
    '\\',
    '\u2028',
    '\n',
    '*/',
    '//',
    '</script>',
  ];
  const pieces = ends.flatMap((end) => [
    `${end};${run};//`,
    `${end}+(${run})+${end}`,
    `${end}${run}`,
  ]);
  const places: ((piece: string) => string)[] = [
    (piece) => piece,
    (piece) => `{{out ${JSON.stringify(piece)}}}`,
    (piece) => `{{out '${piece}'}}`,
    (piece) => `{{out [${piece}]}}`,
    (piece) => `{{out name.[${piece}]}}`,
    (piece) => `{{out @[${piece}]}}`,
    (piece) => `{{[${piece}] 1}}`,
    (piece) => `{{out ([${piece}] 1)}}`,
    (piece) => `{{named [${piece}]=1}}`,
    (piece) => `{{#if [${piece}]}}x{{/if}}`,
    (piece) => `{{#[${piece}] name}}x{{/[${piece}]}}`,
    (piece) => `{{#each items as |${piece}|}}{{out ${piece}}}{{/each}}`,
  ];
  let [ran, refused] = [0, 0];
  for (const piece of pieces)
    for (const place of places)
      try {
        ours(place(piece))({ name: 'Ana', items: [1], [piece]: 'x' });
        ran += 1;
      } catch {
        refused += 1;
      }
  for (const source of [
    '{{constructor.constructor "globalThis.laurelRan = true"}}',
    '{{toString 1}}',
    '{{hasOwnProperty "x"}}',
    '{{__proto__ 1}}',
    '{{eq.constructor "x"}}',
  ])
    expect(() => ours(source)({})).toThrow('is not known');
  expect(ran + refused).toBe(pieces.length * places.length);
  expect(ran).toBeGreaterThan(100);
  expect(Reflect.get(globalThis, 'laurelRan')).toBeUndefined();
});

/** Loops, `with` and `if` in each other, and in each of them all that `@…` and `@../…` can ask for. */
const nested = fc.letrec<{ inside: string }>((tie) => ({
  inside: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc
      .tuple(
        fc.nat({ max: 4 }),
        fc.constantFrom('index', 'first', 'last', 'key', 'root.name', 'root', 'other'),
      )
      .map(([up, data]) => `{{out @${'../'.repeat(up)}${data}}},`),
    fc
      .tuple(
        fc.constantFrom(
          ['each all', 'each'],
          ['each named', 'each'],
          ['each all as |one at|', 'each'],
          ['with named.x', 'with'],
          ['if @../first', 'if'],
          ['if @last', 'if'],
          ['unless @../../index', 'unless'],
        ),
        fc.array(tie('inside'), { minLength: 1, maxLength: 3 }),
        fc.option(tie('inside'), { nil: '' }),
      )
      .map(
        ([[open, close], inside, otherwise]) =>
          `{{#${open}}}${inside.join('')}${otherwise === '' ? '' : `{{else}}${otherwise}`}{{/${close}}}`,
      ),
  ),
})).inside;

it('R6: what stands around a loop is what it is in Handlebars, however they are nested', () => {
  // No thing stands in two places: of one within itself, Handlebars counts one step less.
  const tree = (depth: number): object => ({
    name: `d${depth}`,
    all: depth === 0 ? [] : [tree(depth - 1), tree(depth - 1)],
    named: depth === 0 ? {} : { x: tree(depth - 1), y: tree(depth - 1) },
  });
  const data = tree(3);
  let told = 0;
  fc.assert(
    fc.property(nested, (inside) => {
      const source = `{{#each all}}${inside}{{/each}}{{out @../index}}`;
      const made = ours(source)(data);
      told += made.length > 0 ? 1 : 0;
      expect(made).toBe(theirs(source)(data));
    }),
    { numRuns: 200 },
  );
  expect(told).toBeGreaterThan(80);
});
