import { z } from 'zod';

import { camelCase } from '../../core/camel-case.ts';
import { defineBlock } from './block.ts';
import { codeOf, couponsOf, nothingToShow } from './coupon-code.ts';
import { wordsIn } from './words.ts';

/** What the member may like and may have, best first. */
export const offers = defineBlock({
  name: 'offers',
  version: 2,
  content: 'promotional',
  membersOnly: true,
  decidesOffers: true,
  view: z.strictObject({
    items: z.array(
      z.strictObject({
        offerId: z.string(),
        title: z.string(),
        body: z.string(),
        url: z.string(),
        imageUrl: z.string().nullable(),
        code: z.string().nullable(),
        /** The last instant it can be used: an offer that ends at midnight is good until the day before. */
        endsAt: z.date(),
        /**
         * What of the member's it was picked by, in camel case, so that a text can choose by it; null where nothing is known
         * of it, and where an offer above it said so already.
         */
        category: z.string().nullable(),
      }),
    ),
  }),
  said: ({ items }) => items.map(({ offerId, endsAt }) => ({ offerId, endsAt })),
  decide: (facts) => {
    const { offers: ranked, locale, brand } = facts;
    if (ranked.length === 0) return nothingToShow(facts);
    return {
      kind: 'show',
      actual: ranked.length,
      needed: 1,
      coupons: couponsOf(ranked.map(({ offer }) => offer)),
      view: {
        items: ranked.map(({ offer, category }, index) => ({
          offerId: offer.offerId,
          title: wordsIn(offer.title, locale, brand),
          body: wordsIn(offer.body, locale, brand),
          url: offer.url,
          imageUrl: offer.imageUrl ?? null,
          code: codeOf(offer, facts),
          endsAt: new Date(new Date(offer.endsAt).getTime() - 1),
          category:
            category === null || ranked.slice(0, index).some((one) => one.category === category)
              ? null
              : camelCase(category),
        })),
      },
    };
  },
});
