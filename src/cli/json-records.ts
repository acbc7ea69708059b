import { splitLines } from './lines.ts';

/*
 * Reads JSON records one by one from a stream of any length, holding one record at a time.
 *
 * Three forms, told apart by their beginning: `[` is one array of records; a first line that is a whole value is
 * newline-delimited JSON, where a broken line says nothing about the next; anything else is values one after
 * another, over as many lines as they like.
 */
export type JsonRecord = {
  /** Where it begins, from 1. */
  readonly line: number;
  /** As it was written, for a file of rejects; empty where it was too long to keep. */
  readonly text: string;
} & (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'broken'; readonly problem: string }
);

/** A record larger than this is refused. */
const maxBytes = 1_000_000;

const [newline, quote, backslash, comma, openArray, closeArray] = [...Buffer.from('\n"\\,[]')];
const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
const opens = (byte: number) => byte === 0x7b || byte === 0x5b;
const closes = (byte: number) => byte === 0x7d || byte === 0x5d;

/** Yields every record in its order, broken ones too. */
export async function* readJsonRecords(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<JsonRecord> {
  const { head, rest } = await peek(chunks);
  const bytes = startingWith(head, rest);
  const first = head.find((byte) => !isSpace(byte));
  if (first === openArray) yield* readValues(bytes, true);
  else if (staysOpen(head)) yield* readValues(bytes, false);
  else {
    for await (const { line, bytes: record, cut } of splitLines(bytes, maxBytes)) {
      if (cut) yield tooLong(line);
      else if (!record.every(isSpace)) yield parse(record, line);
    }
  }
}

/** Reads on until the first line that isn't blank is whole. A byte order mark is left out. */
async function peek(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
    const begin = head.findIndex((byte) => !isSpace(byte));
    if (begin !== -1 && (head.includes('\n', begin) || head.length > maxBytes)) break;
  }
  if (head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) head = head.subarray(3);
  return { head, rest: { [Symbol.asyncIterator]: () => iterator } };
}

async function* startingWith(head: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield head;
  yield* rest;
}

/** Whether the first line only begins a value. A line broken off within a text is a broken line, not a long value. */
function staysOpen(head: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let begun = false;
  for (const byte of head) {
    if (byte === newline && begun) break;
    if (!isSpace(byte)) begun = true;
    if (inText) {
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (opens(byte)) depth += 1;
    else if (closes(byte)) depth -= 1;
  }
  return depth > 0 && !inText;
}

/** Cuts values out of the stream by their brackets alone, so that only one is in memory. */
async function* readValues(
  chunks: AsyncIterable<Uint8Array>,
  inArray: boolean,
): AsyncGenerator<JsonRecord> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let [line, startedAt, depth] = [1, 0, 0];
  let [inText, escaped, opened, ended] = [false, false, !inArray, false];
  const take = (): JsonRecord => {
    const bytes = Buffer.concat(parts);
    const record = size > maxBytes ? tooLong(startedAt) : parse(bytes, startedAt);
    [parts, size, startedAt, depth] = [[], 0, 0, 0];
    return record;
  };

  for await (const chunk of chunks) {
    let from = -1; // where the current value begins in this chunk
    const keep = (to: number) => {
      if (from === -1) return;
      const part = chunk.subarray(from, to);
      if (size <= maxBytes) parts.push(Buffer.from(part));
      size += part.length;
      from = -1;
    };
    if (startedAt > 0) from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === newline) line += 1;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inText = false;
        continue;
      }
      if (!opened) {
        opened = byte === openArray;
        continue;
      }
      if (ended) {
        if (isSpace(byte)) continue;
        yield { kind: 'broken', line, text: '', problem: 'comes after the end of the array' };
        return;
      }
      const between = depth === 0;
      if (inArray && between && (byte === comma || byte === closeArray)) {
        const wasBegun = startedAt > 0;
        keep(at);
        if (wasBegun) yield take();
        ended = byte === closeArray;
        continue;
      }
      if (startedAt === 0) {
        if (isSpace(byte)) continue;
        startedAt = line;
        from = at;
      } else if (!inArray && between && isSpace(byte)) {
        keep(at);
        yield take();
        continue;
      }
      if (byte === quote) inText = true;
      else if (opens(byte)) depth += 1;
      else if (closes(byte) && depth > 0) {
        depth -= 1;
        if (depth === 0 && !inArray) {
          keep(at + 1);
          yield take();
        }
      }
    }
    keep(chunk.length);
  }
  if (startedAt > 0) yield take();
  else if (inArray && !ended)
    yield {
      kind: 'broken',
      line,
      text: '',
      problem: 'the array is not closed: the file ends here',
    };
}

function parse(bytes: Uint8Array, line: number): JsonRecord {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    const problem = 'is not UTF-8 text; save the file as UTF-8';
    return { kind: 'broken', line, text: Buffer.from(bytes).toString('latin1'), problem };
  }
  try {
    return { kind: 'value', line, text, value: JSON.parse(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'broken', line, text, problem: `is not valid JSON: ${shorten(why)}` };
  }
}

/** The parser quotes what it read, which may be somebody's data and long. */
const shorten = (why: string) => why.replace(/, (".*|\.\.\..*) is not valid JSON$/s, '');

const tooLong = (line: number): JsonRecord => ({
  kind: 'broken',
  line,
  text: '',
  problem: `is larger than ${maxBytes.toLocaleString('en')} bytes`,
});
