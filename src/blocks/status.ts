import type { Block } from './block.ts';

/** Where she stands: tier, points, since when, what is next. */
export type StatusView = {
  readonly tier: string;
  readonly activePoints: number;
  readonly pendingPoints: number;
  readonly memberSince: Date;
  /** When these figures were true. */
  readonly asOf: Date;
  /** Null at the top. */
  readonly next: {
    readonly tier: string;
    readonly pointsToGo: number;
    readonly percent: number;
  } | null;
  readonly benefits: readonly string[];
};

export const status: Block<StatusView> = {
  name: 'status',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  view: ({ profile }) => {
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    const { nextTier, pointsToNextTier, qualifyingPoints } = profile;
    const goal = qualifyingPoints + (pointsToNextTier ?? 0);
    return {
      kind: 'show',
      view: {
        tier: profile.currentTier.name,
        activePoints: profile.activePoints,
        pendingPoints: profile.pendingPoints,
        memberSince: new Date(profile.enrolledAt),
        asOf: new Date(profile.asOf),
        next:
          nextTier && pointsToNextTier !== null && pointsToNextTier > 0
            ? {
                tier: nextTier.name,
                pointsToGo: pointsToNextTier,
                percent:
                  goal > 0
                    ? Math.max(0, Math.min(99, Math.floor((100 * qualifyingPoints) / goal)))
                    : 0,
              }
            : null,
        benefits: profile.benefits.filter(({ active }) => active).map(({ name }) => name),
      },
    };
  },
};
