import type { Engagement } from '../../brand/accrual.ts';
import { type Brand, programmeAt } from '../../brand/brand.ts';
import { localAt } from '../../core/calendar.ts';
import type { Problem } from '../../core/errors.ts';
import type { Step } from '../batch.ts';
import { groupOf } from '../identity/accounts.ts';
import { enter } from '../points/plan-points.ts';
import type { Engaged } from '../tables.ts';

/**
 * Notes something done, and gives the points the programme has for it, within its caps. Days, months and years are those
 * of the event's own time; which of several gets the last points under a cap depends on which was told first.
 */
export function engage(step: Step<'engagement.recorded'>): Problem[] {
  const { event, member, ledgerVersion, known, writes, brandOf } = step;
  const brand = brandOf(member.brand);
  const at = Date.parse(event.at);
  const rule = brand && programmeAt(brand, at).engagement.find(({ kind }) => kind === event.kind);
  const { memberId } = member;
  const own = known.standing.engaged.get(memberId) ?? [];
  // The caps are a person's, under whichever of her accounts.
  const before = groupOf(known, memberId).flatMap(
    (one) => known.standing.engaged.get(one.memberId) ?? [],
  );
  const subject = event.subject ?? null;
  const points = brand && rule ? allowed(rule, { at, subject }, before, brand.timeZone) : undefined;
  const engaged: Engaged = {
    kind: event.kind,
    subject,
    at: event.at,
    counted: points !== undefined,
    points: points ?? 0,
  };
  known.standing.engaged.set(memberId, [...own, engaged]);
  writes.engaged.push({ ...engaged, memberId, ledgerVersion });
  if (!rule || points === undefined || points + rule.qualifyingPoints === 0) return [];
  // A part of the points has the same part of those for the tier.
  const qualifying =
    rule.points === 0
      ? rule.qualifyingPoints
      : Number((BigInt(rule.qualifyingPoints) * BigInt(points)) / BigInt(rule.points));
  enter(step, { kind: 'earn', points, qualifying, reason: event.kind });
  return [];
}

/** What is left under the caps; undefined where it doesn't count at all. */
function allowed(
  { kind, points, caps }: Engagement,
  { at, subject }: { readonly at: number; readonly subject: string | null },
  engaged: readonly Engaged[],
  timeZone: Brand['timeZone'],
): number | undefined {
  const counted = engaged.filter((one) => one.counted && one.kind === kind);
  const bySubject = caps.some(({ per }) => per === 'subject');
  const all = bySubject ? caps : [...caps, { per: 'subject' as const, times: 1 }];
  let left = points;
  for (const cap of all) {
    if (cap.per === 'subject' && subject === null) continue;
    const same = counted.filter((one) =>
      cap.per === 'subject'
        ? one.subject === subject
        : period(cap.per, Date.parse(one.at), timeZone) === period(cap.per, at, timeZone),
    );
    if (cap.times !== undefined && same.length >= cap.times) return undefined;
    if (cap.points === undefined) continue;
    left = Math.min(left, cap.points - same.reduce((sum, one) => sum + one.points, 0));
    if (left <= 0) return undefined;
  }
  return left;
}

function period(per: 'day' | 'month' | 'year' | 'lifetime', at: number, zone: string): string {
  const { year, month, day } = localAt(at, zone);
  return {
    day: `${year}-${month}-${day}`,
    month: `${year}-${month}`,
    year: `${year}`,
    lifetime: '',
  }[per];
}

/** A reward that a level unlocked was handed over. */
export function claimReward(step: Step<'reward.claimed'>): Problem[] {
  const { event, member, writes, brandOf } = step;
  const brand = brandOf(member.brand);
  const rewards = brand ? programmeAt(brand, Date.parse(event.at)).rewards : [];
  if (!rewards.some(({ rewardId }) => rewardId === event.rewardId)) {
    const all = rewards.map(({ rewardId }) => rewardId).join(', ');
    const message = all === '' ? 'this programme has no rewards' : `unknown reward; one of ${all}`;
    return [{ path: 'rewardId', message }];
  }
  const { memberId } = member;
  writes.claims.push({ memberId, rewardId: event.rewardId, claimedAt: event.at });
  return [];
}
