import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { currencyDigits } from './currencies.ts';
import { Currency, minorDigits, moneyText, otherDigitsHere, toMinorUnits } from './money.ts';

it.each([
  ['12.50', 'EUR', 1250],
  ['12.5', 'EUR', 1250],
  ['12', 'EUR', 1200],
  ['0.29', 'EUR', 29],
  ['4.35', 'EUR', 435],
  ['-3.10', 'EUR', -310],
  ['-0.00', 'EUR', 0],
  ['1500', 'JPY', 1500],
  ['1500.00', 'JPY', 1500],
  ['1000000000000', 'JPY', 1_000_000_000_000],
  ['1.5', 'KWD', 1500],
  ['1.2345', 'EUR', null],
  ['1500.5', 'JPY', null],
  ['1,50', 'EUR', null],
  ['1e3', 'EUR', null],
  ['', 'EUR', null],
  ['.5', 'EUR', null],
  ['99999999999999', 'EUR', null],
])('takes %s %s as %s minor units', (text, currency, minor) => {
  expect(toMinorUnits(text, currency)).toBe(minor);
});

it.each([
  [1250, 'EUR', '12.50 EUR'],
  [5, 'EUR', '0.05 EUR'],
  [-305, 'EUR', '-3.05 EUR'],
  [1500, 'JPY', '1500 JPY'],
  [0, 'JPY', '0 JPY'],
  [1250, 'KWD', '1.250 KWD'],
  [-7, 'KWD', '-0.007 KWD'],
  [9_007_199_254_740_991, 'EUR', '90071992547409.91 EUR'],
])('writes %d of %s as %s', (amount, currency, text) => {
  expect(moneyText({ amount, currency })).toBe(text);
});

it('gives every amount back as it was written, whatever the currency', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 ** 12 }),
      fc.constantFrom('EUR', 'JPY', 'KWD', 'USD'),
      (minor, currency) => {
        const digits = minorDigits(currency);
        const padded = String(minor).padStart(digits + 1, '0');
        const text = digits === 0 ? padded : `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
        expect(toMinorUnits(text, currency)).toBe(minor);
      },
    ),
  );
});

it.each([
  ['EUR', 2],
  ['HUF', 2],
  ['PKR', 2],
  ['COP', 2],
  ['IDR', 2],
  ['RSD', 2],
  ['LAK', 2],
  ['ISK', 0],
  ['UGX', 0],
  ['KWD', 3],
  ['IQD', 3],
  ['CLF', 4],
])('L1: %s has %d digits, whatever the running machine says', (currency, digits) => {
  expect(minorDigits(currency)).toBe(digits);
});

it('L1: knows every currency there is, and takes none that isn’t', () => {
  // Metals, units of account, tests, and what was replaced before 2020 aren't paid with.
  const left = Intl.supportedValuesOf('currency').filter((code) => !currencyDigits.has(code));
  const paidWith = ['AED', 'BRL', 'CNY', 'HUF', 'INR', 'MRU', 'STN', 'SLE', 'VES', 'XOF', 'ZMW'];
  expect(left.filter((code) => paidWith.includes(code))).toEqual([]);
  for (const code of ['XXX', 'XAU', 'EURO', 'eur', 'DEM', 'ABC'])
    expect(Currency.safeParse(code).success).toBe(false);
  expect(currencyDigits.size).toBeGreaterThan(165);
  expect(() => minorDigits('ABC')).toThrow('"ABC" is not a currency');
});

it('L1: says where the running machine has other digits', () => {
  const others = [...currencyDigits.keys()].filter((code) => otherDigitsHere(code) !== null);
  expect(others).not.toContain('EUR');
  for (const code of others) expect(otherDigitsHere(code)?.digits).toBe(minorDigits(code));
});
