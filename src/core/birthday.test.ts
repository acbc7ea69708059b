import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Birthday, daysToGreeting, greetingDay } from './birthday.ts';

describe('L15: a birthday', () => {
  it('is a day and a month, with the year or without', () => {
    expect(Birthday.parse('1990-05-17')).toBe('1990-05-17');
    expect(Birthday.parse(' 05-17 ')).toBe('05-17');
    expect(Birthday.parse('--05-17')).toBe('05-17');
    expect(Birthday.parse('02-29')).toBe('02-29');
    expect(Birthday.parse('2000-02-29')).toBe('2000-02-29');
  });

  it.each([
    '1990-02-29',
    '02-30',
    '13-01',
    '00-10',
    '05-32',
    '17.05.1990',
    '1890-05-17',
    '',
    '5-7',
  ])('is not %j', (text) => {
    expect(Birthday.safeParse(text).error?.issues[0]?.message).toBe(
      'must be a day such as 1990-05-17, or 05-17 without the year',
    );
  });

  it('is greeted on its day, of the 29th of February on the 28th in common years', () => {
    expect(greetingDay('1990-05-17', 2026)).toBe('2026-05-17');
    expect([2024, 2025, 2026, 2027, 2028, 2100].map((year) => greetingDay('02-29', year))).toEqual([
      '2024-02-29',
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
      '2100-02-28',
    ]);
  });

  it('is as near across the turn of the year', () => {
    expect(daysToGreeting('12-31', '2027-01-02')).toBe(-2);
    expect(daysToGreeting('01-02', '2026-12-31')).toBe(2);
    expect(daysToGreeting('2000-02-29', '2025-03-01')).toBe(-1);
    expect(daysToGreeting('2000-02-29', '2024-02-28')).toBe(1);
  });

  it('comes once a year, on a day that exists', () => {
    const anyDay = fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 1999, max: 2110 }), fc.boolean(), (day, year, said) => {
        const birthday = said ? day : day.slice(5);
        expect(Birthday.parse(birthday)).toBe(birthday);
        const days = Array.from({ length: 366 }, (_, n) =>
          new Date(Date.UTC(year, 0, 1 + n)).toISOString().slice(0, 10),
        ).filter((one) => one.startsWith(`${year}-`));
        expect(days.filter((one) => daysToGreeting(birthday, one) === 0)).toEqual([
          greetingDay(birthday, year),
        ]);
      }),
    );
  });
});
