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
  | { readonly kind: 'csv'; readonly delimiter: string; readonly header: string | undefined };

/** Columns of ours in a file of rejects: they are left out when it is imported. */
export const rejectColumns = ['laurel_line', 'laurel_reason'] as const;

const longest = 1_000_000;

/** Looks at the beginning, and gives the rows one by one. @throws PermanentError for a file that can't be this mapping's */
export async function readRows(
  chunks: AsyncIterable<Uint8Array>,
  mapping: Mapping | undefined,
): Promise<{ readonly form: Form; readonly rows: AsyncIterable<FileRow> }> {
  const { bytes, all } = await beginning(chunks);
  const head = new TextDecoder(mapping?.csv.encoding).decode(bytes);
  if (/^\s*[{[]/.test(head)) return { form: { kind: 'json' }, rows: fromJson(all) };
  if (!mapping)
    throw new PermanentError(
      'mapping',
      'CSV needs a mapping: --mapping <file> says what its columns mean',
    );
  const firstLine = head.split(/\r?\n/, 1)[0] ?? '';
  const delimiter = mapping.csv.delimiter ?? likelyDelimiter(firstLine);
  const header = mapping.csv.header === undefined ? firstLine : undefined;
  return {
    form: { kind: 'csv', delimiter, header },
    rows: fromCsv(decoded(all, mapping.csv.encoding), mapping, delimiter),
  };
}

/** Of the usual ones, that which the first line has most of. */
function likelyDelimiter(line: string): string {
  const times = (sign: string) => line.split(sign).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (times(one) > times(best) ? one : best));
}

/** Reads until the first line is whole. */
async function beginning(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < longest && !/\S[^\n]*\n/.test(head.toString('latin1'))) {
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

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Mapping['csv']['encoding'],
): AsyncIterable<Uint8Array> {
  if (encoding === 'utf-8') {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
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
  delimiter: string,
): AsyncGenerator<FileRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    raw: true,
    relax_column_count: true,
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
        continue;
      }
      yield rowOf(header, line, cells, text);
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
