import { z } from 'zod';

import { type Facts, isBeingAdded } from '../../contract/facts.ts';
import type { Profile } from '../../contract/profile.ts';
import { lastDayOf } from '../../core/calendar.ts';
import { defineBlock } from './block.ts';
import { EarnedHere, earnedHere } from './earned-here.ts';

/** The member's points, kind by kind. A kind of which there are none is null: nothing ever says "0". */
export const pointsStatement = defineBlock({
  name: 'points-statement',
  version: 4,
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
    /** What goes next, or all that goes until the day the mail is about: how much, and the last instant it can be used. */
    expiring: z
      .strictObject({
        points: z.int(),
        until: z.date(),
        days: z.array(z.strictObject({ points: z.int(), until: z.date() })),
      })
      .nullable(),
  }),
  decide: (facts) => {
    const { profile } = facts;
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
        flip: { text: 'The member has points.', set: { activePoints: 1 } },
      };
    }
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
        expiring: expiringOf(facts, profile),
      },
    };
  },
});

/** What lapses, by the brand's days. Points that expire at midnight are good until the day before. */
function expiringOf(
  { brand, now, template, data }: Facts,
  { activePoints, expiringPoints }: Profile,
): { points: number; until: Date; days: { points: number; until: Date }[] } | null {
  const days = new Map<string, { points: number; until: Date }>();
  for (const { points, expiresAt } of activePoints > 0 ? expiringPoints : []) {
    if (points <= 0 || new Date(expiresAt) <= now) continue;
    const day = lastDayOf(expiresAt, brand.timeZone);
    const found = days.get(day) ?? { points: 0, until: new Date(Date.parse(expiresAt) - 1) };
    days.set(day, { ...found, points: found.points + points });
  }
  const inOrder = [...days].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const lastDay = template.lapsesBy?.(data) ?? inOrder[0]?.[0] ?? '';
  const told = inOrder.filter(([day]) => day <= lastDay).map(([, one]) => one);
  const last = told.at(-1);
  const points = told.reduce((sum, one) => sum + one.points, 0);
  return last ? { points, until: last.until, days: told } : null;
}

const onTheirWay = {
  beingAdded: true,
  activePoints: null,
  pendingPoints: null,
  lockedPoints: null,
  earned: null,
  expiring: null,
};

const some = (points: number) => (points === 0 ? null : points);
