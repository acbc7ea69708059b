import { z } from 'zod';

import { tierNameIn } from '../../brand/tiers.ts';
import type { Order } from '../../contract/order.ts';
import { defineBlock } from './block.ts';

/** What the member's tier gives on this very purchase (S3): only what applies to this purchase and isn't already in it. */
export const entitlements = defineBlock({
  name: 'entitlements',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  view: z.strictObject({
    tier: z.string(),
    /** Their words: the text `entitlements.<id>`. */
    ids: z.array(z.string()),
  }),
  decide: ({ profile, order, brand, locale }) => {
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    if (!order)
      return {
        kind: 'hide',
        reason: 'not-in-template-data',
        actual: null,
        needed: 'a purchase in the data',
      };
    const tier = profile.currentTier.id;
    const ofTier = brand.programme.entitlements.filter(({ tiers }) => tiers.includes(tier));
    const applying = ofTier.filter(
      ({ appliesTo, when }) => appliesTo === order.kind && matches(when, order),
    );
    const extra = applying.filter(({ type }) => !order.includes.includes(type));
    if (extra.length > 0) {
      return {
        kind: 'show',
        actual: extra.map(({ id }) => id),
        needed: null,
        view: {
          tier: tierNameIn(brand.programme, locale, profile.currentTier),
          ids: extra.map(({ id }) => id),
        },
      };
    }
    if (applying.length > 0) {
      return {
        kind: 'hide',
        reason: 'already-included',
        actual: order.includes,
        needed: 'something the purchase does not include',
      };
    }
    const better = brand.programme.entitlements.filter(
      ({ type, appliesTo, when }) =>
        appliesTo === order.kind && matches(when, order) && !order.includes.includes(type),
    );
    const tiers = [...new Set(better.flatMap((one) => one.tiers))];
    const [first] = tiers;
    return {
      kind: 'hide',
      reason: 'not-entitled',
      actual: tier,
      needed: tiers,
      ...(first !== undefined && {
        flip: {
          text: `A tier with a benefit on this purchase: ${tiers.join(', ')}.`,
          set: { 'currentTier.id': first },
        },
      }),
    };
  },
});

function matches(
  when: Readonly<Record<string, readonly (string | number | boolean)[]>>,
  order: Order,
): boolean {
  return Object.entries(when).every(([attribute, values]) => {
    const value = order.attributes[attribute];
    return value !== undefined && values.includes(value);
  });
}
