import { z } from 'zod';

import { isBeingAdded } from '../../contract/facts.ts';
import { defineBlock } from './block.ts';
import { EarnedHere, earnedHere } from './earned-here.ts';

/** The member's points, kind by kind. A kind of which there are none is null: nothing ever says "0". */
export const pointsStatement = defineBlock({
  name: 'points-statement',
  version: 3,
  content: 'loyalty',
  membersOnly: true,
  freshness: {
    shows: ['activePoints', 'pendingPoints', 'lockedPoints', 'expiringPoints'],
    maxAgeMs: 24 * 3_600_000,
    older: 'omit',
  },
  view: z.strictObject({
    /** Spendable now; below zero where more was taken back than there was: a balance, and nothing to spend. */
    activePoints: z.int().nullable(),
    /** Points of this purchase are on their way: there is no figure to show. */
    beingAdded: z.boolean(),
    /** Earned, not yet spendable. */
    pendingPoints: z.int().nullable(),
    /** Reserved by an open redemption. */
    lockedPoints: z.int().nullable(),
    /** Of the purchase the mail is about; null where it earned nothing, or that isn't in the ledger yet. */
    earned: EarnedHere.nullable(),
    /** What goes next, and the last instant it can be used. */
    expiring: z.strictObject({ points: z.int(), until: z.date() }).nullable(),
  }),
  decide: (facts) => {
    const { profile, now } = facts;
    if (!profile) return { kind: 'hide', reason: 'not-a-member', actual: null, needed: 'a member' };
    if (isBeingAdded(facts)) return { kind: 'show', view: onTheirWay };
    const activePoints = some(profile.activePoints);
    const pendingPoints = some(profile.pendingPoints);
    const lockedPoints = some(profile.lockedPoints);
    if (activePoints === null && pendingPoints === null && lockedPoints === null) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: profile.activePoints,
        needed: 'points that can be spent, are on the way, or are reserved',
        flip: { text: 'She has points.', set: { activePoints: 1 } },
      };
    }
    const next = (profile.activePoints > 0 ? profile.expiringPoints : []).find(
      ({ points, expiresAt }) => points > 0 && new Date(expiresAt) > now,
    );
    return {
      kind: 'show',
      actual: profile.activePoints,
      needed: null,
      view: {
        beingAdded: false,
        activePoints,
        pendingPoints,
        lockedPoints,
        earned: earnedHere(facts),
        // Points that expire at midnight are good until the day before.
        expiring: next
          ? { points: next.points, until: new Date(new Date(next.expiresAt).getTime() - 1) }
          : null,
      },
    };
  },
});

const onTheirWay = {
  beingAdded: true,
  activePoints: null,
  pendingPoints: null,
  lockedPoints: null,
  earned: null,
  expiring: null,
};

const some = (points: number) => (points === 0 ? null : points);
