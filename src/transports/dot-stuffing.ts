import { PermanentError } from '../core/errors.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const EXTRA_DOT = Buffer.from('.');
const END = Buffer.from('.\r\n');
const LINE_AND_END = Buffer.from('\r\n.\r\n');

/** A mail as it goes over the wire after DATA: the parts in order, the last one ending in the final dot. */
export type Wire = {
  readonly parts: readonly Buffer[];
  /** Octets of the mail itself, for SIZE. */
  readonly size: number;
  readonly eightBit: boolean;
};

/**
 * Doubles leading dots (RFC 5321 4.5.2) and adds the final one, in one pass and without copying the mail.
 * @throws PermanentError `bad-mime` for a CR or LF that isn't part of CRLF: repaired by some servers and read as an end of data by
 * others, it would let text inside a mail smuggle a second one.
 */
export function toWire(mime: Buffer): Wire {
  const parts: Buffer[] = [];
  let from = 0;
  let seen = 0;
  let previous = LF;
  for (let at = 0; at < mime.length; at += 1) {
    const byte = mime[at] ?? 0;
    seen |= byte;
    if (byte === DOT && previous === LF) {
      parts.push(mime.subarray(from, at), EXTRA_DOT);
      from = at;
    } else if ((byte === LF) !== (previous === CR)) {
      throw new PermanentError('bad-mime', `the mail has a bare line break at byte ${at}`);
    }
    previous = byte;
  }
  if (previous === CR)
    throw new PermanentError('bad-mime', 'the mail has a bare line break at its end');
  parts.push(mime.subarray(from), previous === LF ? END : LINE_AND_END);
  return { parts, size: mime.length, eightBit: seen > 0x7f };
}
