import { z } from 'zod';

import { dayAt } from '../../core/calendar.ts';
import { defineBlock } from './block.ts';

/** How long the member has been one (S8). */
export const tenure = defineBlock({
  name: 'tenure',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  view: z.strictObject({
    memberSince: z.date(),
    /** Whole years; null in the first. */
    years: z.int().nullable(),
  }),
  decide: ({ profile, now, brand }) => {
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    const memberSince = new Date(profile.enrolledAt);
    const [from, to] = [
      dayAt(memberSince.getTime(), brand.timeZone),
      dayAt(now.getTime(), brand.timeZone),
    ];
    const years =
      Number(to.slice(0, 4)) - Number(from.slice(0, 4)) - (to.slice(5) < from.slice(5) ? 1 : 0);
    if (years < 0 || memberSince > now) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: profile.enrolledAt,
        needed: 'a membership that has begun',
      };
    }
    return {
      kind: 'show',
      actual: years,
      needed: null,
      view: { memberSince, years: years > 0 ? years : null },
    };
  },
});
