import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { minorDigits, toMinorUnits } from './money.ts';

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
