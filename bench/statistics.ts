/** The middle value; between the two middle ones for an even count. NaN of nothing. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which a share from 0 to 1 of them lies, interpolated. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** Median, least and most of repeated measurements. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** Pair by pair, so that a slow moment of the machine hits both sides. */
export const ratios = (ours: readonly number[], reference: readonly number[]): Spread =>
  spreadOf(ours.map((value, index) => value / (reference[index] ?? Number.NaN)));
