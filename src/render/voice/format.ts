import { PermanentError } from '../../core/errors.ts';
import { memo } from '../../core/memo.ts';
import { minorDigits } from '../../core/money.ts';
import { relativeTime } from './relative-time.ts';
import type { TextMessages } from './text-messages.ts';

const dateStyles = {
  short: { day: 'numeric', month: 'short', year: 'numeric' },
  long: { day: 'numeric', month: 'long', year: 'numeric' },
  dayMonth: { day: 'numeric', month: 'long' },
  monthYear: { month: 'long', year: 'numeric' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long' },
  time: { timeStyle: 'short' },
  dateTime: { dateStyle: 'long', timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export type DateStyle = keyof typeof dateStyles;

export const isDateStyle = (style: string): style is DateStyle => Object.hasOwn(dateStyles, style);

/**
 * Numbers, amounts and dates in words of one brand and locale. Templates hand in what the data holds, so values are
 * checked here. Every function throws PermanentError `bad-value` for null, NaN or anything it can't show.
 */
export type Format = {
  /** `{ amount, currency }`, or an amount and its currency; minor units (cents, whole yen). */
  readonly money: (value: unknown, currency?: unknown) => string;
  /** An amount that is taken off: −€0.50, its sign where the language has it. */
  readonly minus: (value: unknown, currency?: unknown) => string;
  /** A whole number of points under the brand's name for them; below zero with the sign `minus` has. */
  readonly points: (value: unknown) => string;
  readonly number: (value: unknown) => string;
  /** 82 is 82 %. */
  readonly percent: (value: unknown) => string;
  /** A Date, an ISO instant, a mere day such as `2026-12-31`, which stays that day everywhere, or, as a
   * `time`, `07:30` on the wall clock. */
  readonly date: (
    value: unknown,
    style?: DateStyle,
    options?: { readonly timeZone?: unknown },
  ) => string;
  /** "2 hours ago", "in 3 days": how far an instant is from another, which is the view's `now`. It ages in the inbox. */
  readonly relative: (at: unknown, from: unknown) => string;
  /** 1 is January. */
  readonly month: (value: unknown) => string;
  /** The brand's words for an entitlement of its programme. */
  readonly entitlement: (id: unknown) => string;
};

type Setting = {
  readonly locale: string;
  readonly timeZone: string;
  readonly messages: TextMessages;
  /** The currency whose sign is never mistaken: £ rather than UK£. */
  readonly currency?: string;
};

export function formatFor({ locale, timeZone, messages, currency: own }: Setting): Format {
  const decimal = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const relative = relativeTime(locale, timeZone);
  const months = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  const currencies = new Map<string, (amount: number) => string>();
  const dates = new Map<string, (instant: number) => string>();

  const currencyFormat = (code: string) => {
    let found = currencies.get(code);
    if (!found) {
      const digits = minorDigits(code);
      const format = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: code,
        currencyDisplay: code === own ? 'narrowSymbol' : 'symbol',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      const unit = 10 ** digits;
      found = memo((amount) => format.format(amount / unit + 0));
      currencies.set(code, found);
    }
    return found;
  };
  const dateFormat = (style: DateStyle, zone: string) => {
    const key = `${style} ${zone}`;
    let found = dates.get(key);
    if (!found) {
      try {
        const format = new Intl.DateTimeFormat(locale, { ...dateStyles[style], timeZone: zone });
        // A clock's hour and its half of the day are one word: 8:12 AM.
        found = memo(
          (instant) => format.format(instant).replace(/(\d:\d\d)\s([AP]M|ص|م)/, '$1\u00a0$2'),
          500,
        );
      } catch (error) {
        throw new PermanentError('bad-value', `date: "${zone}" is not a time zone`, {
          cause: error,
        });
      }
      // Zones can come out of data: bounded, so that a worker's memory is too.
      if (dates.size < 500) dates.set(key, found);
    }
    return found;
  };

  const figure = /[^\p{L}\p{Nd}\s]*\p{Nd}[\p{Nd}.,٬\u00a0\u202f\u2019']*/u;
  // The words for a debt of one or two may have no figure, as Arabic's for one and two have none: those for many do.
  const belowZero = (count: number) => {
    const said = messages.text('points', { count });
    const counted = figure.test(said) ? said : messages.text('points', { count: 11 });
    return counted.replace(figure, `\u2212${decimal.format(-count)}`);
  };

  return {
    money: (value, currency) => {
      const { amount, code } = moneyOf(value, currency);
      return currencyFormat(code)(amount);
    },
    minus: (value, currency) => {
      const { amount, code } = moneyOf(value, currency);
      return currencyFormat(code)(-amount).replace('-', '\u2212');
    },
    points: (value) => {
      const count = whole('points', value);
      return count < 0 ? belowZero(count) : messages.text('points', { count });
    },
    number: (value) => decimal.format(finite('number', value)),
    percent: (value) => percents.format(finite('percent', value) / 100),
    date: (value, style = 'long', options = {}) => {
      if (!isDateStyle(style)) throw bad('date', style, `one of ${dateStyleNames}`);
      if (style === 'time' && typeof value === 'string' && clock.test(value))
        return dateFormat('time', 'UTC')(Date.parse(`1970-01-01T${value}:00Z`));
      const { instant, day } = dateOf(value);
      const zone = options.timeZone ?? timeZone;
      if (typeof zone !== 'string') throw bad('date', zone, 'a time zone such as Europe/Berlin');
      return dateFormat(style, day ? 'UTC' : zone)(instant.getTime());
    },
    relative: (at, from) => {
      const [one, other] = [dateOf(at), dateOf(from)];
      if (one.day || other.day) throw bad('relative', at, 'two instants, not a mere day');
      return relative(one.instant, other.instant);
    },
    month: (value) => {
      const month = whole('month', value);
      if (month < 1 || month > 12) throw bad('month', value, 'a month from 1 to 12');
      return months.format(Date.UTC(2000, month - 1, 1));
    },
    entitlement: (id) => {
      if (typeof id !== 'string') throw bad('entitlement', id, "an entitlement's id");
      return messages.text(`entitlements.${id}`);
    },
  };
}

/** A time on the wall clock, which no time zone moves. */
const clock = /^([01]\d|2[0-3]):[0-5]\d$/;

export const dateStyleNames = Object.keys(dateStyles).join(', ');

function moneyOf(value: unknown, currency: unknown): { amount: number; code: string } {
  const [amount, code] =
    typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value
      ? [value.amount, value.currency]
      : [value, currency];
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount))
    throw bad('money', amount, 'a whole number of minor units, or { amount, currency }');
  if (typeof code !== 'string' || !/^[A-Z]{3}$/.test(code))
    throw bad('money', code, 'a currency such as EUR');
  return { amount, code };
}

function dateOf(value: unknown): { instant: Date; day: boolean } {
  const day = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  const instant =
    value instanceof Date
      ? value
      : day ||
          (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(value))
        ? new Date(value)
        : null;
  if (!instant || Number.isNaN(instant.getTime()))
    throw bad('date', value, 'a date, or an instant with its offset');
  return { instant, day };
}

function finite(helper: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(helper, value, 'a number');
  return value;
}

function whole(helper: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw bad(helper, value, 'a whole number');
  return value;
}

function bad(helper: string, value: unknown, needed: string): PermanentError {
  const shown =
    typeof value === 'string'
      ? `"${value.slice(0, 40)}"`
      : typeof value === 'object' && value !== null && !(value instanceof Date)
        ? 'an object'
        : String(value);
  return new PermanentError('bad-value', `${helper}: needs ${needed}, got ${shown}`);
}
