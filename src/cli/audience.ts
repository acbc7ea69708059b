import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';

import { parse } from 'csv-parse';

import { MemberId } from '../contract/message.ts';
import { PermanentError } from '../core/errors.ts';
import { reasonOf, UsageError } from './failure.ts';
import { openInput } from './input.ts';
import { readJsonRecords } from './json-records.ts';
import { count } from './terminal.ts';

/** One entry of an audience file: a member, or what is wrong with that line. */
export type AudienceEntry = { readonly line: number } & (
  | { readonly memberId: string }
  | { readonly problem: string }
);

/** An audience that was read to its end once and is in order. */
export type CheckedAudience = {
  /** The same for the same bytes. */
  readonly hash: string;
  /** Lines with a member, repeated ones counted each time. */
  readonly entries: number;
  readonly members: () => AsyncGenerator<string>;
  /** Removes what was put aside for the second reading. */
  readonly close: () => Promise<void>;
};

const columnNames = /^(member[ _-]?id|member|membership[ _-]?id|customer[ _-]?id|id)$/i;
const mostToTell = 20;

/**
 * Reads an audience from start to end before anything is made of it: a campaign never begins with half of one.
 * @param file CSV or JSON, told apart by its first character; `-` is stdin, kept in a temporary file meanwhile.
 * @param column the CSV column or JSON field of the member ids, where it isn't one of the usual names.
 * @throws PermanentError naming the lines that are wrong; UsageError for a column that isn't there.
 */
export async function checkAudience(file: string, column?: string): Promise<CheckedAudience> {
  const spooled = file === '-' ? await spool() : undefined;
  const path = spooled ?? file;
  const close = async () => {
    if (spooled !== undefined) await rm(spooled, { force: true });
  };
  try {
    const hash = createHash('sha256');
    const problems: string[] = [];
    let entries = 0;
    const input = await openInput(path);
    for await (const entry of readAudience(tee(input.chunks, hash.update.bind(hash)), column)) {
      if ('memberId' in entry) entries += 1;
      else if (problems.push(`line ${entry.line}: ${entry.problem}`) >= mostToTell) break;
    }
    if (problems.length > 0) {
      const all = problems.join('\n  ');
      throw new PermanentError(
        'audience',
        `nothing was started: the audience is wrong in\n  ${all}`,
      );
    }
    if (entries === 0) throw new PermanentError('audience', 'there is no member in it');
    const members = async function* members() {
      for await (const entry of readAudience(createReadStream(path), column))
        if ('memberId' in entry) yield entry.memberId;
    };
    return { hash: hash.digest('hex'), entries, members, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* tee(chunks: AsyncIterable<Uint8Array>, look: (chunk: Uint8Array) => unknown) {
  for await (const chunk of chunks) {
    look(chunk);
    yield chunk;
  }
}

async function spool(): Promise<string> {
  const path = join(tmpdir(), `laurel-audience-${randomBytes(6).toString('hex')}`);
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of (await openInput('-')).chunks) await file.write(chunk);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return path;
}

/** Reads CSV (comma, semicolon or tab; with or without a header) or JSON records, streamed. */
export async function* readAudience(
  chunks: AsyncIterable<Uint8Array>,
  column?: string,
): AsyncGenerator<AudienceEntry> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const all = (async function* all() {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  const beginning = Buffer.from(first.value)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  yield* /^[{[]/.test(beginning) ? fromJson(all, column) : fromCsv(all, column);
}

async function* fromJson(
  chunks: AsyncIterable<Uint8Array>,
  column: string | undefined,
): AsyncGenerator<AudienceEntry> {
  for await (const record of readJsonRecords(chunks)) {
    const { line } = record;
    if (record.kind === 'broken') yield { line, problem: record.problem };
    else yield entryOf(line, idIn(record.value, column), column ?? 'memberId');
  }
}

function idIn(value: unknown, column: string | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (column !== undefined) return Reflect.get(value, column);
  return Reflect.get(value, 'memberId') ?? Reflect.get(value, 'member_id');
}

async function* fromCsv(
  chunks: AsyncIterable<Uint8Array>,
  column: string | undefined,
): AsyncGenerator<AudienceEntry> {
  const parser = parse({
    bom: true,
    delimiter: [',', ';', '\t'],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: 1_000_000,
  });
  pipeline(Readable.from(chunks), parser, () => {}); // a failure ends the iteration below
  let place: number | undefined;
  let width = 0;
  const rows: AsyncIterable<unknown> = parser;
  try {
    for await (const row of rows) {
      const { line, cells } = rowOf(row);
      if (place === undefined) {
        const header = headerPlace(cells, column);
        place = header ?? 0;
        width = cells.length;
        if (header !== undefined) continue;
      }
      if (cells.length === width) yield entryOf(line, cells[place], column ?? 'the member id');
      else
        yield {
          line,
          problem: `has ${count(cells.length, 'column')}, the first line has ${width}`,
        };
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')))
      throw error;
    yield {
      line: 'lines' in error ? Number(error.lines) : 0,
      problem: `is not CSV: ${reasonOf(error)}`,
    };
  }
}

function rowOf(row: unknown): { line: number; cells: readonly unknown[] } {
  if (typeof row === 'object' && row !== null && 'info' in row && 'record' in row) {
    const { info, record } = row;
    const line = typeof info === 'object' && info !== null && 'lines' in info ? info.lines : 0;
    if (Array.isArray(record)) return { line: Number(line), cells: record };
  }
  throw new TypeError('the CSV parser gave no row');
}

/** Which column holds the ids, where the first row is a header; undefined where it is a member already. */
function headerPlace(cells: readonly unknown[], column: string | undefined): number | undefined {
  const names = cells.map((cell) => String(cell).trim());
  if (column !== undefined) {
    const at = names.findIndex((name) => name.toLowerCase() === column.toLowerCase());
    if (at === -1)
      throw new UsageError(
        `there is no column "${column}"; the first line has ${names.join(', ')}`,
      );
    return at;
  }
  const exact = names.findIndex((name) => /^member[ _-]?id$/i.test(name));
  if (exact !== -1) return exact;
  const usual = names.findIndex((name) => columnNames.test(name));
  return usual === -1 ? undefined : usual;
}

function entryOf(line: number, value: unknown, field: string): AudienceEntry {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const parsed = MemberId.safeParse(typeof id === 'string' ? id.trim() : id);
  if (parsed.success) return { line, memberId: parsed.data };
  const missing = value === undefined || value === '' || value === null;
  const why = missing ? 'is missing' : (parsed.error.issues[0]?.message ?? 'is wrong');
  return { line, problem: `${field} ${why}` };
}
