/** A number with places after the point, exactly: 0.75 is 75 with a scale of 2. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

/** @param text such as `-0.75` */
export function toDecimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(`${whole}${fraction}`.replace('+', '')), scale: fraction.length };
}

export const isDecimal = (value: unknown): value is Decimal =>
  typeof value === 'object' &&
  value !== null &&
  'digits' in value &&
  typeof value.digits === 'bigint';

/** The whole number it is; undefined where it is none. */
export function wholeOf({ digits, scale }: Decimal): number | undefined {
  const unit = 10n ** BigInt(scale);
  return digits % unit === 0n ? Number(digits / unit) : undefined;
}

/** An amount of minor units so many times, halves rounded away from zero. */
export function times(amount: number, { digits, scale }: Decimal): number {
  const unit = 10n ** BigInt(scale);
  const product = BigInt(amount) * digits;
  const half = product < 0n ? -unit : unit;
  return Number((product * 2n + half) / (unit * 2n));
}
