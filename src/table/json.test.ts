import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readJson } from './json.ts';
import { largestRow } from './read-table.ts';
import type { Row } from './row.ts';

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, size = 7): Promise<Row[]> {
  const records: Row[] = [];
  for await (const record of readJson(inChunks(Buffer.from(text), size), largestRow))
    records.push(record);
  return records;
}

const saidBy = (one: Row) =>
  one.kind === 'row' ? one.value : one.problems.map(({ message }) => message).join();
const brief = (records: readonly Row[]) => records.map((one) => [one.line, saidBy(one)]);

describe('reads the same records', () => {
  it('one a line, with blank lines, CRLF and a byte order mark', async () => {
    expect(brief(await read('\uFEFF{"a":1}\r\n\r\n{"a":"}{"}\r\n{"a":3}'))).toEqual([
      [1, { a: 1 }],
      [3, { a: '}{' }],
      [4, { a: 3 }],
    ]);
  });

  it('as one array, on one line or many', async () => {
    const values = [{ a: 1 }, { b: ['x', { c: '],"[' }] }, { d: '\\"' }];
    expect((await read(JSON.stringify(values))).map((one) => brief([one])[0]?.[1])).toEqual(values);
    expect(brief(await read(JSON.stringify(values, null, 2)))).toEqual([
      [2, values[0]],
      [5, values[1]],
      [13, values[2]],
    ]);
  });

  it('as one object over many lines, or several after one another', async () => {
    expect(brief(await read('{\n  "a": 1\n}\n{\n  "a": 2\n}\n'))).toEqual([
      [1, { a: 1 }],
      [4, { a: 2 }],
    ]);
  });

  it('however the stream is cut', async () => {
    const value = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      // Keys that name what objects are made of are refused, wherever they stand.
      list: fc.array(
        fc
          .jsonValue()
          .filter((one) => !/"(?:__proto__|prototype|constructor)":/.test(JSON.stringify(one))),
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(undefined, 2),
        async (values, size, indent) => {
          const expected: unknown = JSON.parse(JSON.stringify(values));
          const lines = values.map((one) => JSON.stringify(one)).join('\n');
          for (const text of [lines, JSON.stringify(values, null, indent)]) {
            const found = await read(text, size);
            expect(found.map(saidBy)).toEqual(expected);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('says what is wrong, and where', () => {
  it('a broken line hides none of the others', async () => {
    const records = await read('{"a":1}\n{"a":\n{"a":"x\n{"a":4}\n');
    expect(records.map(({ line, kind }) => [line, kind])).toEqual([
      [1, 'row'],
      [2, 'broken'],
      [3, 'broken'],
      [4, 'row'],
    ]);
  });

  it('an array that ends early, or goes on after its end', async () => {
    expect(brief(await read('[{"a":1},\n'))).toEqual([
      [1, { a: 1 }],
      [2, 'the array is not closed: the file ends here'],
    ]);
    expect(brief(await read('[1]\n{"a":1}'))).toEqual([
      [1, 1],
      [2, 'comes after the end of the array'],
    ]);
  });

  it('text that is not UTF-8', async () => {
    const [record] = await read(Buffer.from('{"a":"\u00e9"}', 'latin1'));
    expect(record).toMatchObject({
      kind: 'broken',
      problems: [{ message: expect.stringContaining('UTF-8') }],
    });
  });

  it('a record of more than a megabyte, without keeping it', async () => {
    const long = JSON.stringify({ a: 'x'.repeat(1_100_000) });
    const lines = await read(`{"a":1}\n${long}\n{"a":3}`, 65_536);
    expect(lines.map(({ line, kind }) => [line, kind])).toEqual([
      [1, 'row'],
      [2, 'broken'],
      [3, 'row'],
    ]);
    const inArray = await read(`[${long},{"a":2}]`, 65_536);
    expect(inArray.map(({ kind }) => kind)).toEqual(['broken', 'row']);
    expect(inArray[0]?.text).toBe('');
  });

  it('nothing at all is no record', async () => {
    expect(await read('')).toEqual([]);
    expect(await read(' \n\n')).toEqual([]);
    expect(await read('[]')).toEqual([]);
  });
});
