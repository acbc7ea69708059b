import { z } from 'zod';

/** What became of the records and events of an import so far. */
export const Tally = z.strictObject({
  applied: z.int(),
  duplicate: z.int(),
  ignored: z.int(),
  /** Records that no event was for. */
  skipped: z.int(),
  /** Records that are in the file of rejects. */
  rejected: z.int(),
  /** How many were rejected, by reason; values are left out of the reasons. */
  reasons: z.record(z.string(), z.int()),
});
export type Tally = z.output<typeof Tally>;

export const emptyTally = (): Tally => ({
  applied: 0,
  duplicate: 0,
  ignored: 0,
  skipped: 0,
  rejected: 0,
  reasons: {},
});

/** So many reasons are told apart. */
const mostReasons = 100;

/** Counts a rejected record under each kind of reason once. */
export function countRejected(tally: Tally, reasons: readonly string[]): void {
  tally.rejected += 1;
  const kinds = new Set(
    reasons.map((one) => one.replace(/\[\d+\]/g, '[…]').replace(/"(?:[^"\\]|\\.)*"/g, '"…"')),
  );
  for (const kind of kinds) {
    const known = kind in tally.reasons || Object.keys(tally.reasons).length < mostReasons;
    const name = known ? kind : 'other reasons';
    tally.reasons[name] = (tally.reasons[name] ?? 0) + 1;
  }
}
