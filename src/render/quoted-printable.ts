/** What the encoder does with each byte. */
const escape = 0;
const literal = 1;
const blank = 2;
const lineFeed = 3;
const carriageReturn = 4;
const dot = 5;
const capitalF = 6;

const actions = new Uint8Array(256).fill(literal, 0x21, 0x7f);
actions[0x3d] = escape;
actions[0x20] = blank;
actions[0x09] = blank;
actions[0x0a] = lineFeed;
actions[0x0d] = carriageReturn;
actions[0x2e] = dot;
actions[0x46] = capitalF;

const hex = Buffer.from('0123456789ABCDEF', 'latin1');
const maxLine = 76;

/** Bytes `encodeQuotedPrintable` may need at most for `bytes` bytes. */
export const quotedPrintableBound = (bytes: number) => Math.ceil(bytes * 3.2) + 8;

/**
 * Writes `input` to `out` from `start` as quoted-printable (RFC 2045 6.7) and returns where it ended. Lines of at most
 * 76 characters with CRLF; soft breaks never within a UTF-8 sequence; blanks at line ends, dots at line starts (SMTP
 * would double them) and a leading "From " (mail stores would mangle it) are escaped. Any line break counts as one.
 */
export function encodeQuotedPrintable(input: Buffer, out: Buffer, start: number): number {
  const end = input.length;
  let at = start;
  let column = 0;
  for (let i = 0; i < end; i++) {
    const byte = input[i] ?? 0;
    let action = actions[byte] ?? escape;
    if (action === lineFeed || action === carriageReturn) {
      if (action === carriageReturn && input[i + 1] === 0x0a) i++;
      out[at++] = 0x0d;
      out[at++] = 0x0a;
      column = 0;
      continue;
    }
    if (action === blank) action = endsLine(input, i + 1) ? escape : literal;
    const sequence = action === escape ? sequenceLength(byte) : 1;
    const width = action === escape ? 3 * sequence : 1;
    const room = maxLine - column;
    if (width >= room && !(width === room && endsLine(input, i + sequence))) {
      out[at++] = 0x3d;
      out[at++] = 0x0d;
      out[at++] = 0x0a;
      column = 0;
    }
    if (action === dot || action === capitalF) {
      const special = column === 0 && (action === dot || saysFrom(input, i));
      action = special ? escape : literal;
    }
    if (action === literal) {
      out[at++] = byte;
      column++;
    } else {
      out[at++] = 0x3d;
      out[at++] = hex[byte >> 4] ?? 0;
      out[at++] = hex[byte & 15] ?? 0;
      column += 3;
    }
  }
  return at;
}

function endsLine(input: Buffer, at: number): boolean {
  if (at >= input.length) return true;
  const next = input[at];
  return next === 0x0a || next === 0x0d;
}

/** Bytes of the UTF-8 sequence that starts with this byte; 1 within a sequence, where no break is due either. */
function sequenceLength(byte: number): number {
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

const saysFrom = (input: Buffer, at: number) =>
  input[at + 1] === 0x72 &&
  input[at + 2] === 0x6f &&
  input[at + 3] === 0x6d &&
  input[at + 4] === 0x20;
