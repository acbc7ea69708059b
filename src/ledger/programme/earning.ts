import type { Earn, LineKind, OfLine, OfPurchase, Until } from '../../brand/accrual.ts';
import type { Programme } from '../../brand/brand.ts';
import { addMonths, endOf, localAt, startOfDay } from '../../core/calendar.ts';
import { minorDigits } from '../../core/money.ts';
import {
  type Fraction,
  floor,
  fraction,
  isMore,
  ofDecimal,
  ofText,
  plus,
  textOf,
  times,
} from '../points/fraction.ts';

/** A line of a purchase, as far as points depend on it. */
export type EarningLine = {
  readonly kind: LineKind;
  readonly productId: string;
  readonly category: string | null;
  readonly attributes: readonly string[];
  readonly quantity: number;
  readonly refundedQuantity: number;
  readonly unitPrice: number;
};

export type EarningPurchase = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly channel: string;
  readonly store: string | null;
  readonly currency: string;
  readonly total: number;
  readonly lines: readonly EarningLine[];
};

/** What else rules may ask; looked up only where one does. */
export type Circumstances = {
  readonly timeZone: string;
  readonly tierId: () => string;
  readonly isFirst: () => boolean;
};

/**
 * What a purchase earns by, fixed when it is counted and stored with it: whatever becomes of programme, products or tier
 * afterwards, what is given back takes with it exactly what it had earned.
 */
export type Terms = {
  readonly version: string;
  /** Points for a minor unit of each line, and at the base rate alone: fractions such as `11/1000`. */
  readonly rates: readonly (readonly [points: string, base: string])[];
  /** What earns beside the lines, in minor units: fees, or the whole of a purchase without lines. */
  readonly rest: number;
  readonly restRate: readonly [points: string, base: string];
  /** What of the lines' prices was paid, where the whole purchase was reduced; `1/1` else. */
  readonly share: string;
  readonly extras: readonly { readonly points: number; readonly minimum: number }[];
  readonly qualifying: Earn['qualifying'];
  readonly tierId: string | null;
  readonly first: boolean;
};

export type Earned = { readonly points: number; readonly qualifying: number };
const nothing: Earned = { points: 0, qualifying: 0 };

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Works out what a purchase earns by. Null where it earns nothing: another currency than the programme's. */
export function termsOf(
  purchase: EarningPurchase,
  { version, currency, earn }: Programme,
  circumstances: Circumstances,
): Terms | null {
  if (purchase.currency !== currency) return null;
  const base = fraction(earn.points, BigInt(earn.perAmount) * minorUnits(currency));
  const asked = { tier: null as string | null, first: false };
  const fits = (when: OfPurchase) => fitsPurchase(purchase, when, circumstances, asked);
  const multipliers = earn.multipliers.filter(({ when }) => fits(when));
  const rateOf = (line: EarningLine | null): [string, string] => {
    if (line && isExcluded(line, earn)) return ['0/1', '0/1'];
    const factors = multipliers
      .filter(({ when }) => fitsLine(line, when))
      .map((one) => ofDecimal(one.times));
    return [textOf(times(base, combined(factors, earn.combine))), textOf(base)];
  };
  const { lines, total } = purchase;
  const sum = lines.reduce((all, { unitPrice, quantity }) => all + unitPrice * quantity, 0);
  const beyond = Math.max(0, total - sum);
  return {
    version,
    rates: lines.map(rateOf),
    rest: lines.length === 0 ? total : earn.on === 'total' ? beyond : 0,
    restRate: rateOf(null),
    share: total < sum ? textOf(fraction(total, sum)) : '1/1',
    extras: earn.extras
      .filter(({ when }) => {
        if (!fits(when)) return false;
        if (when.first) asked.first = true;
        return !when.first || circumstances.isFirst();
      })
      .map(({ points, when }) => ({ points, minimum: when.minimumAmount ?? 0 })),
    qualifying: earn.qualifying,
    tierId: asked.tier,
    first: asked.first,
  };
}

/** What is kept of a purchase: its lines, and the total less what of it was paid back. */
export type Kept = {
  readonly lines: readonly EarningLine[];
  readonly total: number;
  readonly refunded: number;
};

/**
 * What is kept of a purchase earns, as one sum that is rounded down once. Giving back in parts takes the difference
 * between before and after, so that any parts add up to the whole. Of a purchase without lines, what was paid is kept.
 * @param kept false when all of it was given back or cancelled.
 */
