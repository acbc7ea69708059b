import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { dataLimits, dataProblems } from './data-limits.ts';

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown =>
  depth === 0 ? 'x' : wrap(nested(depth - 1, wrap));

it.each<[string, unknown, string[]]>([
  ['an order of 2,000 lines', { items: Array(dataLimits.entries).fill(1) }, []],
  [
    'an order of one more',
    { order: { items: Array(dataLimits.entries + 1).fill(1) } },
    ['data.order.items: has 2,001 entries, and a message at most 2,000'],
  ],
  ['objects 32 deep', nested(31, (inner) => ({ inner })), []],
  [
    'objects 40 deep',
    nested(40, (inner) => ({ inner })),
    [`data${'.inner'.repeat(32)}: is nested deeper than 32 levels`],
  ],
  [
    'seven lists in each other',
    { rows: nested(7, (inner) => [inner]) },
    ['data.rows[0][0][0][0][0][0]: is more than 6 lists within each other'],
  ],
  [
    'many short lists',
    { rows: Array(1_500).fill(Array(20).fill(0)) },
    ['data: has 31,502 values, and a message at most 20,000'],
  ],
  [
    'a novel',
    { note: 'x'.repeat(100_001) },
    ['data.note: has 100,001 characters, and a message at most 100,000'],
  ],
])('%s', (_, data, expected) => {
  const problems = dataProblems(data).map(({ path, message }) => `${path}: ${message}`);
  expect(problems.map((text) => text.split('; ')[0])).toEqual(expected);
});

it('names one of each kind', () => {
  const long = 'x'.repeat(100_001);
  expect(dataProblems({ a: long, b: long, c: Array(3_000).fill(1) })).toHaveLength(2);
});

it('takes whatever plain data fits, and nothing is ever too odd to be looked at', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(dataProblems({ value })).toEqual([]);
    }),
  );
});
