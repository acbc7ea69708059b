import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Reference } from '../fields.ts';

/** Says that a level unlocked something. What it is comes from the profile, not from here. */
const RewardUnlocked = z.strictObject({ rewardId: Reference });

export const rewardUnlocked = defineTemplate({
  name: 'reward-unlocked',
  title: 'Reward unlocked',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: RewardUnlocked,
  blocks: ['unlocked-reward', 'status'],
  headline: () => ({}),
  about: ({ rewardId }) => [`reward:${rewardId}`],
  rewardId: ({ rewardId }) => rewardId,
  // Nothing to say once it was claimed.
  satisfied: ({ rewardId }, { rewards }) => {
    const place = rewards.findIndex((reward) => reward.rewardId === rewardId);
    const claimed = rewards[place]?.claimedAt;
    if (!claimed) return undefined;
    return {
      actual: { claimedAt: claimed },
      needed: { claimedAt: null },
      flip: {
        text: 'The reward is not claimed yet.',
        set: { [`rewards.${place}.claimedAt`]: null },
      },
    };
  },
  onUnknown: 'resend',
});
