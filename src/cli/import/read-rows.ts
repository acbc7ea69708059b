import { pipeline, Readable } from 'node:stream';

import { parse } from 'csv-parse';

import { InvalidInput, PermanentError } from '../../core/errors.ts';
import { checkPayload } from '../../core/payload.ts';
import { columnsOf, type Mapping } from '../../ingest/mapping.ts';
import type { Row } from '../../ingest/values.ts';
import { reasonOf } from '../failure.ts';
import { readJsonRecords } from '../json-records.ts';
import { count } from '../terminal.ts';

/** One row of CSV or one JSON record; `text` is how it stood in the file. */
export type FileRow = { readonly line: number; readonly text: string } & (
  | { readonly kind: 'row'; readonly row: Row }
  | {
      readonly kind: 'broken';
      readonly problem: string;
      /** As far as it can be told apart, which says what it belongs to. */
      readonly row?: Row;
    }
);

/** How a file is written, so that what is rejected can be written in the same way. */
export type Form =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'csv';
      readonly delimiter: string;
      readonly header: string | undefined;
      /** Whether UTF-8 must be marked as such, because the mapping says otherwise. */
      readonly marked: boolean;
    };

/** Columns of ours in a file of rejects: they are left out when it is imported. */
export const rejectColumns = ['laurel_line', 'laurel_reason'] as const;

const longest = 1_000_000;

/** Looks at the beginning, and gives the rows one by one. @throws PermanentError for a file that can't be this mapping's */
export async function readRows(
  chunks: AsyncIterable<Uint8Array>,
  mapping: Mapping | undefined,
): Promise<{ readonly form: Form; readonly rows: AsyncIterable<FileRow> }> {
  const { bytes, all } = await beginning(asUtf8(chunks, mapping?.csv.encoding ?? 'utf-8'));
  const head = new TextDecoder().decode(bytes);
  if (/^\s*[{[]/.test(head)) return { form: { kind: 'json' }, rows: fromJson(all) };
  if (!mapping)
    throw new PermanentError(
      'mapping',
      'CSV needs a mapping: --mapping <file> says what its columns mean',
    );
  const lines = head.split(/\r\n|\n|\r/, 2);
  // `sep=;`: how some spreadsheets say what stands between their columns.
  const [, said] = /^sep=(.)$/i.exec(lines[0] ?? '') ?? [];
  const firstLine = (said === undefined ? lines[0] : lines[1]) ?? '';
  const delimiter = mapping.csv.delimiter ?? said ?? likelyDelimiter(firstLine);
  const header = mapping.csv.header === undefined ? firstLine : undefined;
  return {
    form: { kind: 'csv', delimiter, header, marked: mapping.csv.encoding !== 'utf-8' },
    rows: fromCsv(all, mapping, { delimiter, from: said === undefined ? 1 : 2 }),
  };
}

/** Of the usual ones, that which the first line has most of. */
function likelyDelimiter(line: string): string {
  const times = (sign: string) => line.split(sign).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (times(one) > times(best) ? one : best));
}

/** Reads until the first two lines are whole. */
async function beginning(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < longest && !/\S[^\n]*\n[^\n]*\n/.test(head.toString('latin1'))) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = (async function* all() {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  return { bytes: head, all };
}

/** What the file's first bytes say of its encoding counts before what the mapping says. */
async function* asUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Mapping['csv']['encoding'],
): AsyncIterable<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | null | undefined;
  let head = Buffer.alloc(0);
  const decode = (bytes: Uint8Array) =>
    decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
  for await (const chunk of chunks) {
    if (decoder !== undefined) {
      yield decode(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 3) continue;
    const actual = markedEncoding(head) ?? encoding;
    decoder = actual === 'utf-8' ? null : new TextDecoder(actual);
    yield decode(head);
  }
  if (decoder === undefined) yield head;
  else if (decoder) yield Buffer.from(decoder.decode());
}

/** As a byte order mark says it. */
function markedEncoding([a, b, c]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
}

async function* fromJson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FileRow> {
  for await (const record of readJsonRecords(chunks)) {
    const { line, text } = record;
    const problem = record.kind === 'broken' ? record.problem : faultIn(record.value);
    if (problem !== undefined) yield { kind: 'broken', line, text, problem };
    else if (record.kind === 'value')
      yield { kind: 'row', line, text, row: withoutOurs(record.value) };
  }
}

/** A rejected line that was put right, without what we had added to it. */
const withoutOurs = (value: unknown): Row =>
  Object.fromEntries(
    Object.entries(value ?? {}).filter(([name]) => !rejectColumns.some((one) => one === name)),
  );

function faultIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be an object';
  try {
    checkPayload(value);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}

async function* fromCsv(
  chunks: AsyncIterable<Uint8Array>,
  mapping: Mapping,
  { delimiter, from }: { readonly delimiter: string; readonly from: number },
): AsyncGenerator<FileRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    raw: true,
    relax_column_count: true,
    // `27" monitor` means what it says.
    relax_quotes: true,
    from_line: from,
    skip_empty_lines: true,
    max_record_size: longest,
  });
  pipeline(Readable.from(chunks), parser, () => {}); // a failure ends the iteration below
  let header = mapping.csv.header;
  const given: AsyncIterable<unknown> = parser;
  try {
    for await (const one of given) {
      const { line, cells, text } = partsOf(one);
      if (!header) {
        header = cells.map((cell) => cell.trim());
        refuseForeign(header, mapping);
        refuseTwice(header, mapping);
        continue;
      }
      yield rowOf(header, line, mapping.csv.header ? withoutLast(cells, header) : cells, text);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')))
      throw error;
    const line = 'lines' in error ? ` near line ${String(error.lines)}` : '';
    throw new PermanentError(
      'csv',
      `the file can't be read further${line}: ${reasonOf(error)}; put it right and import it again, what was applied is known`,
      { cause: error },
    );
  }
}

