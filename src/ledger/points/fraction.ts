/** Exact arithmetic for rates and amounts: no float ever holds points or money. */
export type Fraction = { readonly n: bigint; readonly d: bigint };

export const fraction = (n: number | bigint, d: number | bigint = 1): Fraction => ({
  n: BigInt(n),
  d: BigInt(d),
});

/** A number as its decimal digits say it: 1.1 is 11/10. For what was written by hand, such as a factor in a programme. */
export function ofDecimal(value: number): Fraction {
  const [whole = '0', decimals = ''] = String(value).split('.');
  return fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

export const plus = (one: Fraction, other: Fraction): Fraction => ({
  n: one.n * other.d + other.n * one.d,
  d: one.d * other.d,
});

export const times = (one: Fraction, other: Fraction): Fraction => ({
  n: one.n * other.n,
  d: one.d * other.d,
});

export const isMore = (one: Fraction, other: Fraction): boolean =>
  one.n * other.d > other.n * one.d;

/** Rounded down; of what isn't negative. */
export const floor = ({ n, d }: Fraction): number => Number(n / d);

/** As stored: `11/1000`, in lowest terms. */
export function textOf({ n, d }: Fraction): string {
  let [a, b] = [n, d];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? '0/1' : `${n / a}/${d / a}`;
}

export function ofText(text: string): Fraction {
  const [n = '0', d = '1'] = text.split('/');
  return fraction(BigInt(n), BigInt(d));
}
