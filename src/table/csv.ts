import { pipeline, Readable } from 'node:stream';

import { parse } from 'csv-parse';
import { z } from 'zod';

import { withinLines } from './lines.ts';
import { broken, notUtf8, type Row, wrongLine } from './row.ts';

/** How the columns are called. */
export type Header = {
  readonly names: readonly string[];
  /** The first row is data already. */
  readonly isRow?: boolean;
  /** Columns that a row may have after these, or not. */
  readonly further?: readonly string[];
};

export type CsvOptions = {
  /** Looks at the first row, blanks around its cells left out. @throws InvalidInput where it can't be this table's */
  readonly header: (first: readonly string[]) => Header;
  readonly delimiter: string;
  /** Of a row; a line alone may not be longer either. */
  readonly maxBytes: number;
  /** The line that counts as the first. */
  readonly fromLine: number;
};

const Parsed = z.object({ record: z.array(z.string()), raw: z.string() });
const lineEnds = (text: string) => text.match(/\r\n|\n|\r/g)?.length ?? 0;

/** Reads rows one by one. @throws InvalidInput naming the line after which it can't be read further */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  { header: headerOf, delimiter, maxBytes, fromLine }: CsvOptions,
): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    raw: true,
    relax_column_count: true,
    // `27" monitor` means what it says.
    relax_quotes: true,
    from_line: fromLine,
    skip_empty_lines: true,
    // A tab is a blank, too.
    trim: delimiter !== '\t',
    max_record_size: maxBytes,
  });
  pipeline(Readable.from(withinLines(chunks, maxBytes)), parser, () => {}); // a failure ends the iteration below
  let header: Header | undefined;
  let next = fromLine;
  const given: AsyncIterable<unknown> = parser;
  try {
    for await (const one of given) {
      const { record, raw } = Parsed.parse(one);
      // With the blank lines before it.
      const [blank = ''] = /^[\r\n]*/.exec(raw) ?? [];
      const line = next + lineEnds(blank);
      next += lineEnds(raw);
      const text = raw.slice(blank.length).replace(/(\r\n|\n|\r)$/, '');
      if (!header) {
        const names = record.map((cell) => cell.trim());
        if (!isText(text)) throw wrongLine(line, notUtf8);
        header = headerOf(names);
        if (!header.isRow) continue;
      }
      yield rowOf(header, line, record, text);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')))
      throw error;
    const message = `can't be read further: ${error.message}; put it right and hand the file in again, what was taken is known`;
    throw wrongLine('lines' in error ? Number(error.lines) : 1, message);
  }
}

function rowOf(
  { names, further = [] }: Header,
  line: number,
  cells: readonly string[],
  text: string,
): Row {
  const all = [...names, ...further];
  const called = further.length > 0 && cells.length === all.length ? all : names;
  const value = Object.fromEntries(called.map((name, at) => [name, cells[at] ?? '']));
  if (cells.length !== called.length) {
    const columns = cells.length === 1 ? '1 column' : `${cells.length} columns`;
    const problem = `has ${columns}, the first line has ${names.length}`;
    return { ...broken(line, text, problem), value };
  }
  if (!isText(text)) return { ...broken(line, text, notUtf8), value };
  return { kind: 'row', line, text, value };
}

/** The parser puts U+FFFD where bytes are no UTF-8; no database has a place for NUL. */
const isText = (text: string) => !text.includes('\uFFFD') && !text.includes('\0');

/** Of the usual signs, that which the first line has most of, outside of its quotes. */
export function likelyDelimiter(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  const times = (sign: string) => bare.split(sign).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (times(one) > times(best) ? one : best));
}

const listed = (names: readonly string[]) => names.map((one) => `"${one}"`).join(', ');

/**
 * The first line as names, of which `needed` are read: each must be there, and once, or nobody knows which is meant.
 * @throws InvalidInput naming the columns
 */
export function namedColumns(first: readonly string[], needed: readonly string[]): Header {
  const missing = needed.filter((column) => !first.includes(column));
  if (missing.length > 0)
    throw wrongLine(
      1,
      `lacks ${listed(missing)}, which the file must have; it has ${first.join(', ')}`,
    );
  const twice = needed.filter((column) => first.indexOf(column) !== first.lastIndexOf(column));
  if (twice.length > 0)
    throw wrongLine(1, `has ${listed(twice)} twice, and it is read; rename one of them`);
  return { names: first };
}
