import { DateTime } from 'luxon';

/** Whether it is a zone such as `Europe/Berlin` that this machine knows. */
export const isTimeZone = (zone: string): boolean =>
  DateTime.fromMillis(0, { zone }).isValid && zone !== 'local' && zone !== 'system';

/**
 * Reads a time: `iso`, seconds (`unix`) or milliseconds since 1970, or a luxon pattern. What says no offset is taken to be in
 * `zone`; an hour that occurs twice there is the first of the two. Null where it isn't such a time.
 * @returns ISO 8601 with offset
 */
export function readInstant(text: string, format: string, zone: string): string | null {
  const found = read(text, format, zone);
  if (!found?.isValid || found.year < 1900 || found.year > 2200) return null;
  return found.toISO();
}

/**
 * Reads a day: `iso`, or a luxon pattern such as `dd.MM.yyyy`. Null where it isn't such a day.
 * @returns `1990-05-17`; `05-17` where the pattern has no year
 */
export function readDay(text: string, format: string): string | null {
  if (format === 'iso') return text;
  // Read in a leap year, where every day of a year there is exists.
  const dated = /[yu]/i.test(format);
  const found = dated
    ? DateTime.fromFormat(text, format, { zone: 'UTC' })
    : DateTime.fromFormat(`2000 ${text}`, `yyyy ${format}`, { zone: 'UTC' });
  return found.isValid ? found.toFormat(dated ? 'yyyy-MM-dd' : 'MM-dd') : null;
}

function read(text: string, format: string, zone: string): DateTime | undefined {
  switch (format) {
    case 'unix':
      return /^-?\d{1,11}$/.test(text) ? DateTime.fromSeconds(Number(text), { zone }) : undefined;
    case 'unix-ms':
      return /^-?\d{1,14}$/.test(text) ? DateTime.fromMillis(Number(text), { zone }) : undefined;
    case 'iso':
      return first(DateTime.fromISO(text, { zone, setZone: true }));
    default:
      return first(DateTime.fromFormat(text, format, { zone, setZone: true }));
  }
}

/** Which of two hours of the same name luxon takes depends on the day it is asked; the same text must stay the same time. */
const first = (found: DateTime): DateTime | undefined =>
  found.isValid
    ? found.getPossibleOffsets().toSorted((a, b) => a.toMillis() - b.toMillis())[0]
    : undefined;