function rowOf(
  header: readonly string[],
  line: number,
  cells: readonly string[],
  text: string,
): FileRow {
  const row = Object.fromEntries(header.map((name, at) => [name, cells[at] ?? '']));
  if (cells.length !== header.length) {
    const problem = `has ${count(cells.length, 'column')}, the first line has ${header.length}`;
    return { kind: 'broken', line, text, row, problem };
  }
  if (text.includes('\uFFFD') || text.includes('\0')) {
    const problem =
      'is not UTF-8 text; save the file as UTF-8, or say "csv": {"encoding": "windows-1252"} in the mapping';
    return { kind: 'broken', line, text, row, problem };
  }
  return { kind: 'row', line, text, row };
}

function refuseForeign(header: readonly string[], mapping: Mapping): void {
  const missing = columnsOf(mapping).filter((column) => !header.includes(column));
  if (missing.length === 0) return;
  throw new PermanentError(
    'columns',
    `the file lacks ${missing.map((one) => `"${one}"`).join(', ')}, which the mapping reads; its first line has ${header.join(', ')}`,
  );
}

/** A rejected row of a file that has no line with its columns' names, without what we had added to it. */
const withoutLast = (cells: readonly string[], header: readonly string[]): readonly string[] => {
  const added = cells.length - header.length;
  return added === rejectColumns.length && /^\d+$/.test(cells[header.length] ?? '')
    ? cells.slice(0, -added)
    : cells;
};

/** Of two columns of one name, nobody knows which is meant. */
function refuseTwice(header: readonly string[], mapping: Mapping): void {
  const twice = columnsOf(mapping).filter(
    (column) => header.indexOf(column) !== header.lastIndexOf(column),
  );
  if (twice.length === 0) return;
  throw new PermanentError(
    'columns',
    `the first line has ${twice.map((one) => `"${one}"`).join(', ')} twice, which the mapping reads; rename one of them`,
  );
}

function partsOf(one: unknown): { line: number; cells: string[]; text: string } {
  if (typeof one === 'object' && one !== null && 'info' in one && 'record' in one && 'raw' in one) {
    const { info, record, raw } = one;
    const lines = typeof info === 'object' && info !== null && 'lines' in info ? info.lines : 0;
    if (Array.isArray(record))
      return {
        line: Number(lines),
        cells: record.map(String),
        text: String(raw).replace(/\r?\n$/, ''),
      };
  }
  throw new TypeError('the CSV parser gave no row');
}
