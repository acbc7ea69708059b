import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { isSameJson } from './same-json.ts';

it('says of two values of JSON what their texts say, in whatever order fields come', () => {
  let same = 0;
  const value = fc.jsonValue({ maxDepth: 4 });
  const pair = fc.oneof(
    fc.tuple(value, value),
    value.map((one): [unknown, unknown] => [one, turned(JSON.parse(JSON.stringify(one)))]),
  );
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const alike = JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
      // JSON has one zero.
      fc.pre(!/-0\b/.test(fc.stringify([one, other])));
      if (alike) same += 1;
      expect(isSameJson(one, other)).toBe(alike);
    }),
    { numRuns: 1_000 },
  );
  expect(same).toBeGreaterThan(300);
});

it('says so of nothing that JSON would write otherwise, not even of itself', () => {
  class Price {
    amount = 1;
  }
  const others = [
    undefined,
    Number.NaN,
    Infinity,
    1n,
    Symbol.iterator,
    () => 1,
    new Date(0),
    new Map(),
    new Set(['x']),
    /x/,
    new Price(),
    Buffer.from('x'),
    { toJSON: () => 1 },
    { a: undefined },
    [undefined],
    { deep: [{ at: new Date(0) }] },
  ];
  expect(others.filter((one) => isSameJson(one, one))).toEqual([]);
  expect(isSameJson({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson(JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 2}'))).toBe(false);
});

/** Fields the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, turned(inner)]),
  );
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, ordered(inner)]);
  return { fields };
}
