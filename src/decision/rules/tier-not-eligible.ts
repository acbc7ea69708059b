import { hide, type OfferRule, pass } from './rule.ts';

/** Offers for some tiers are shown to these alone. */
export const tierNotEligible: OfferRule = {
  name: 'tier-not-eligible',
  version: 1,
  check: ({ offer, facts: { profile } }) => {
    const finding = { actual: profile.currentTier.id, needed: offer.tiers };
    if (offer.tiers.length === 0 || offer.tiers.includes(profile.currentTier.id))
      return pass(finding);
    return hide('tier-not-eligible', {
      ...finding,
      flip: {
        text: `The member reaches ${offer.tiers.join(' or ')}.`,
        set: { 'currentTier.id': offer.tiers[0] ?? '' },
      },
    });
  },
};
