const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "2 hours ago", "tomorrow", "in 3 days": words for the time between two instants in one locale. */
export function relativeTime(locale: string, timeZone: string): (at: Date, from: Date) => string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const dayOf = (date: Date) => Date.parse(`${calendar.format(date)}T00:00:00Z`) / day;
  return (at, from) => {
    const between = at.getTime() - from.getTime();
    const size = Math.abs(between);
    if (size < minute) return words.format(0, 'second');
    if (size < hour) return words.format(Math.trunc(between / minute), 'minute');
    const days = dayOf(at) - dayOf(from);
    // Yesterday evening was a few hours ago until a day has passed; from then on it is the calendar that counts.
    if (size < day || days === 0) return words.format(Math.trunc(between / hour), 'hour');
    if (Math.abs(days) < 14) return words.format(days, 'day');
    if (Math.abs(days) < 60) return words.format(Math.trunc(days / 7), 'week');
    if (Math.abs(days) < 730) return words.format(Math.trunc(days / 30.44), 'month');
    return words.format(Math.trunc(days / 365.25), 'year');
  };
}
