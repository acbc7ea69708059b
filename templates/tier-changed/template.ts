import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, Reference } from '../fields.ts';

/** Says that she reached a tier. What it brings comes from the profile, not from here. */
const TierChanged = z.strictObject({
  tierId: Reference,
  /** Since when. */
  at: Instant,
});

export const tierChanged = defineTemplate({
  name: 'tier-changed',
  title: 'Tier reached',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: TierChanged,
  blocks: ['status'],
  headline: () => ({}),
  about: ({ tierId }) => [`tier:${tierId}`],
  // A tier she no longer has is nothing to congratulate on.
  satisfied: ({ tierId }, { currentTier }) =>
    currentTier.id === tierId
      ? undefined
      : {
          actual: currentTier.id,
          needed: tierId,
          flip: { text: `The member is ${tierId}.`, set: { 'currentTier.id': tierId } },
        },
  onUnknown: 'resend',
});
