import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { InvalidInput } from './errors.ts';
import { checkPayload, parsePayload } from './payload.ts';

const limit = { maxBytes: 1_000_000 };

function refusal(work: () => unknown): InvalidInput {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const refused = (text: string | Buffer) => refusal(() => parsePayload(text, limit));

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a payload is refused, naming the place', () => {
  it.each([
    ['NUL in a value', '{"a":{"b":["x","y\\u0000"]}}', 'a.b[1]', 'NUL'],
    ['NUL in a key', '{"a\\u0000":1}', '["a\\u0000"]', 'NUL'],
    ['half a surrogate pair', '{"name":"\\ud83d"}', 'name', 'broken Unicode'],
    ['half a surrogate pair in a key', '{"\\udc00":1}', '["\\udc00"]', 'broken Unicode'],
    ['a prototype', '{"data":{"__proto__":{"admin":true}}}', 'data.__proto__', 'not allowed'],
    ['a constructor', '{"items":[{"constructor":1}]}', 'items[0].constructor', 'not allowed'],
    ['a prototype by its other name', '{"prototype":1}', 'prototype', 'not allowed'],
    ['a number beyond range', '{"total":1e400}', 'total', 'beyond the range'],
    ['a negative number beyond range', '[-1e999]', '[0]', 'beyond the range'],
    ['an odd key', '{"a b":1e400}', '["a b"]', 'beyond the range'],
  ])('%s', (_what, text, path, message) => {
    const { problems, status } = refused(text);
    expect(problems).toEqual([{ path, message: expect.stringContaining(message) }]);
    expect(status).toBe(400);
  });

  it('a key of 256 characters, shown in short', () => {
    const [problem] = refused(JSON.stringify({ data: { ['k'.repeat(256)]: 1 } })).problems;
    expect(problem?.message).toContain('255');
    expect(problem?.path.length).toBeLessThan(80);
    expect(parsePayload(JSON.stringify({ ['k'.repeat(255)]: 1 }), limit)).toBeDefined();
  });

  it.each(['[', '{"a":'])('nested 200,000 deep (%s)', (open) => {
    const close = open === '[' ? ']' : '}';
    const text = `${open.repeat(200_000)}${open === '[' ? '' : '1'}${close.repeat(200_000)}`;
    const { problems } = refusal(() => parsePayload(text, { maxBytes: 10_000_000 }));
    expect(problems[0]?.message).toContain('64');
  });

  it('nested 65 deep, but not 64', () => {
    expect(refused(nested(65)).problems[0]?.message).toContain('deeper than 64');
    expect(parsePayload(nested(64), limit)).toBeDefined();
  });

  it('cut off, or no JSON at all', () => {
    expect(refused('{"a":').problems[0]).toMatchObject({ path: 'body' });
    expect(refused('').problems[0]).toMatchObject({ path: 'body' });
    expect(refused("{'a':1}").problems[0]).toMatchObject({ path: 'body' });
  });

  it('in bytes that are not UTF-8', () => {
    expect(refused(Buffer.from([0x22, 0xff, 0x22])).problems[0]).toMatchObject({ path: 'body' });
    expect(refused(Buffer.from([0x22, 0xed, 0xa0, 0xbd, 0x22])).problems[0]?.path).toBe('body');
  });
});

it('answers a payload of 2 MB with 413, by its bytes and before reading it', () => {
  const { status, problems } = refused(JSON.stringify({ text: 'x'.repeat(2_000_000) }));
  expect(status).toBe(413);
  expect(problems[0]).toMatchObject({ path: 'body', message: expect.stringContaining('1000000') });
  expect(refusal(() => parsePayload('"€€€€"', { maxBytes: 10 })).status).toBe(413);
  expect(refused('x'.repeat(2_000_000)).status).toBe(413);
});

it.each([
  ['a function', { a: () => 1 }, 'function'],
  ['a big integer', { a: 1n }, 'bigint'],
  ['a date', { a: new Date(0) }, 'class'],
  ['a map', { a: new Map() }, 'class'],
  ['NaN', { a: Number.NaN }, 'beyond the range'],
])('what code hands in must be plain JSON too: not %s', (_what, value, message) => {
  const { problems } = refusal(() => checkPayload(value));
  expect(problems).toEqual([{ path: 'a', message: expect.stringContaining(message) }]);
});

it('ends on a structure that contains itself', () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  expect(refusal(() => checkPayload(loop)).problems[0]?.message).toContain('deeper than 64');
});

it('returns any other JSON as it was written', () => {
  const harmless = fc
    .string({ unit: 'grapheme' })
    .filter((text) => !/\0|proto|constructor/.test(text));
  const { json } = fc.letrec((again) => ({
    json: fc.oneof(
      { maxDepth: 6 },
      harmless,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(again('json')),
      fc.dictionary(harmless, again('json')),
    ),
  }));
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parsePayload(text, limit))).toBe(text);
      expect(JSON.stringify(parsePayload(Buffer.from(text), limit))).toBe(text);
    }),
  );
});

function thrownBy(value: unknown): unknown {
  try {
    checkPayload(value);
    return null;
  } catch (error) {
    return error;
  }
}

it('never fails other than by refusing', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      const thrown = thrownBy(value);
      expect(thrown === null || thrown instanceof InvalidInput).toBe(true);
    }),
  );
});
