import { z } from 'zod';

import { isBeingAdded } from '../../contract/facts.ts';
import { defineBlock } from './block.ts';

/** The bonus the message is about, as it stands now. */
export const bonus = defineBlock({
  name: 'bonus',
  version: 3,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['bonuses', 'activePoints'], maxAgeMs: 3_600_000, older: 'omit' },
  view: z.strictObject({
    points: z.int(),
    /** The last instant it can be used. */
    useBy: z.date().nullable(),
    /** All active points, the bonus included; null while points are being added. */
    activePoints: z.int().nullable(),
    beingAdded: z.boolean(),
  }),
  decide: (facts) => {
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
    if (found.points <= 0)
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: found.points,
        needed: 'a bonus of points',
      };
    // Spent, in whole or in part, though nobody said it was this bonus: it can't all be waiting.
    if (!beingAdded && profile.activePoints < found.points) {
      return {
        kind: 'hide',
        reason: 'too-few-points',
        actual: profile.activePoints,
        needed: found.points,
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
});
