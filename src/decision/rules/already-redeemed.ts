import { hide, type OfferRule, pass } from './rule.ts';

/** An offer she has redeemed as often as one member may is over for her. */
export const alreadyRedeemed: OfferRule = {
  name: 'already-redeemed',
  version: 1,
  check: ({ offer, facts: { profile } }) => {
    const used = profile.coupons.filter(
      ({ offerId, state }) => offerId === offer.offerId && state === 'used',
    ).length;
    const redeemed = Math.max(profile.redemptions[offer.offerId] ?? 0, used);
    const finding = { actual: redeemed, needed: `fewer than ${offer.perMember}` };
    if (redeemed < offer.perMember) return pass(finding);
    return hide('already-redeemed', {
      ...finding,
      flip: {
        text: 'The member has not redeemed it yet.',
        set: { [`redemptions.${offer.offerId}`]: 0 },
      },
    });
  },
};
