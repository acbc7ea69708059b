import { InvalidArgumentError } from 'commander';

/** A time as somebody types it. */
export function timeOf(text: string): Date {
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('It must be a time such as 2026-11-20 or 2026-11-20T18:00Z.');
}

/** So many days, a year and a day at most. */
export function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 366) return days;
  throw new InvalidArgumentError('It must be a whole number from 1 to 366.');
}
