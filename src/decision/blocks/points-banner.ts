import { isBeingAdded } from '../../contract/facts.ts';
import type { Money } from '../../core/money.ts';
import type { Block, BlockOutcome } from './block.ts';

/** What her points can pay of this purchase, now (S2). */
export type PointsBannerView = {
  readonly kind: 'order' | 'booking';
} & (
  | {
      readonly beingAdded: false;
      readonly activePoints: number;
      /** Usable here: active points, capped by what is still to pay. */
      readonly usablePoints: number;
      readonly worth: Money;
      /** True when points alone can pay all that is left. */
      readonly coversAll: boolean;
      /** Since when the balance may have changed; null while it is too young to say so. */
      readonly asOf: Date | null;
    }
  /** Points of this purchase are on their way: what she has is not said. */
  | { readonly beingAdded: true }
);

const hidden = (
  reason: Extract<BlockOutcome<never>, { kind: 'hide' }>['reason'],
  actual: number | string | boolean | null,
  needed: number | string | boolean,
  flip?: { text: string; set?: Record<string, number> },
): BlockOutcome<PointsBannerView> => ({
  kind: 'hide',
  reason,
  actual,
  needed,
  ...(flip && { flip }),
});

/**
 * Spendable points only (not pending, locked or expired), at least the programme's minimum, capped by the purchase,
 * and only while it can still be paid with points. Integer arithmetic: worth is rounded down to the minor unit.
 */
export const pointsBanner: Block<PointsBannerView> = {
  name: 'points-banner',
  version: 2,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['activePoints'], maxAgeMs: 5 * 60_000, older: 'dated' },
  view: (facts) => {
    const { profile, order, brand, age } = facts;
    if (!profile) return hidden('not-a-member', null, 'a member');
    if (!order) return hidden('not-in-template-data', null, 'a purchase in the data');
    if (isBeingAdded(facts)) return { kind: 'show', view: { kind: order.kind, beingAdded: true } };
    const { burn, currency } = brand.programme;
    if (order.payable.currency !== currency)
      return hidden('other-currency', order.payable.currency, currency);
    if (!order.payableWithPoints || order.payable.amount <= 0) {
      return hidden('not-payable', false, true, {
        text: 'The purchase can still be paid with points.',
      });
    }
    if (profile.activePoints < burn.minimum || profile.activePoints <= 0) {
      return hidden('too-few-points', profile.activePoints, burn.minimum, {
        text: `${burn.minimum} active points.`,
        set: { activePoints: burn.minimum },
      });
    }
    const pointsToCover = Math.ceil((order.payable.amount * burn.points) / burn.amount);
    const usablePoints = Math.min(profile.activePoints, pointsToCover);
    if (usablePoints < burn.minimum) return hidden('not-payable', usablePoints, burn.minimum);
    const worth = Math.min(
      Math.floor((usablePoints * burn.amount) / burn.points),
      order.payable.amount,
    );
    if (worth <= 0)
      return hidden('too-few-points', profile.activePoints, Math.ceil(burn.points / burn.amount));
    return {
      kind: 'show',
      actual: profile.activePoints,
      needed: burn.minimum,
      view: {
        beingAdded: false,
        activePoints: profile.activePoints,
        usablePoints,
        worth: { amount: worth, currency },
        coversAll: worth === order.payable.amount,
        kind: order.kind,
        asOf: age?.dated ? age.asOf : null,
      },
    };
  },
};
