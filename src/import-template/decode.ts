/**
 * The text of a file from elsewhere: UTF-8 with or without its mark, UTF-16 with it, else the Latin of Windows, of which
 * Latin-1 is a part. Line ends are `\n`.
 */
export function decode(bytes: Uint8Array): { readonly text: string; readonly encoding: string } {
  const encoding = encodingOf(bytes);
  const text =
    encoding === 'windows-1252'
      ? Buffer.from(bytes)
          .toString('latin1')
          .replace(/[\x80-\x9f]/g, (one) => windows[one.charCodeAt(0) - 0x80] ?? one)
      : new TextDecoder(encoding).decode(bytes);
  return { text: text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'), encoding };
}

/** What Windows has where Latin-1 has controls; the decoder of some versions of Node doesn't know. */
const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