export function earnedBy(terms: Terms, { lines, total, refunded }: Kept, kept: boolean): Earned {
  if (!kept) return nothing;
  const share = ofText(terms.share);
  const sums = { amount: fraction(0), points: fraction(0), base: fraction(0) };
  const count = (amount: Fraction, [points, base]: readonly [string, string]) => {
    const [rate, baseRate] = [ofText(points), ofText(base)];
    if (rate.n > 0n) sums.amount = plus(sums.amount, amount);
    sums.points = plus(sums.points, times(amount, rate));
    sums.base = plus(sums.base, times(amount, baseRate));
  };
  for (const [n, { quantity, refundedQuantity, unitPrice }] of lines.entries()) {
    const units = quantity - refundedQuantity;
    const rate = terms.rates[n];
    if (units > 0 && rate) count(times(fraction(BigInt(units) * BigInt(unitPrice)), share), rate);
  }
  const restKept =
    lines.length === 0 && total > 0 ? fraction(total - refunded, total) : fraction(1);
  count(times(fraction(terms.rest), restKept), terms.restRate);
  let extra = 0;
  for (const { points, minimum } of terms.extras)
    if (!isMore(fraction(minimum), sums.amount)) extra += points;
  const points = floor(sums.points) + extra;
  const qualifying = { all: points, base: floor(sums.base), none: 0 }[terms.qualifying];
  return { points, qualifying };
}

function combined(factors: readonly Fraction[], how: Earn['combine']): Fraction {
  const one = fraction(1);
  switch (how) {
    case 'highest':
      // Also of factors below 1: with one of these alone, the thing earns less.
      return factors.length === 0
        ? one
        : factors.reduce((best, factor) => (isMore(factor, best) ? factor : best));
    case 'product':
      return factors.reduce(times, one);
    case 'sum': {
      const sum = factors.reduce((all, factor) => plus(all, plus(factor, fraction(-1))), one);
      return sum.n > 0n ? sum : fraction(0);
    }
    default:
      return how satisfies never;
  }
}

const isExcluded = (
  { kind, category, productId }: EarningLine,
  { kinds, exclude: { categories = [], products = [] } }: Earn,
) =>
  !kinds.includes(kind) ||
  products.includes(productId) ||
  (category !== null && categories.includes(category));

function fitsPurchase(
  { at, channel, store }: EarningPurchase,
  when: OfPurchase,
  { timeZone, tierId }: Circumstances,
  asked: { tier: string | null },
): boolean {
  if (when.channels && !when.channels.includes(channel)) return false;
  if (when.stores && (store === null || !when.stores.includes(store))) return false;
  if (when.from !== undefined && at < startOfDay(when.from, timeZone)) return false;
  if (when.to !== undefined && at >= startOfDay(when.to, timeZone)) {
    // `to` is the last day: it counts to its end.
    const { year, month, day } = localAt(at, timeZone);
    const today = [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
    if (today > when.to) return false;
  }
  if (when.weekdays) {
    const { year, month, day } = localAt(at, timeZone);
    const weekday = weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
    if (!weekday || !when.weekdays.includes(weekday)) return false;
  }
  if (!when.tiers) return true;
  asked.tier = tierId();
  return when.tiers.includes(asked.tier);
}

/** @param line null for what has no line: conditions on lines don't fit it. */
function fitsLine(line: EarningLine | null, { categories, attributes, products }: OfLine): boolean {
  if (!line) return !categories && !attributes && !products;
  if (categories && (line.category === null || !categories.includes(line.category))) return false;
  if (products && !products.includes(line.productId)) return false;
  return !attributes || attributes.some((one) => line.attributes.includes(one));
}

/** Minor units of a major one: 100 cents, 1 yen, 1000 fils. */
const minorUnits = (currency: string): bigint => 10n ** BigInt(minorDigits(currency));

/** What the points of a purchase over this channel wait for. */
export function untilOf({ pendingUntil }: Programme, channel: string): Until {
  if (typeof pendingUntil === 'string') return pendingUntil;
  const { channels, otherwise } = pendingUntil;
  return (Object.hasOwn(channels, channel) ? channels[channel] : undefined) ?? otherwise;
}

/** When points earned at this instant lapse; undefined: never by a date of their own. */
export function expiryOf({ expiry }: Programme, at: number, timeZone: string): number | undefined {
  if (expiry?.after !== 'earning') return undefined;
  const exact = addMonths(at, expiry.months, timeZone);
  return expiry.end ? endOf(expiry.end, exact, timeZone) : exact;
}
