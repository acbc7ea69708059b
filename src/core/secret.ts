import { deflateRawSync } from 'node:zlib';

import { z } from 'zod';

/** A secret somebody chose: long enough, and not the same over and over, nor the alphabet. Says nothing of what it is. */
export const Secret = (least: number) =>
  z
    .string()
    .trim()
    .min(least, { error: `must have at least ${least} characters`, abort: true })
    .refine(
      (text) => new Set(text).size >= 8 && !repeats(Buffer.from(text)) && !repeats(steps(text)),
      'can be guessed: it says the same over and over; make one with `openssl rand -hex 32`',
    );

/** What chance made takes at least 60 % of its length. */
const repeats = (bytes: Uint8Array) => deflateRawSync(bytes).length < bytes.length / 2;

/** From each character to the next: always the same in `abcdef` and `987654`. */
const steps = (text: string) => {
  const bytes = Buffer.from(text);
  return bytes.map((byte, at) => byte - (bytes[at - 1] ?? byte));
};
