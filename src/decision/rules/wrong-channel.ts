import type { Profile } from '../../contract/profile.ts';
import { once } from '../../core/once.ts';
import { hide, type OfferRule, pass } from './rule.ts';

const usedBy = once(({ channels }: Profile): readonly string[] => Object.keys(channels));

/** A coupon for stores is no use to someone who only ever shops online, and the reverse (S4). */
export const wrongChannel: OfferRule = {
  name: 'wrong-channel',
  version: 1,
  check: ({ offer, facts: { profile } }) => {
    const used = usedBy(profile);
    const finding = { actual: used, needed: offer.channels };
    if (offer.channels.length === 0 || used.length === 0) return pass(finding);
    return offer.channels.some((channel) => used.includes(channel))
      ? pass(finding)
      : hide('wrong-channel', {
          ...finding,
          flip: { text: `The member shops by ${offer.channels.join(' or ')} once.` },
        });
  },
};
