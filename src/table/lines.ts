import { wrongLine } from './row.ts';

export type Line = {
  /** From 1. */
  readonly line: number;
  /** Without the line break; undefined where it is longer than the limit, which is told before its end has come. */
  readonly bytes: Uint8Array | undefined;
};

const [newline, carriageReturn] = [0x0a, 0x0d];

/** Splits a stream of bytes at its line breaks, holding one line of at most `maxBytes` (and a chunk) at a time. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let line = 1;
  for await (const chunk of chunks) {
    let start = 0;
    while (start < chunk.length) {
      const found = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, found === -1 ? chunk.length : found);
      const told = size > maxBytes;
      size += part.length;
      if (size > maxBytes) {
        parts = [];
        if (!told) yield { line, bytes: undefined };
      } else parts.push(part);
      if (found === -1) break;
      if (size <= maxBytes) yield { line, bytes: Buffer.concat(parts) };
      [parts, size, line] = [[], 0, line + 1];
      start = found + 1;
    }
  }
  if (size > 0 && size <= maxBytes) yield { line, bytes: Buffer.concat(parts) };
}

/** Lets a stream through as long as its lines are no longer than that. @throws InvalidInput naming the line that is */
export async function* withinLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let line = 1;
  let afterReturn = false;
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      size += 1;
      if (byte === newline || byte === carriageReturn) {
        if (byte === carriageReturn || !afterReturn) line += 1;
        size = 0;
      }
      afterReturn = byte === carriageReturn;
      if (size > maxBytes)
        throw wrongLine(line, `is longer than ${maxBytes.toLocaleString('en')} bytes`);
    }
    yield chunk;
  }
}
