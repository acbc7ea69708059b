import { z } from 'zod';

import type { Finding } from '../../contract/decision.ts';
import { isBeingAdded } from '../../contract/facts.ts';
import { Order } from '../../contract/order.ts';
import type { Reason } from '../../contract/reasons.ts';
import { Money } from '../../core/money.ts';
import { defineBlock } from './block.ts';

const { kind } = Order.shape;

/**
 * What the member's points can pay of this purchase, now (S2).
 *
 * Spendable points only (not pending, locked or expired), at least the programme's minimum, capped by the purchase,
 * and only while it can still be paid with points. Integer arithmetic: worth is rounded down to the minor unit.
 */
export const pointsBanner = defineBlock({
  name: 'points-banner',
  version: 2,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['activePoints'], maxAgeMs: 5 * 60_000, older: 'dated' },
  view: z.discriminatedUnion('beingAdded', [
    z.strictObject({
      kind,
      beingAdded: z.literal(false),
      activePoints: z.int(),
      /** Usable here: active points, capped by what is still to pay. */
      usablePoints: z.int(),
      worth: Money,
      /** True when points alone can pay all that is left. */
      coversAll: z.boolean(),
      /** Since when the balance may have changed; null while it is too young to say so. */
      asOf: z.date().nullable(),
    }),
    /** Points of this purchase are on their way: what the member has is not said. */
    z.strictObject({ kind, beingAdded: z.literal(true) }),
  ]),
  decide: (facts) => {
    const { profile, order, brand, age } = facts;
    if (!profile) return hidden('not-a-member', null, 'a member');
    if (!order) return hidden('not-in-template-data', null, 'a purchase in the data');
    if (isBeingAdded(facts))
      return { kind: 'show', view: { kind: order.kind, beingAdded: true as const } };
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
        beingAdded: false as const,
        activePoints: profile.activePoints,
        usablePoints,
        worth: { amount: worth, currency },
        coversAll: worth === order.payable.amount,
        kind: order.kind,
        asOf: age?.dated ? age.asOf : null,
      },
    };
  },
});

const hidden = (
  reason: Reason,
  actual: Finding['actual'],
  needed: Finding['needed'],
  flip?: Finding['flip'],
) => ({ kind: 'hide' as const, reason, actual, needed, ...(flip && { flip }) });
