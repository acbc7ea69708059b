import { hide, type OfferRule, pass } from './rule.ts';

/** An offer that was redeemed as often as it may be, by everyone together, is gone. */
export const usageLimit: OfferRule = {
  name: 'usage-limit',
  version: 2,
  check: ({ offer }) => {
    if (offer.usageLimit === undefined) return pass();
    const finding = { actual: offer.usedCount, needed: offer.usageLimit };
    return offer.usedCount < offer.usageLimit
      ? pass(finding)
      : hide('usage-limit', { ...finding, flip: { text: 'Raise the usage limit of the offer.' } });
  },
};
