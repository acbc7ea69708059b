import { InvalidInput } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { splitLines } from './lines.ts';
import { broken, notUtf8, type Row, tooLong } from './row.ts';

/*
 * Reads JSON records one by one from a stream of any length, holding one record at a time.
 *
 * Three forms, told apart by their beginning: `[` is one array of records; a first line that is a whole value is
 * newline-delimited JSON, where a broken line says nothing about the next; anything else is values one after
 * another, over as many lines as they like.
 */
const [newline, quote, backslash, comma, openArray, closeArray] = [...Buffer.from('\n"\\,[]')];
const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
const opens = (byte: number) => byte === 0x7b || byte === 0x5b;
const closes = (byte: number) => byte === 0x7d || byte === 0x5d;

/** Yields every record in its order, broken ones too. */
export async function* readJson(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Row> {
  const { head, rest } = await peek(chunks, maxBytes);
  const bytes = startingWith(head, rest);
  const first = head.find((byte) => !isSpace(byte));
  if (first === openArray) yield* readValues(bytes, true, maxBytes);
  else if (staysOpen(head)) yield* readValues(bytes, false, maxBytes);
  else yield* readNdjson(bytes, maxBytes);
}

/** Yields a record a line, whatever it begins with. Blank lines don't count. */
export async function* readNdjson(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Row> {
  for await (const { line, bytes } of splitLines(chunks, maxBytes)) {
    if (!bytes) yield tooLong(line, maxBytes);
    else if (!bytes.every(isSpace)) yield parse(bytes, line);
  }
}

/** Reads on until the first line that isn't blank is whole. A byte order mark is left out. */
async function peek(chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
    const begin = head.findIndex((byte) => !isSpace(byte));
    if (head.length > maxBytes || (begin !== -1 && head.includes('\n', begin))) break;
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
  maxBytes: number,
): AsyncGenerator<Row> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let [line, startedAt, depth] = [1, 0, 0];
  let [inText, escaped, opened, ended] = [false, false, !inArray, false];
  const take = (): Row[] => {
    // One that is too large was told of when it became that.
    const rows = size > maxBytes ? [] : [parse(Buffer.concat(parts), startedAt)];
    [parts, size, startedAt, depth] = [[], 0, 0, 0];
    return rows;
  };

  for await (const chunk of chunks) {
    let from = -1; // where the current value begins in this chunk
    const keep = (to: number): Row[] => {
      if (from === -1) return [];
      const part = chunk.subarray(from, to);
      const told = size > maxBytes;
      [from, size] = [-1, size + part.length];
      if (size <= maxBytes) parts.push(Buffer.from(part));
      else parts = [];
      return size > maxBytes && !told ? [tooLong(startedAt, maxBytes)] : [];
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
        yield broken(line, '', 'comes after the end of the array');
        return;
      }
      const between = depth === 0;
      if (inArray && between && (byte === comma || byte === closeArray)) {
        const wasBegun = startedAt > 0;
        yield* keep(at);
        if (wasBegun) yield* take();
        ended = byte === closeArray;
        continue;
      }
      if (startedAt === 0) {
        if (isSpace(byte)) continue;
        startedAt = line;
        from = at;
      } else if (!inArray && between && isSpace(byte)) {
        yield* keep(at);
        yield* take();
        continue;
      }
      if (byte === quote) inText = true;
      else if (opens(byte)) depth += 1;
      else if (closes(byte) && depth > 0) {
        depth -= 1;
        if (depth === 0 && !inArray) {
          yield* keep(at + 1);
          yield* take();
        }
      }
    }
    yield* keep(chunk.length);
  }
  if (startedAt > 0) yield* take();
  else if (inArray && !ended) yield broken(line, '', 'the array is not closed: the file ends here');
}

function parse(bytes: Uint8Array, line: number): Row {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return broken(line, Buffer.from(bytes).toString('latin1'), notUtf8);
  }
  try {
    const value: unknown = JSON.parse(text);
    checkPayload(value);
    return { kind: 'row', line, text, value };
  } catch (error) {
    if (error instanceof InvalidInput) {
      const problems = error.problems.map((one) =>
        one.path === 'body' ? { ...one, path: 'record' } : one,
      );
      return { kind: 'broken', line, text, problems };
    }
    const why = error instanceof Error ? error.message : String(error);
    return broken(line, text, `is not valid JSON: ${shorten(why)}`);
  }
}

/** The parser quotes what it read, which may be somebody's data and long. */
const shorten = (why: string) => why.replace(/, (".*|\.\.\..*) is not valid JSON$/s, '');
