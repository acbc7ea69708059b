import type { Offer } from '../../brand/catalogue.ts';
import { previewCode } from '../../contract/coupon.ts';
import type { Fact } from '../../contract/fact-text.ts';
import type { Facts } from '../../contract/facts.ts';

/** The code a mail shows for an offer. One that is still to be reserved is asked for by `couponsOf`, and the mail decided again. */
export function codeOf(offer: Offer, { coupons }: Facts): string | null {
  if (!offer.couponPool) return offer.code ?? null;
  const coupon = coupons?.get(offer.offerId);
  return coupon?.kind === 'code' ? coupon.code : previewCode;
}

/** Offers that are shown with a code of their pool. */
export const couponsOf = (offers: readonly Offer[]): readonly string[] =>
  offers.filter(({ couponPool }) => couponPool).map(({ offerId }) => offerId);

/** Why there is no offer to show: where but for a code there would be one, that. */
export function nothingToShow({ withoutCoupon }: Pick<Facts, 'withoutCoupon'>): {
  readonly kind: 'hide';
  readonly reason: 'no-coupon-left' | 'nothing-to-show';
  readonly actual: Fact;
  readonly needed: Fact;
} {
  return withoutCoupon.length > 0
    ? {
        kind: 'hide',
        reason: 'no-coupon-left',
        actual: withoutCoupon,
        needed: 'a code of its pool',
      }
    : {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: 0,
        needed: 'an offer that passes every rule',
      };
}
