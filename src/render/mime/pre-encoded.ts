import type { FixedText, PreEncodedHtml } from '../../contract/email.ts';
import {
  columnAt,
  encodeQuotedPrintable,
  escapeByte,
  lineBreak,
  mendBlank,
  quotedPrintableBound,
  softBreak,
  staysAsItIs,
} from './quoted-printable.ts';

/*
 * The mark of a fixed text is one character of the private use area. Everything a template puts beside fixed texts is
 * escaped to ASCII, so that no value can be taken for a mark.
 */
const firstMark = 0xe000;
const lastMark = 0xf8ff;
/** Shorter ones cost less where they stand. */
const shortest = 6;

/** Collects the fixed texts of one template. */
export type FixedTexts = {
  /** What to write in place of the text: its mark, or the text itself where a mark isn't worth it. */
  readonly mark: (text: string) => string;
  /** Characters that what was written in its place stands for. */
  readonly sizeOf: (written: string) => number;
  readonly all: readonly FixedText[];
};

export function collectFixed(): FixedTexts {
  const all: FixedText[] = [];
  const marks = new Map<string, string>();
  const mark = (text: string) => {
    if (text.length < shortest && /^[\t\n -~]*$/.test(text)) return text;
    const known = marks.get(text);
    if (known !== undefined) return known;
    const code = firstMark + all.length;
    // More texts than marks: what is left stands where it is.
    if (code > lastMark) return text;
    const made = String.fromCharCode(code);
    marks.set(text, made);
    all.push(fixedText(text));
    return made;
  };
  const sizeOf = (written: string) =>
    all[written.charCodeAt(0) - firstMark]?.text.length ?? written.length;
  return { mark, sizeOf, all };
}

function fixedText(text: string): FixedText {
  // Something always follows it, be it a soft break: the encoder has to know, to leave room in the last line.
  const input = Buffer.from(`${text}x`);
  const out = Buffer.alloc(quotedPrintableBound(input.length));
  let end = encodeQuotedPrintable(input, out, 0) - 1;
  if (out.toString('latin1', end - 3, end) === '=\r\n') end -= 3;
  return { text, encoded: Uint8Array.from(out.subarray(0, end)), endColumn: columnAt(out, end) };
}

/** The html in one string. */
export const spellOut = ({ written, fixed }: PreEncodedHtml): string =>
  written.replace(
    /[\uE000-\uF8FF]/g,
    (mark) => fixed[mark.charCodeAt(0) - firstMark]?.text ?? mark,
  );

/**
 * Writes the html to `out` from `start` as quoted-printable and returns where it ended. A fixed text starts a line of its
 * own, after a soft break; what is decoded is the same as from `encodeQuotedPrintable` of the whole.
 * @returns null where `out` is too short for it
 */
export function encodePreEncoded(
  { written, fixed }: PreEncodedHtml,
  out: Uint8Array,
  start: number,
): number | null {
  // Room is looked for where a fixed text comes: of what stands between them there is always enough.
  const room = out.length - quotedPrintableBound(written.length);
  if (start > room) return null;
  let at = start;
  let column = 0;
  for (let i = 0; i < written.length; i += 1) {
    const code = written.charCodeAt(i);
    if (code >= firstMark) {
      const piece = fixed[code - firstMark];
      if (!piece) throw new Error('a mark without its text');
      if (at + piece.encoded.length + softBreakBytes > room) return null;
      if (column > 0) at = softBreak(out, at);
      out.set(piece.encoded, at);
      at += piece.encoded.length;
      column = piece.endColumn;
    } else if (code === 0x0a || code === 0x0d) {
      if (code === 0x0d && written.charCodeAt(i + 1) === 0x0a) i += 1;
      at = lineBreak(out, mendBlank(out, at, column));
      column = 0;
    } else {
      if (column > lastColumn) {
        at = softBreak(out, at);
        column = 0;
      }
      if (staysAsItIs(code) && !(column === 0 && mustNotStart(written, i))) {
        out[at++] = code;
        column += 1;
      } else {
        at = escapeByte(code, out, at);
        column += 3;
      }
    }
  }
  return mendBlank(out, at, column);
}

const softBreakBytes = 3;
/** Room for one escaped character and a soft break's "=". */
const lastColumn = 72;

const mustNotStart = (text: string, at: number) =>
  text[at] === '.' || (text[at] === 'F' && text.startsWith('From ', at));
