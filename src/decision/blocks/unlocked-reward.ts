import { z } from 'zod';

import { nameIn } from '../../brand/tiers.ts';
import { camelCase } from '../../core/camel-case.ts';
import { defineBlock } from './block.ts';

/** What a level unlocked: a free product, a gift, a shipping rate (S7). The reward the message is about, or the latest, as long as it waits. */
export const unlockedReward = defineBlock({
  name: 'unlocked-reward',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['rewards'], maxAgeMs: 24 * 3_600_000, older: 'omit' },
  view: z.strictObject({
    name: z.string(),
    /** In camel case, so that a text can choose by it: `freeProduct`, `gift`, `shippingRate`. */
    kind: z.string(),
    unlockedAt: z.date(),
  }),
  decide: ({ profile, template, data, now, brand, locale }) => {
    const wanted = template.rewardId?.(data);
    const known = (profile?.rewards ?? []).filter(
      ({ rewardId, unlockedAt }) =>
        unlockedAt !== null &&
        new Date(unlockedAt) <= now &&
        (wanted === undefined || rewardId === wanted),
    );
    const waiting = known
      .filter(({ claimedAt }) => claimedAt === null)
      .toSorted((a, b) => (b.unlockedAt ?? '').localeCompare(a.unlockedAt ?? ''));
    const [reward] = waiting;
    if (reward?.unlockedAt) {
      const { name, kind, unlockedAt } = reward;
      const rule = brand.programme.rewards.find((one) => one.rewardId === reward.rewardId);
      return {
        kind: 'show',
        actual: reward.rewardId,
        needed: null,
        view: {
          name: rule ? nameIn(rule, locale) : name,
          kind: camelCase(kind),
          unlockedAt: new Date(unlockedAt),
        },
      };
    }
    return {
      kind: 'hide',
      reason: 'nothing-to-show',
      actual: known.length > 0 ? 'claimed' : (wanted ?? null),
      needed: 'a reward that was unlocked and not claimed',
    };
  },
});
