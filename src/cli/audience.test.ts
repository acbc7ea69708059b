import { expect, it } from 'vitest';

import { readAudience } from './audience.ts';

async function read(text: string, column?: string) {
  async function* chunks() {
    for (let at = 0; at < text.length; at += 5) yield Buffer.from(text.slice(at, at + 5));
  }
  const entries: (string | [number, string])[] = [];
  for await (const entry of readAudience(chunks(), column))
    entries.push('memberId' in entry ? entry.memberId : [entry.line, entry.problem]);
  return entries;
}

it.each([
  ['a list without a header', 'ana\nben\ncleo\n'],
  ['a header', 'memberId\nana\nben\ncleo'],
  ['a header in other words, after other columns', 'Name,Member_ID\nAna,ana\nBen,ben\nC,cleo\n'],
  [
    'semicolons, quotes and CRLF',
    '\uFEFF"id";"city"\r\n"ana";"Berlin; Mitte"\r\nben;\r\ncleo;x\r\n',
  ],
  ['tabs', 'member id\ttier\nana\tgold\nben\tgreen\ncleo\tgreen'],
  [
    'one JSON object a line',
    '{"memberId":"ana"}\n{"member_id":"ben","tier":"gold"}\n{"memberId":"cleo"}',
  ],
  ['a JSON array of ids', '["ana",\n"ben","cleo"]'],
])('reads %s', async (_, text) => {
  expect(await read(text)).toEqual(['ana', 'ben', 'cleo']);
});

it('takes the column that is named', async () => {
  expect(await read('id,loyalty\n7,ana\n8,ben\n', 'loyalty')).toEqual(['ana', 'ben']);
  expect(await read('{"id":7,"loyalty":"ana"}', 'loyalty')).toEqual(['ana']);
  await expect(read('id,loyalty\n7,ana\n', 'club')).rejects.toThrow(
    'there is no column "club"; the first line has id, loyalty',
  );
});

it('keeps numbers that are ids as they are', async () => {
  expect(await read('0042\n17')).toEqual(['0042', '17']);
  expect(await read('{"memberId":42}')).toEqual(['42']);
});

it('names the line that is wrong', async () => {
  expect(await read('memberId,tier\nana,gold\n,green\nben\n')).toEqual([
    'ana',
    [3, 'the member id is missing'],
    [4, 'has 1 column, the first line has 2'],
  ]);
  expect(await read('memberId\n"ana\nben\n')).toEqual([[3, expect.stringContaining('is not CSV')]]);
  expect(await read('{"memberId":"ana"}\n{"tier":"gold"}\n{"memberId":\n')).toEqual([
    'ana',
    [2, 'memberId is missing'],
    [3, expect.stringContaining('is not valid JSON')],
  ]);
});
