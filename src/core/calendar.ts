/** Dates of a place: instants (epoch milliseconds) and the calendar of an IANA time zone, of which Node has no own type. */

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
/** By zone and UTC day: the offset of the whole day, or null on a day that clocks change. Asking Intl takes microseconds. */
const offsets = new Map<string, Map<number, number | null>>();

/** Milliseconds that clocks there are ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  let days = offsets.get(zone);
  if (!days) offsets.set(zone, (days = new Map()));
  const day = Math.floor(at / dayMs);
  let offset = days.get(day);
  if (offset === undefined) {
    const [first, last] = [readOffset(day * dayMs, zone), readOffset((day + 1) * dayMs, zone)];
    offset = first === last ? first : null;
    days.set(day, offset);
  }
  return offset ?? readOffset(at, zone);
}

function readOffset(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Year, month (1–12), day and time of day as clocks there show it. */
export type Local = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Milliseconds since midnight. */
  readonly time: number;
};

export function localAt(at: number, zone: string): Local {
  const shifted = at + offsetAt(at, zone);
  const date = new Date(shifted);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    time: ((shifted % dayMs) + dayMs) % dayMs,
  };
}

/** The instant at which clocks there show this; months and days may overflow (`month: 13`). In a gap: after it. */
export function instantAt({ year, month, day, time }: Local, zone: string): number {
  const wanted = Date.UTC(year, month - 1, day) + time;
  // The offset before and after a change of clocks: the first that fits is the earlier of two readings.
  const [before, after] = [offsetAt(wanted - dayMs, zone), offsetAt(wanted + dayMs, zone)];
  for (const offset of [before, after])
    if (offsetAt(wanted - offset, zone) === offset) return wanted - offset;
  return wanted - before;
}

/** Asked for every mail, of the few dates that programmes name. */
const starts = new Map<string, number>();

/** Midnight at the beginning of that day, there. @param date such as `2026-11-27`, out of a programme */
export function startOfDay(date: string, zone: string): number {
  const key = `${zone} ${date}`;
  let start = starts.get(key);
  if (start === undefined) {
    const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
    start = instantAt({ year, month, day, time: 0 }, zone);
    starts.set(key, start);
  }
  return start;
}

/** The same day and time so many months later; the last of the month where it has no such day. */
export function addMonths(at: number, months: number, zone: string): number {
  const local = localAt(at, zone);
  const last = new Date(Date.UTC(local.year, local.month - 1 + months + 1, 0)).getUTCDate();
  return instantAt({ ...local, month: local.month + months, day: Math.min(local.day, last) }, zone);
}

/** Midnight at the end of the month, or of the year, that `at` lies in. */
export function endOf(unit: 'month' | 'year', at: number, zone: string): number {
  const { year, month } = localAt(at, zone);
  return instantAt({ year, month: unit === 'month' ? month + 1 : 13, day: 1, time: 0 }, zone);
}

/** The day there: `2026-11-20`. */
export function dayAt(at: number, zone: string): string {
  const { year, month, day } = localAt(at, zone);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The last day of what ends at an instant: what ends at midnight is good until the day before. */
export const lastDayOf = (endsAt: string, zone: string): string =>
  dayAt(Date.parse(endsAt) - 1, zone);
