import { Readable } from 'node:stream';

import { expect, it } from 'vitest';

import { type AudienceOptions, readAudience } from './read-audience.ts';

async function read(text: string, column?: string) {
  async function* chunks() {
    for (let at = 0; at < text.length; at += 5) yield Buffer.from(text.slice(at, at + 5));
  }
  const entries: (string | [number, string])[] = [];
  for await (const entry of readAudience(chunks(), { column }))
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
    [3, 'memberId is missing'],
    [4, 'has 1 column, the first line has 2'],
  ]);
  await expect(read('memberId\n"ana\nben\n')).rejects.toThrow("line 3: can't be read further");
  expect(await read('{"memberId":"ana"}\n{"tier":"gold"}\n{"memberId":\n')).toEqual([
    'ana',
    [2, 'memberId is missing'],
    [3, expect.stringContaining('is not valid JSON')],
  ]);
});

const latin1 = (text: string) => Readable.from([Buffer.from(text, 'latin1')]);
const all = async (body: AsyncIterable<Uint8Array>, options: AudienceOptions) => {
  const entries = [];
  for await (const entry of readAudience(body, options)) entries.push(entry);
  return entries;
};

it.each<[string, AudienceOptions]>([
  ['over HTTP', { form: 'csv', strict: true }],
  ['by command line', {}],
])(
  'X13: refuses broken UTF-8 by its line, and two columns of member ids, %s',
  async (_, options) => {
    const rows = 'memberId,name\nm-1,"Ana\nB."\nm-2,Zo\u00eb\n\nm-3,J\u00f8rn\n';
    expect(await all(latin1(rows), options)).toEqual([
      { line: 2, memberId: 'm-1' },
      { line: 4, problem: expect.stringContaining('UTF-8') },
      { line: 6, problem: expect.stringContaining('UTF-8') },
    ]);
    const refused = (text: string) => all(latin1(text), options).then(String, String);
    expect(await refused('member\u00efd,memberId\nm-1,m-2\n')).toContain('line 1: is not UTF-8');
    expect(await refused('memberId,memberId\nm-1,m-2\n')).toContain('"memberId" twice');
    expect(await refused('memberId,x,Member ID\nm-1,1,m-2\n')).toContain(
      '"memberId" and "Member ID"',
    );
    const ndjson = { ...options, form: 'ndjson' } as const;
    expect(await all(latin1('{"memberId":"m-1"}\n"m-\u00eb"\n'), ndjson)).toEqual([
      { line: 1, memberId: 'm-1' },
      { line: 2, problem: expect.stringContaining('UTF-8') },
    ]);
    expect(await all(latin1('{"memberId":"m-1","member_id":"m-2"}'), ndjson)).toEqual([
      { line: 1, problem: 'has memberId and member_id; one is enough' },
    ]);
  },
);

it('takes no member for the name of a column', async () => {
  await expect(read('email,name\nana@example.com,Ana\n')).rejects.toThrow('line 1: must name');
});
