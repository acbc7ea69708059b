import { type CsvOptions, likelyDelimiter, readCsv } from './csv.ts';
import { asUtf8, type Encoding } from './encoding.ts';
import { readJson, readNdjson } from './json.ts';
import type { Row } from './row.ts';

/** How a table is written. Rows that are put aside are written in the same way. */
export type Form =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'csv';
      readonly delimiter: string;
      /** The line with the columns' names, as far as there is one. */
      readonly firstLine: string;
    };

export type TableOptions = {
  /** `any`: told by its first character. */
  readonly form?: 'any' | 'csv' | 'ndjson';
  /** Bytes of a row. */
  readonly maxBytes?: number;
  readonly encoding?: Encoding | undefined;
  /** As the first line has it when left out. */
  readonly delimiter?: string | undefined;
  /** Of CSV. @throws InvalidInput where there must be none */
  readonly header: CsvOptions['header'];
};

/** More than an order of a thousand lines has. */
export const largestRow = 1_000_000;

/**
 * Looks at a table's beginning, and gives its rows one by one, broken ones too. CSV and JSON, in UTF-8 or UTF-16 with its
 * mark; a comma, semicolon, tab or bar between columns, or what a first line such as `sep=;` says.
 * @throws InvalidInput naming the line, where the table can't be read (further)
 */
export async function readTable(
  chunks: AsyncIterable<Uint8Array>,
  options: TableOptions,
): Promise<{ readonly form: Form; readonly rows: AsyncIterable<Row> }> {
  const { maxBytes = largestRow, header } = options;
  const utf8 = asUtf8(chunks, options.encoding ?? 'utf-8');
  if (options.form === 'ndjson')
    return { form: { kind: 'json' }, rows: readNdjson(utf8, maxBytes) };
  const { head, all } = await beginning(utf8, maxBytes);
  if (options.form !== 'csv' && /^\s*[{[]/.test(head))
    return { form: { kind: 'json' }, rows: readJson(all, maxBytes) };
  const [first = '', second = ''] = head.split(/\r\n|\n|\r/, 2);
  // How some spreadsheets say what stands between their columns.
  const [, said] = /^sep=(.)$/i.exec(first) ?? [];
  const firstLine = said === undefined ? first : second;
  const delimiter = options.delimiter ?? said ?? likelyDelimiter(firstLine);
  const fromLine = said === undefined ? 1 : 2;
  return {
    form: { kind: 'csv', delimiter, firstLine },
    rows: readCsv(all, { header, delimiter, maxBytes, fromLine }),
  };
}

/** Reads until the first two lines are whole, or are longer than a row may be. A byte order mark is left out. */
async function beginning(chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
  const iterator = chunks[Symbol.asyncIterator]();
  let bytes = Buffer.alloc(0);
  while (bytes.length <= maxBytes && !hasTwoLines(bytes)) {
    const next = await iterator.next();
    if (next.done) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  const all = (async function* all() {
    yield bytes;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  return { head: new TextDecoder().decode(bytes), all };
}

function hasTwoLines(bytes: Buffer): boolean {
  const begin = bytes.findIndex((byte) => byte > 0x20);
  const first = begin === -1 ? -1 : bytes.indexOf('\n', begin);
  return first !== -1 && bytes.includes('\n', first + 1);
}
