import { z } from 'zod';

/** A secret somebody chose: long enough, and not the same over and over, nor the alphabet. Says nothing of what it is. */
export const Secret = (least: number) =>
  z
    .string()
    .trim()
    .min(least, { error: `must have at least ${least} characters`, abort: true })
    .refine(
      (text) => new Set(text).size >= 8 && !repeats(text) && !counts(text),
      'can be guessed: it says the same over and over; make one with `openssl rand -hex 32`',
    );

/** Whether it is one piece twice or more, the last perhaps cut off. */
function repeats(text: string): boolean {
  for (let piece = 1; piece <= text.length / 2; piece += 1)
    if (text.startsWith(text.slice(piece))) return true;
  return false;
}

/** Whether most characters follow the one before them, or all but: `abcdef`, `987654`. */
function counts(text: string): boolean {
  const steps = Array.from({ length: text.length - 1 }, (_, at) =>
    Math.abs(text.charCodeAt(at + 1) - text.charCodeAt(at)),
  );
  return steps.filter((step) => step === 1).length > text.length / 2;
}
