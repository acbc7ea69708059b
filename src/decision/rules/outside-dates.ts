import type { Offer } from '../../brand/catalogue.ts';
import { once } from '../../core/once.ts';
import { hide, type OfferRule, pass } from './rule.ts';

const runs = once(({ startsAt, endsAt }: Offer) => ({
  from: Date.parse(startsAt),
  before: Date.parse(endsAt),
}));
const written = once((now: Date) => now.toISOString());

/** Only while it can be used: from `startsAt`, before `endsAt`. */
export const outsideDates: OfferRule = {
  name: 'outside-dates',
  version: 1,
  check: ({ offer, facts: { now } }) => {
    const finding = {
      actual: written(now),
      needed: { from: offer.startsAt, before: offer.endsAt },
    };
    const { from, before } = runs(offer);
    return now.getTime() >= from && now.getTime() < before
      ? pass(finding)
      : hide('outside-dates', {
          ...finding,
          flip: { text: `Send it between ${offer.startsAt} and ${offer.endsAt}.` },
        });
  },
};
