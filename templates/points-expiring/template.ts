import { z } from 'zod';

import { lastDayOf } from '../../src/core/calendar.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Day, noonOf } from '../fields.ts';

/** Reminds of points that go. How many they are comes from the profile, not from here. */
const PointsExpiring = z.strictObject({
  /** Points that can be used until this day, or less long, are reminded of. */
  lastDay: Day,
});

export const pointsExpiring = defineTemplate({
  name: 'points-expiring',
  title: 'Points expiring',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: PointsExpiring,
  blocks: ['points-statement', 'offers'],
  lapsesBy: ({ lastDay }) => lastDay,
  headline: ({ lastDay }) => ({ lastDay: noonOf(lastDay) }),
  // Nothing to remind of once they were used, or given longer.
  satisfied: ({ lastDay }, { activePoints, expiringPoints }, { timeZone }) => {
    const next = expiringPoints.find(({ points }) => points > 0 && activePoints > 0);
    if (next && lastDayOf(next.expiresAt, timeZone) <= lastDay) return undefined;
    const points = Math.max(1, activePoints);
    return {
      actual: next?.expiresAt ?? null,
      needed: { lastDay },
      flip: {
        text: `Points that can be used until ${lastDay}.`,
        set: {
          activePoints: points,
          expiringPoints: [{ points, expiresAt: `${lastDay}T12:00:00Z` }],
        },
      },
    };
  },
  onUnknown: 'resend',
});
