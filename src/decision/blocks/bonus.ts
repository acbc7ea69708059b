import { isBeingAdded } from '../../contract/facts.ts';
import type { Block } from './block.ts';

/** The bonus the message is about, as it stands now. */
export type BonusView = {
  readonly points: number;
  /** The last instant it can be used. */
  readonly useBy: Date | null;
  /** All active points, the bonus included; null while points are being added. */
  readonly activePoints: number | null;
  readonly beingAdded: boolean;
};

export const bonus: Block<BonusView> = {
  name: 'bonus',
  version: 2,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['bonuses', 'activePoints'], maxAgeMs: 3_600_000, older: 'omit' },
  view: (facts) => {
    const { profile, template, data, now } = facts;
    const beingAdded = isBeingAdded(facts);
    const bonusId = template.bonusId?.(data);
    const found = profile?.bonuses.find((one) => one.bonusId === bonusId);
    if (!profile || bonusId === undefined || !found) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: bonusId ?? null,
        needed: 'a bonus of this member',
      };
    }
    if (found.state !== 'granted' || (found.useBy !== null && new Date(found.useBy) <= now)) {
      return {
        kind: 'hide',
        reason: 'bonus-used',
        actual: found.state,
        needed: 'granted and unused',
      };
    }
    return {
      kind: 'show',
      view: {
        points: found.points,
        useBy: found.useBy === null ? null : new Date(new Date(found.useBy).getTime() - 1),
        activePoints: beingAdded ? null : profile.activePoints,
        beingAdded,
      },
    };
  },
};
