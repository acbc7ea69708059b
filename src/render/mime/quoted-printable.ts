/** Bytes that stay as they are within a line: printable ASCII but "=", and blanks (those at a line's end are mended there). */
const stays = new Uint8Array(256).fill(1, 0x20, 0x7f);
stays[0x3d] = 0;
stays[0x09] = 1;

/** Whether a character needs no escaping within a line. */
export const staysAsItIs = (code: number) => stays[code] === 1;

const hex = new Uint8Array(Buffer.from('0123456789ABCDEF', 'latin1'));
const maxLine = 76;

/** Bytes `encodeQuotedPrintable` may need at most for `bytes` bytes. */
export const quotedPrintableBound = (bytes: number) => Math.ceil(bytes * 3.2) + 16;

/**
 * Writes `input` to `out` from `start` as quoted-printable (RFC 2045 6.7) and returns where it ended. Lines of at most
 * 76 characters with CRLF; soft breaks never within a UTF-8 sequence; blanks at line ends, dots at line starts (SMTP
 * would double them) and a leading "From " (mail stores would mangle it) are escaped. Any line break counts as one.
 */
export function encodeQuotedPrintable(input: Uint8Array, out: Uint8Array, start: number): number {
  const end = input.length;
  let at = start;
  let column = 0;
  let i = 0;
  while (i < end) {
    if (column === 0 && mustNotStartLine(input, i)) {
      at = escapeByte(input[i++] ?? 0, out, at);
      column = 3;
    }
    // Nearly everything happens in this loop. The last column is kept for a soft break's "=".
    const from = i;
    const stop = Math.min(end, i + maxLine - 1 - column);
    while (i < stop && stays[input[i] ?? 0] === 1) out[at++] = input[i++] ?? 0;
    column += i - from;
    if (i >= end) break;

    const byte = input[i] ?? 0;
    if (byte === 0x0a || byte === 0x0d) {
      at = lineBreak(out, mendBlank(out, at, column));
      column = 0;
      i += byte === 0x0d && input[i + 1] === 0x0a ? 2 : 1;
      continue;
    }
    const literal = stays[byte] === 1;
    const length = literal ? 1 : sequenceLength(byte);
    const width = literal ? 1 : 3 * length;
    const room = maxLine - column;
    if (width > room || (width === room && !endsLine(input, i + length))) {
      out[at++] = 0x3d;
      at = lineBreak(out, at);
      column = 0;
    } else if (literal) {
      out[at++] = byte;
      i++;
      column++;
    } else {
      for (const last = Math.min(end, i + length); i < last; i++)
        at = escapeByte(input[i] ?? 0, out, at);
      column += width;
    }
  }
  return mendBlank(out, at, column);
}

/** How much of its last line is written in `out` up to `end`. */
export function columnAt(out: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && out[at - 1] !== 0x0a) at -= 1;
  return end - at;
}

/** Ends a line without ending the text's. */
export function softBreak(out: Uint8Array, at: number): number {
  out[at] = 0x3d;
  return lineBreak(out, at + 1);
}

/** A blank before a line break or the end would be lost on the way. */
export function mendBlank(out: Uint8Array, end: number, column: number): number {
  const last = out[end - 1];
  if (column === 0 || (last !== 0x20 && last !== 0x09)) return end;
  let at = end - 1;
  if (column + 2 > maxLine) {
    out[at++] = 0x3d;
    at = lineBreak(out, at);
  }
  return escapeByte(last, out, at);
}

export function escapeByte(byte: number, out: Uint8Array, at: number): number {
  out[at] = 0x3d;
  out[at + 1] = hex[byte >> 4] ?? 0;
  out[at + 2] = hex[byte & 15] ?? 0;
  return at + 3;
}

export function lineBreak(out: Uint8Array, at: number): number {
  out[at] = 0x0d;
  out[at + 1] = 0x0a;
  return at + 2;
}

const endsLine = (input: Uint8Array, at: number) =>
  at >= input.length || input[at] === 0x0a || input[at] === 0x0d;

/** Bytes of the UTF-8 sequence that starts with this byte. */
function sequenceLength(byte: number): number {
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

const mustNotStartLine = (input: Uint8Array, at: number) =>
  input[at] === 0x2e ||
  (input[at] === 0x46 &&
    input[at + 1] === 0x72 &&
    input[at + 2] === 0x6f &&
    input[at + 3] === 0x6d &&
    input[at + 4] === 0x20);
