import { z } from 'zod';

import { lastDayOf } from '../../src/core/calendar.ts';
import { pointsToKeep } from '../../src/decision/blocks/keeping-tier.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Day, noonOf, Reference } from '../fields.ts';

/** Says what is missing to keep a tier. How much it is comes from the profile, not from here. */
const TierLapsing = z.strictObject({
  /** The tier that is about to lapse, and its last day as things stand. */
  tierId: Reference,
  lastDay: Day,
});

export const tierLapsing = defineTemplate({
  name: 'tier-lapsing',
  title: 'Tier about to lapse',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: TierLapsing,
  blocks: ['keeping-tier', 'status'],
  headline: ({ lastDay }) => ({ lastDay: noonOf(lastDay) }),
  about: ({ tierId }) => [`tier:${tierId}`],
  // Nothing to say once it was kept, extended, or changed.
  satisfied: ({ tierId, lastDay }, profile, { programme, timeZone }) => {
    const { id, expiresAt } = profile.currentTier;
    const missing = pointsToKeep(profile, programme);
    const lapses = expiresAt !== null && lastDayOf(expiresAt, timeZone) <= lastDay;
    if (id === tierId && lapses && missing !== 0) return undefined;
    const goal = programme.tiers.find((tier) => tier.id === tierId)?.threshold ?? 0;
    return {
      actual: { tier: id, expiresAt, missing },
      needed: { tier: tierId, lastDay },
      flip: {
        text: `The member is ${tierId} until ${lastDay}, with points missing to keep it.`,
        set: {
          'currentTier.id': tierId,
          'currentTier.expiresAt': `${lastDay}T12:00:00Z`,
          ...(missing === 0 && { qualifyingPoints: Math.max(0, goal - 1) }),
        },
      },
    };
  },
  onUnknown: 'resend',
});
