import { expect, it } from 'vitest';

import { readTable, type TableOptions } from './read-table.ts';
import type { Row } from './row.ts';

const header = (names: readonly string[]) => ({ names });
const kilobyte = 1024;

/** Says how much of it was asked for. */
function endless(before: string, piece: string, bytes = Infinity) {
  const stream = { given: 0 };
  async function* chunks() {
    yield Buffer.from(before);
    while (stream.given < bytes) {
      const chunk = Buffer.from(piece.repeat((64 * kilobyte) / piece.length));
      stream.given += chunk.length;
      yield chunk;
    }
  }
  return Object.assign(stream, { chunks: chunks() });
}

async function firstBroken(
  chunks: AsyncIterable<Uint8Array>,
  options: Omit<TableOptions, 'header'>,
) {
  const { rows } = await readTable(chunks, { ...options, header });
  for await (const row of rows) if (row.kind === 'broken') return row;
  return undefined;
}

const cases: [string, TableOptions['form'], string, string, number][] = [
  ['a JSON text', 'ndjson', '"m-1"\n"', 'x', 2],
  ['blanks', 'ndjson', '"m-1"\n', ' ', 2],
  ['a text of a list', 'any', '["m-1",\n"', 'x', 2],
  ['a list that only opens', 'any', '[', '[', 1],
  ['an object that only opens', 'any', '{"a":\n', '{"a":[', 1],
  ['blanks before anything', 'any', '', ' ', 1],
  ['a cell', 'csv', 'a,b\n1,2\n', 'x', 3],
  ['a quoted cell over many lines', 'csv', 'a,b\n1,2\n"', 'xx\n,', 1638],
  ['columns', 'csv', 'a,b\n1,2\n', 'x,', 3],
  ['blank cells', 'csv', 'a,b\n1,2\n', ' ', 3],
  ['names of columns', 'any', '', 'x,', 1],
];

it.each(cases)(
  'X8: refuses a row of %s without end (%s) soon, naming its line',
  async (_, form, before, piece, line) => {
    const stream = endless(before, piece);
    const limit = { form: form ?? 'any', maxBytes: 64 * kilobyte };
    const said = await firstBroken(stream.chunks, limit).catch((error: unknown) => String(error));
    // A row that is broken, or the end of what can be read.
    expect(typeof said === 'string' ? said : `line ${said?.line}: is`).toContain(`line ${line}`);
    expect(stream.given).toBeLessThan(2 * kilobyte * kilobyte);
  },
);

it('X8: reads on behind a line of 200 MB and keeps nothing of it', async () => {
  const long = endless('"m-1"\n"', 'x', 200 * kilobyte * kilobyte);
  let most = 0;
  async function* chunks() {
    for await (const chunk of long.chunks) {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      yield chunk;
    }
    yield Buffer.from('"\n"m-3"\n');
  }
  const before = process.memoryUsage().arrayBuffers;
  const { rows } = await readTable(chunks(), { form: 'ndjson', maxBytes: 64 * kilobyte, header });
  const read: Row[] = [];
  for await (const row of rows) read.push(row);
  expect(read.map(({ line, kind }) => `${line} ${kind}`)).toEqual(['1 row', '2 broken', '3 row']);
  expect(most - before).toBeLessThan(100 * kilobyte * kilobyte);
});

it('names the line where a row of several lines begins', async () => {
  const text = 'a,b\r\n"1\r\n1",2\r\n\r\n3,"4\r\n\r\n4"\r\n5\r\n';
  async function* chunks() {
    yield Buffer.from(text);
  }
  const { rows } = await readTable(chunks(), { header });
  const lines: string[] = [];
  for await (const { line, kind } of rows) lines.push(`${line} ${kind}`);
  expect(lines).toEqual(['2 row', '5 row', '8 broken']);
});
