import { z } from 'zod';

import { defineTemplate } from '../../src/core/template.ts';
import { Instant } from '../fields.ts';

/** Reminds of points that go. How many they are comes from the profile, not from here. */
const PointsExpiring = z.strictObject({
  /** Points that can be used until then, or less long, are reminded of. */
  expiresAt: Instant,
});

export const pointsExpiring = defineTemplate({
  name: 'points-expiring',
  title: 'Points expiring',
  class: 'transactional',
  schema: PointsExpiring,
  blocks: ['points-statement', 'offers'],
  headline: ({ expiresAt }) => ({ expiresAt: new Date(expiresAt) }),
  // Nothing to remind of once they were used, or given longer.
  satisfied: ({ expiresAt }, { expiringPoints }) => {
    const next = expiringPoints.find(({ points }) => points > 0);
    if (next && new Date(next.expiresAt) <= new Date(expiresAt)) return undefined;
    return { actual: next?.expiresAt ?? null, needed: { expiresBy: expiresAt } };
  },
  onUnknown: 'resend',
});
