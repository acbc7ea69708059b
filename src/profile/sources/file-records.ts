import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';

import { parse as parseCsv } from 'csv-parse';

import { SourceFault } from './fault.ts';
import { Path, pick } from './path.ts';

/** What tells one writing of a file from the next. */
export type FileStamp = { readonly changedAt: number; readonly size: number };

const largestRecord = 256 * 1024;
/** JSON is read at once; larger files are NDJSON's business. */
const largestJson = 64 * 1024 * 1024;

/** Null where there is no such file. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  try {
    const { mtimeMs, size } = await stat(path);
    return { changedAt: mtimeMs, size };
  } catch {
    return null;
  }
}

/**
 * The records of a CSV file with a header, of NDJSON, or of a list in JSON, in their order.
 * @throws SourceFault naming the line: a file that is wrong somewhere is not taken in part
 */
export async function* readRecords(
  path: string,
  format: 'csv' | 'ndjson' | 'json' | undefined,
  items: string,
): AsyncGenerator {
  const kind = format ?? extname(path).slice(1).toLowerCase();
  if (kind === 'csv') yield* csvRecords(path);
  else if (kind === 'ndjson' || kind === 'jsonl') yield* ndjsonRecords(path);
  else if (kind === 'json') yield* jsonRecords(path, items);
  else throw new SourceFault('down', 'is neither CSV, NDJSON nor JSON; set format');
}

async function* csvRecords(path: string): AsyncGenerator {
  const records = createReadStream(path).pipe(
    parseCsv({
      bom: true,
      columns: true,
      delimiter: [',', ';', '\t'],
      max_record_size: largestRecord,
      skip_empty_lines: true,
      trim: true,
      // An empty cell tells nothing.
      cast: (cell, { header }) => (cell === '' && !header ? undefined : cell),
    }),
  );
  try {
    for await (const record of records) yield record;
  } catch (error) {
    const line = error instanceof Error && 'lines' in error ? Number(error.lines) : NaN;
    if (Number.isNaN(line)) throw error;
    throw new SourceFault('down', `is no CSV in line ${line}`);
  }
}

async function* ndjsonRecords(path: string): AsyncGenerator {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    yield parsed(line === 1 ? text.replace(/^\uFEFF/, '') : text, `is no JSON in line ${line}`);
  }
}

async function* jsonRecords(path: string, items: string): AsyncGenerator {
  const { size } = await stat(path);
  if (size > largestJson) throw new SourceFault('down', 'is too large for JSON; write NDJSON');
  const text = await readFile(path, 'utf8');
  const list = pick(parsed(text.replace(/^\uFEFF/, ''), 'is no JSON'), Path.parse(items));
  if (!Array.isArray(list)) throw new SourceFault('down', 'has no list where items says');
  yield* list;
}

function parsed(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SourceFault('down', otherwise);
  }
}
