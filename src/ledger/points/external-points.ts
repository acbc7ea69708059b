import type { TakeBacks } from '../../brand/accrual.ts';
import type { Earned, Kept } from '../programme/earning.ts';

/**
 * What a source counted for a purchase, and for how much: what comes back of the goods takes the same part of it with it.
 * `by` says what the parts are measured by; null where the source tells by itself what it takes back.
 */
export type ExternalTerms = {
  readonly external: Earned;
  readonly by: Measure | null;
  /** Of all that the points were counted for. */
  readonly whole: number;
};

/** Of the products' prices; of units, where these cost nothing; of money, where there are none. */
type Measure = 'prices' | 'units' | 'money';

/** What a source counted for this, with what is measured for it. */
export function externalTerms(external: Earned, goods: Kept, how: 'share' | 'told'): ExternalTerms {
  if (how === 'told') return { external, by: null, whole: 0 };
  const products = goods.lines.filter(({ kind }) => kind === 'product');
  const units = products.reduce((sum, { quantity }) => sum + quantity, 0);
  const prices = products.reduce((sum, one) => sum + one.quantity * one.unitPrice, 0);
  if (prices > 0) return { external, by: 'prices', whole: prices };
  return units > 0
    ? { external, by: 'units', whole: units }
    : { external, by: 'money', whole: goods.total };
}

/**
 * Of points that a source counted, those for what is kept: the same part as of the goods, rounded down (towards zero). The
 * difference of before and after is what a refund takes, so that any parts add up to the whole. What was added to the order
 * since earns nothing until the source says so.
 * @param kept false when all of it was given back or cancelled
 */
export function externalFor(
  { external, by, whole }: ExternalTerms,
  goods: Kept,
  kept: boolean,
): Earned {
  if (by === null) return external;
  if (!kept) return { points: 0, qualifying: 0 };
  const left = Math.min(measured(by, goods), whole);
  // Counted for what costs nothing and has no units: all of it, while it is kept.
  if (whole === 0 || left === whole) return external;
  const share = (points: number) => Number((BigInt(points) * BigInt(left)) / BigInt(whole));
  return { points: share(external.points), qualifying: share(external.qualifying) };
}

function measured(by: Measure, { lines, total, refunded }: Kept): number {
  if (by === 'money') return total - refunded;
  return lines.reduce(
    (sum, { kind, quantity, refundedQuantity, unitPrice }) =>
      kind === 'product'
        ? sum + (quantity - refundedQuantity) * (by === 'units' ? 1 : unitPrice)
        : sum,
    0,
  );
}

/** Who says what a refund takes back of what this source counted. */
export const takesBack = (rule: TakeBacks, source: string): 'share' | 'told' =>
  typeof rule === 'string'
    ? rule
    : Object.hasOwn(rule.sources, source)
      ? (rule.sources[source] ?? rule.otherwise)
      : rule.otherwise;
