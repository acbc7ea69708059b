import { dayAt } from '../../core/calendar.ts';
import type { Block } from './block.ts';

/** How long she has been a member (S8). */
export type TenureView = {
  readonly memberSince: Date;
  /** Whole years; null in the first. */
  readonly years: number | null;
};

export const tenure: Block<TenureView> = {
  name: 'tenure',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  view: ({ profile, now, brand }) => {
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
};
