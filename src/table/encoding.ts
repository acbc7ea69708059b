/** What a file may be written in, where its first bytes don't say. */
export type Encoding = 'utf-8' | 'windows-1252';

/** The same text in UTF-8. What the file's first bytes say of its encoding counts before what is said for it. */
export async function* asUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
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
