import { hide, type OfferRule, pass } from './rule.ts';

/** An offer whose codes come from a pool needs one for this member. */
export const couponLeft: OfferRule = {
  name: 'coupon-left',
  version: 1,
  check: ({ offer, facts: { coupons } }) => {
    if (!offer.couponPool || !coupons) return pass();
    const coupon = coupons.get(offer.offerId) ?? ({ kind: 'none', why: 'empty' } as const);
    if (coupon.kind !== 'none') return pass({ actual: coupon.kind, needed: 'a code' });
    return hide('no-coupon-left', {
      actual: coupon.why,
      needed: 'a code of its pool',
      flip: { text: 'Import or generate more codes for the offer.' },
    });
  },
};
