import { z } from 'zod';

import { currencyDigits } from './currencies.ts';

export const Currency = z
  .string()
  .refine((code) => currencyDigits.has(code), 'must be an ISO 4217 code such as EUR');

/** An amount in the currency's minor unit (cents; whole yen), so that no float ever holds money. */
export const Money = z.strictObject({ amount: z.int(), currency: Currency });
export type Money = z.infer<typeof Money>;

/**
 * Digits after the point in a currency's amounts: 2 for EUR, 0 for JPY, 3 for KWD. From a table of ours: what the running
 * machine says of it changes with its version, and stored amounts must not.
 * @throws RangeError for a code that isn't a currency's
 */
export function minorDigits(currency: string): number {
  const digits = currencyDigits.get(currency);
  if (digits === undefined) throw new RangeError(`"${currency}" is not a currency of ISO 4217`);
  return digits;
}

/** Where the running machine says otherwise of a currency's digits, or doesn't know it; null where it agrees. */
export function otherDigitsHere(
  currency: string,
): { readonly digits: number; readonly here: number } | null {
  const digits = currencyDigits.get(currency) ?? 2;
  const here = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits;
  return here === undefined || here === digits ? null : { digits, here };
}

/** For people who look after it, digit by digit: `12.50 EUR`, `1500 JPY`, `1.250 KWD`. Mails have their locale's format. */
export function moneyText({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return `${amount < 0 ? '-' : ''}${decimal} ${currency}`;
}

const pieces = /^([+-]?)(\d{1,13})(?:\.(\d{1,12}))?$/;

/**
 * A decimal amount such as `12.50` in minor units, digit by digit: no floating point, no rounding. Null where it isn't
 * an amount, is of no currency there is, or has more digits than its currency (zeros at the end don't count).
 */
export function toMinorUnits(text: string, currency: string): number | null {
  const [, sign, whole, fraction = ''] = pieces.exec(text.trim()) ?? [];
  const digits = currencyDigits.get(currency);
  if (whole === undefined || digits === undefined) return null;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > digits) return null;
  const amount = Number(`${whole}${significant.padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(amount)) return null;
  return sign === '-' && amount !== 0 ? -amount : amount;
}
