import { z } from 'zod';

import { benefitNameIn, tierNameIn } from '../../brand/tiers.ts';
import { isBeingAdded } from '../../contract/facts.ts';
import { defineBlock } from './block.ts';
import { EarnedHere, earnedHere } from './earned-here.ts';

/** Where the member stands: tier, points, since when, what is next. */
export const status = defineBlock({
  name: 'status',
  version: 4,
  content: 'loyalty',
  membersOnly: true,
  freshness: {
    shows: [
      'activePoints',
      'pendingPoints',
      'currentTier',
      'nextTier',
      'pointsToNextTier',
      'qualifyingPoints',
      'benefits',
    ],
    maxAgeMs: 24 * 3_600_000,
    older: 'omit',
  },
  view: z.strictObject({
    tier: z.string(),
    /** Points of this purchase are on their way: there is no balance to show, nor a way to the next tier. */
    beingAdded: z.boolean(),
    /** Null while points are being added; below zero where more was taken back than there was. */
    activePoints: z.int().nullable(),
    pendingPoints: z.int().nullable(),
    /** Of the purchase the mail is about; null where it earned nothing, or that isn't in the ledger yet. */
    earned: EarnedHere.nullable(),
    memberSince: z.date(),
    /** When these figures were true. */
    asOf: z.date(),
    /** Null at the top, and while points are being added. */
    next: z.strictObject({ tier: z.string(), pointsToGo: z.int(), percent: z.int() }).nullable(),
    benefits: z.array(z.string()),
  }),
  decide: (facts) => {
    const { profile, age, locale } = facts;
    const { programme } = facts.brand;
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    const { nextTier, pointsToNextTier, qualifyingPoints } = profile;
    const beingAdded = isBeingAdded(facts);
    const goal = qualifyingPoints + (pointsToNextTier ?? 0);
    return {
      kind: 'show',
      view: {
        tier: tierNameIn(programme, locale, profile.currentTier),
        beingAdded,
        activePoints: beingAdded ? null : profile.activePoints,
        pendingPoints: beingAdded ? null : profile.pendingPoints,
        earned: earnedHere(facts),
        memberSince: new Date(profile.enrolledAt),
        asOf: age?.asOf ?? new Date(profile.asOf),
        next:
          !beingAdded && nextTier && pointsToNextTier !== null && pointsToNextTier > 0
            ? {
                tier: tierNameIn(programme, locale, nextTier),
                pointsToGo: pointsToNextTier,
                percent:
                  goal > 0
                    ? Math.max(0, Math.min(99, Math.floor((100 * qualifyingPoints) / goal)))
                    : 0,
              }
            : null,
        benefits: profile.benefits
          .filter(({ active }) => active)
          .map((benefit) => benefitNameIn(programme, locale, benefit)),
      },
    };
  },
});
