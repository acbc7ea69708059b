import { expect, it } from 'vitest';

import { Mapping } from '../../ingest/mapping.ts';
import { readRows } from './open-file.ts';

const mapping = (csv: object = {}) =>
  Mapping.parse({
    source: 'till',
    csv,
    events: [{ type: 'points.earned', id: 'Nr', fields: { memberId: 'Nr', points: 'Punkte' } }],
  });

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Its rows, read byte by byte and at once, which must come to the same. */
async function rowsOf(bytes: Uint8Array, csv: object = {}) {
  const read = async (size: number) => {
    const { rows } = await readRows(inPieces(bytes, size), mapping(csv));
    const all = [];
    for await (const one of rows)
      all.push(one.kind === 'row' ? one.value : one.problems[0]?.message);
    return all;
  };
  const rows = await read(1);
  expect(await read(1_000_000)).toEqual(rows);
  return rows;
}

const text = 'Nr;Punkte\r\nÄnne;5\r\nBo;6\r\n';
const rows = [
  { Nr: 'Änne', Punkte: '5' },
  { Nr: 'Bo', Punkte: '6' },
];
const utf16 = (of: string) => Buffer.from(`\uFEFF${of}`, 'utf16le');

it.each<[string, Uint8Array, object]>([
  ['UTF-8', Buffer.from(text), {}],
  ['UTF-8 with its mark', Buffer.from(`\uFEFF${text}`), {}],
  [
    'UTF-8 with its mark, where the mapping says otherwise',
    Buffer.from(`\uFEFF${text}`),
    { encoding: 'windows-1252' },
  ],
  [
    'windows-1252, where the mapping says so',
    Buffer.from(text, 'latin1'),
    { encoding: 'windows-1252' },
  ],
  ['UTF-16, little end first', utf16(text), {}],
  ['UTF-16, big end first', utf16(text).swap16(), {}],
  ['lines that end in a carriage return alone', Buffer.from(text.replaceAll('\n', '')), {}],
  ['a line that says the separator', Buffer.from(`sep=;\r\n${text}`), {}],
  ['no end of the last line', Buffer.from(text.trimEnd()), {}],
  ['JSON in UTF-16', utf16(rows.map((row) => JSON.stringify(row)).join('\n')), {}],
  ['a JSON list', Buffer.from(`\uFEFF${JSON.stringify(rows)}`), {}],
])('reads %s', async (_what, bytes, csv) => {
  expect(await rowsOf(bytes, csv)).toEqual(rows);
});

it('takes quotes within a field for what they are', async () => {
  expect(await rowsOf(Buffer.from('Nr;Punkte\n27" screen;5\n"a ""b""; c";6\n'))).toEqual([
    { Nr: '27" screen', Punkte: '5' },
    { Nr: 'a "b"; c', Punkte: '6' },
  ]);
});

it('refuses a file in which it can’t know what is meant', async () => {
  const refused = (of: string) => rowsOf(Buffer.from(of)).then(String, String);
  expect(await refused('Nr;Punkte;Punkte\na;5;7\n')).toContain('has "Punkte" twice');
  expect(await refused('Nr;nobody;nobody\n')).toContain('lacks "Punkte"');
  expect(await refused('Nr;Punkte\n"a;5\nb;6\n')).toContain('line 3');
  // Columns that nobody reads may be there twice.
  expect(await rowsOf(Buffer.from('Nr;Punkte;X;X\na;5;;\n'))).toMatchObject([{ Punkte: '5' }]);
});

it('takes rejects of a file without a first line of names', async () => {
  const header = ['Nr', 'Punkte'];
  const rejected = Buffer.from('a;5;17;"not a member"\nb;6\nc;7;8\n');
  expect(await rowsOf(rejected, { header, delimiter: ';' })).toMatchObject([
    { Nr: 'a', Punkte: '5' },
    { Nr: 'b', Punkte: '6' },
    'has 3 columns, the first line has 2',
  ]);
});
