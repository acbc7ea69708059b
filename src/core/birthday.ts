import { z } from 'zod';

const parts = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/;

/** `1990-05-17`, or `05-17` where the year isn't known; `--05-17`, as address books have it, is understood as well. */
export const Birthday = z
  .string()
  .trim()
  .overwrite((text) => text.replace(/^--(?=\d\d-)/, ''))
  .refine(isDay, 'must be a day such as 1990-05-17, or 05-17 without the year');

function isDay(text: string): boolean {
  const [, year = '2000', month, day] = parts.exec(text) ?? [];
  // Without a year it may be that of a leap year.
  const iso = `${year}-${month}-${day}`;
  const at = Date.parse(`${iso}T00:00:00Z`);
  return Number(year) >= 1900 && !Number.isNaN(at) && new Date(at).toISOString().startsWith(iso);
}

/** The day of a year on which somebody is greeted: of those born on 29 February the 28th in a common year. */
export function greetingDay(birthday: string, year: number): string {
  const [, , month = '', day = ''] = parts.exec(birthday) ?? [];
  const inCommonYear =
    month === '02' && day === '29' && new Date(Date.UTC(year, 1, 29)).getUTCMonth() !== 1;
  return `${year}-${month}-${inCommonYear ? '28' : day}`;
}

/** Days from `today` (`2026-11-20`) to the nearest greeting day: 0 on it, below zero after it. */
export function daysToGreeting(birthday: string, today: string): number {
  const year = Number(today.slice(0, 4));
  const days = [year - 1, year, year + 1].map(
    (one) => (Date.parse(greetingDay(birthday, one)) - Date.parse(today)) / 86_400_000,
  );
  return days.reduce((nearest, one) => (Math.abs(one) < Math.abs(nearest) ? one : nearest));
}
