export type Line = {
  /** From 1. */
  readonly line: number;
  /** Without the line break. */
  readonly bytes: Uint8Array;
  /** True when it was longer than the limit, and its rest was thrown away. */
  readonly cut: boolean;
};

const newline = 0x0a;

/** Splits a stream of bytes at its line breaks, holding one line of at most `maxBytes` (and a chunk) at a time. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let line = 1;
  const keep = (part: Uint8Array) => {
    if (size <= maxBytes) parts.push(part);
    size += part.length;
  };
  const take = (): Line => {
    const taken = { line, bytes: Buffer.concat(parts), cut: size > maxBytes };
    [parts, size, line] = [[], 0, line + 1];
    return taken;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, at));
      start = at + 1;
      yield take();
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (size > 0) yield take();
}
