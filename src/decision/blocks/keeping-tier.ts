import { z } from 'zod';

import type { Programme } from '../../brand/brand.ts';
import { conditionsOf, nameIn, tierNameIn } from '../../brand/tiers.ts';
import { isBeingAdded } from '../../contract/facts.ts';
import type { Profile } from '../../contract/profile.ts';
import { defineBlock } from './block.ts';

/** What is missing to keep the member's tier, and until when. */
export const keepingTier = defineBlock({
  name: 'keeping-tier',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  freshness: {
    shows: ['currentTier', 'qualifyingPoints'],
    maxAgeMs: 24 * 3_600_000,
    older: 'omit',
  },
  view: z.strictObject({
    tier: z.string(),
    /** The last instant of the tier as it stands. */
    until: z.date(),
    /** Null where the tier asks for more than points, and while points are being added. */
    pointsToKeep: z.int().nullable(),
    /** The tier below; null where there is none. */
    below: z.string().nullable(),
  }),
  decide: (facts) => {
    const { profile, brand, now, locale } = facts;
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    const { id, expiresAt } = profile.currentTier;
    const missing = pointsToKeep(profile, brand.programme);
    if (expiresAt === null || new Date(expiresAt) <= now || missing === 0) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: { tier: id, expiresAt, missing },
        needed: 'a tier that lapses and something missing to keep it',
      };
    }
    const { tiers } = brand.programme;
    const below = tiers[tiers.findIndex((tier) => tier.id === id) - 1];
    return {
      kind: 'show',
      actual: missing,
      needed: 0,
      view: {
        tier: tierNameIn(brand.programme, locale, profile.currentTier),
        until: new Date(new Date(expiresAt).getTime() - 1),
        pointsToKeep: isBeingAdded(facts) ? null : missing,
        below: below ? nameIn(below, locale) : null,
      },
    };
  },
});

/** Qualifying points still missing for the tier she has; 0 where none are, null where it asks for more than points. */
export function pointsToKeep(
  { currentTier, qualifyingPoints }: Pick<Profile, 'currentTier' | 'qualifyingPoints'>,
  { tiers }: Pick<Programme, 'tiers'>,
): number | null {
  const tier = tiers.find(({ id }) => id === currentTier.id);
  if (!tier) return null;
  const { conditions } = conditionsOf(tier);
  if (conditions.some(({ attribute }) => attribute !== 'qualifyingPoints')) return null;
  return Math.max(0, ...conditions.map(({ goal }) => goal - qualifyingPoints));
}
