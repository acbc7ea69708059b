import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { minorDigits, moneyText, toMinorUnits } from './money.ts';

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
