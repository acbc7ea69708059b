import { hide, type OfferRule, pass } from './rule.ts';

/** Only while it can be used: from `startsAt`, before `endsAt`. */
export const outsideDates: OfferRule = {
  name: 'outside-dates',
  version: 1,
  check: ({ offer, facts: { now } }) => {
    const finding = {
      actual: now.toISOString(),
      needed: { from: offer.startsAt, before: offer.endsAt },
    };
    return now >= new Date(offer.startsAt) && now < new Date(offer.endsAt)
      ? pass(finding)
      : hide('outside-dates', {
          ...finding,
          flip: { text: `Send it between ${offer.startsAt} and ${offer.endsAt}.` },
        });
  },
};
