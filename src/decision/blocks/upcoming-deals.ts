import { z } from 'zod';

import { tierNameIn } from '../../brand/tiers.ts';
import { isBeingAdded } from '../../contract/facts.ts';
import { defineBlock } from './block.ts';
import { wordsIn } from './words.ts';

/** Deals that only the member's tier still hides, and how far it is to the tier that has them (S8). */
export const upcomingDeals = defineBlock({
  name: 'upcoming-deals',
  version: 1,
  content: 'promotional',
  membersOnly: true,
  decidesOffers: true,
  freshness: {
    shows: ['nextTier', 'pointsToNextTier', 'progress'],
    maxAgeMs: 24 * 3_600_000,
    older: 'omit',
  },
  view: z.strictObject({
    tier: z.string(),
    /** Null where more than points is asked for, and while points are being added. */
    pointsToGo: z.int().nullable(),
    items: z.array(
      z.strictObject({
        offerId: z.string(),
        title: z.string(),
        body: z.string(),
        imageUrl: z.string().nullable(),
      }),
    ),
  }),
  said: ({ items, ...rest }) => ({ ...rest, items: items.map(({ offerId }) => offerId) }),
  decide: (facts) => {
    const { profile, upcoming, locale, brand } = facts;
    const next = profile?.nextTier;
    const deals = upcoming.filter(({ offer }) => next && offer.tiers.includes(next.id));
    if (!profile || !next || deals.length === 0) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: { nextTier: next?.id ?? null, deals: deals.length },
        needed: 'an offer that only the next tier is missing for',
      };
    }
    const { pointsToNextTier, progress } = profile;
    // Where a tier asks for more than points, points alone are not how far it is.
    const pointsAlone = progress.every(({ attribute }) => attribute === 'qualifyingPoints');
    return {
      kind: 'show',
      actual: pointsToNextTier,
      needed: next.id,
      view: {
        tier: tierNameIn(brand.programme, locale, next),
        pointsToGo:
          !isBeingAdded(facts) && pointsAlone && pointsToNextTier !== null && pointsToNextTier > 0
            ? pointsToNextTier
            : null,
        items: deals.map(({ offer }) => ({
          offerId: offer.offerId,
          title: wordsIn(offer.title, locale, brand),
          body: wordsIn(offer.body, locale, brand),
          imageUrl: offer.imageUrl ?? null,
        })),
      },
    };
  },
});
