import { hide, type OfferRule, pass } from './rule.ts';

/** No advertising of a bonus that is used up, has lapsed or was never granted. */
export const bonusUsed: OfferRule = {
  name: 'bonus-used',
  version: 2,
  check: ({ offer, facts: { profile, now } }) => {
    if (offer.bonusId === undefined) return pass();
    const bonus = profile.bonuses.find(({ bonusId }) => bonusId === offer.bonusId);
    const finding = {
      actual: bonus ? { state: bonus.state, usedAt: bonus.usedAt, useBy: bonus.useBy } : null,
      needed: 'granted and unused',
    };
    const open =
      bonus?.state === 'granted' && (bonus.useBy === null || new Date(bonus.useBy) > now);
    return open
      ? pass(finding)
      : hide(bonus ? 'bonus-used' : 'bonus-not-granted', {
          ...finding,
          flip: { text: 'The bonus is granted and still unused.' },
        });
  },
};
