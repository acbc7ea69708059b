import { z } from 'zod';

import { pointsToKeep } from '../../src/blocks/keeping-tier.ts';
import { defineTemplate } from '../../src/core/template.ts';
import { Instant, Reference } from '../fields.ts';

/** Says what is missing to keep a tier. How much it is comes from the profile, not from here. */
const TierLapsing = z.strictObject({
  /** The tier that is about to lapse, and when. */
  tierId: Reference,
  until: Instant,
});

export const tierLapsing = defineTemplate({
  name: 'tier-lapsing',
  title: 'Tier about to lapse',
  class: 'transactional',
  schema: TierLapsing,
  blocks: ['keeping-tier', 'status'],
  headline: ({ until }) => ({ until: new Date(until) }),
  about: ({ tierId }) => [`tier:${tierId}`],
  // Nothing to say once it was kept, extended, or changed.
  satisfied: ({ tierId, until }, profile, { programme }) => {
    const { id, expiresAt } = profile.currentTier;
    const missing = pointsToKeep(profile, programme);
    const lapses = expiresAt !== null && new Date(expiresAt) <= new Date(until);
    if (id === tierId && lapses && missing !== 0) return undefined;
    return { actual: { tier: id, expiresAt, missing }, needed: { tier: tierId, lapsesBy: until } };
  },
  onUnknown: 'resend',
});
