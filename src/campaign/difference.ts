/** Something that was measured of so many. */
export type Sample = { readonly count: number; readonly mean: number; readonly variance: number };

/** A difference of means, with the bounds within which it lies with 95 % confidence; null where a sample is too small. */
export type Difference = {
  readonly value: number;
  readonly from: number;
  readonly to: number;
} | null;

/** Fewer in a sample say nothing: the normal curve doesn't fit them. */
const fewest = 30;
/** Of the normal curve, 95 %. */
const z95 = 1.959964;

/** The first mean less the second with its confidence interval, the variances being what they are in each (Welch). */
export function difference(first: Sample, second: Sample): Difference {
  if (Math.min(first.count, second.count) < fewest) return null;
  const value = first.mean - second.mean;
  const margin = z95 * Math.sqrt(first.variance / first.count + second.variance / second.count);
  return { value, from: value - margin, to: value + margin };
}

/** So many of so many, as a sample of noughts and ones. */
export function shareSample(hits: number, count: number): Sample {
  const mean = count === 0 ? 0 : hits / count;
  return { count, mean, variance: count < 2 ? 0 : (mean * (1 - mean) * count) / (count - 1) };
}
