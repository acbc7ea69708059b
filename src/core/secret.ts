import { z } from 'zod';

/** A secret somebody chose: long enough, and not one character over and over. Says nothing of what it is. */
export const Secret = (least: number) =>
  z
    .string()
    .trim()
    .min(least, { error: `must have at least ${least} characters`, abort: true })
    .refine(
      (text) => new Set(text).size >= 8,
      'can be guessed: it has fewer than 8 different characters; make one with `openssl rand -hex 32`',
    );
