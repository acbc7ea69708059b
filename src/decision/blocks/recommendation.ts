import { z } from 'zod';

import { camelCase } from '../../core/camel-case.ts';
import { defineBlock } from './block.ts';
import { codeOf, couponsOf, nothingToShow } from './coupon-code.ts';
import { wordsIn } from './words.ts';

/** "Mostly buys": at least half of her purchases, recent ones counting more. What early access asks for. */
const mostly = 0.5;

/** The one thing picked for the member, and the category it was picked for (S19). */
export const recommendation = defineBlock({
  name: 'recommendation',
  version: 1,
  content: 'promotional',
  membersOnly: true,
  decidesOffers: true,
  freshness: { shows: ['affinities'], maxAgeMs: 24 * 3_600_000, older: 'omit' },
  view: z.strictObject({
    offerId: z.string(),
    title: z.string(),
    body: z.string(),
    url: z.string(),
    imageUrl: z.string().nullable(),
    code: z.string().nullable(),
    /** The last instant it is there. */
    endsAt: z.date(),
    /** In camel case, so that a text can choose by it. */
    category: z.string(),
  }),
  said: ({ offerId, endsAt, category }) => ({ offerId, endsAt, category }),
  decide: (facts) => {
    const { locale, brand } = facts;
    const [best] = facts.offers;
    if (!best) return nothingToShow(facts);
    const { offer, affinity, category } = best;
    const needed = offer.kind === 'early-access' ? mostly : 0;
    if (category === null || affinity < needed) {
      const wanted = category ?? offer.categories[0];
      return {
        kind: 'hide',
        reason: 'too-little-affinity',
        actual: { category, affinity },
        needed: { affinity: needed },
        ...(wanted !== undefined && {
          flip: {
            text: `The member mostly buys ${wanted}.`,
            set: { [`affinities.${wanted}`]: Math.max(needed, 0.1) },
          },
        }),
      };
    }
    return {
      kind: 'show',
      actual: { category, affinity },
      needed: { affinity: needed },
      coupons: couponsOf([offer]),
      view: {
        offerId: offer.offerId,
        title: wordsIn(offer.title, locale, brand),
        body: wordsIn(offer.body, locale, brand),
        url: offer.url,
        imageUrl: offer.imageUrl ?? null,
        code: codeOf(offer, facts),
        endsAt: new Date(new Date(offer.endsAt).getTime() - 1),
        category: camelCase(category),
      },
    };
  },
});
