import { createHash } from 'node:crypto';

import type { Brand } from '../brand/brand.ts';
import type { Trigger } from '../brand/triggers.ts';
import type { Profile } from '../contract/profile.ts';
import { greetingDay } from '../core/birthday.ts';
import { dayAt, lastDayOf } from '../core/calendar.ts';
import { PermanentError } from '../core/errors.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { triggerInbox } from '../ledger/tables.ts';
import type { Db } from '../postgres/pool.ts';
import { type Row, selected } from '../postgres/table.ts';
import { readProfiles } from '../profile/ledger.ts';
import { type Facts, holds } from './facts.ts';
import { type Cause, endCause, noteCauses } from './firings.ts';

type KnownBrand = NonNullable<ReturnType<BrandOf>>;

/** An event as the ledger left it for us. */
type Noted = Readonly<Row<typeof triggerInbox>> & { readonly tenant: string };

export const triggersOf = ({ triggers }: Pick<Brand, 'triggers'>): [string, Trigger][] =>
  Object.entries(triggers?.triggers ?? {});

/** What is told so much later than it could have been sent is history that is brought in, and a cause of nothing. */
const historyMs = 30 * 86_400_000;
const isHistory = (at: Date, { afterMinutes, withinHours }: Trigger, now: Date): boolean =>
  now.getTime() - at.getTime() > (afterMinutes + withinHours * 60) * 60_000 + historyMs;

/** How many events are looked at in one transaction. */
const batch = 200;

/**
 * Looks at what was applied since and notes what it is a cause of. Killed anywhere, it goes on without a gap or a double.
 * @returns how many events were looked at; 0: none is left
 */
export async function noteEventCauses(db: Db, brandOf: BrandOf, now: Date): Promise<number> {
  const { rows } = await db.query<Noted>({
    name: 'take-trigger-inbox',
    text: `delete from trigger_inbox where n in (
        select n from trigger_inbox order by n limit $1 for update skip locked)
      returning tenant, ${selected(triggerInbox)}`,
    values: [batch],
  });
  const causes = rows.flatMap((noted) => eventCauses(noted, brandOf(noted.brand), now));
  await noteCauses(db, [...causes, ...(await tierCauses(db, rows, brandOf, now))]);
  return rows.length;
}

function eventCauses(noted: Noted, known: KnownBrand | undefined, now: Date): Cause[] {
  if (!known) return [];
  const { tenant, brand, memberId, source, id, type, document: event } = noted;
  const at = new Date(noted.at);
  return triggersOf(known).flatMap(([name, trigger]) =>
    'event' in trigger.on &&
    trigger.on.event === type &&
    !isHistory(at, trigger, now) &&
    trigger.when.every((one) => holds(one, event))
      ? [
          {
            tenant,
            brand,
            trigger: name,
            cause: `event:${source}:${id}`,
            memberId,
            at,
            dueAt: later(at, trigger.afterMinutes),
            facts: { event, member: { memberId } },
          },
        ]
      : [],
  );
}

/** Changes for the worse, and none at all. */
const notReached = new Set([
  'enrolled',
  'tier-lapsed',
  'requalification',
  'programme-changed',
  'told-by-source',
]);

async function tierCauses(
  db: Db,
  noted: readonly Noted[],
  brandOf: BrandOf,
  now: Date,
): Promise<Cause[]> {
  const members = new Map(
    noted
      .filter(({ brand }) => triggersOf(brandOf(brand) ?? {}).some(([, one]) => isOfTier(one)))
      .map(({ tenant, memberId, brand }) => [
        `${tenant}\n${memberId}`,
        { tenant, memberId, brand },
      ]),
  );
  const keys = [...members.values()];
  const readings = await readProfiles(db, now, brandOf, keys);
  const causes: Cause[] = [];
  for (const [index, { tenant, memberId, brand }] of keys.entries()) {
    const reading = readings[index];
    if (reading instanceof PermanentError) {
      const of = { tenant, brand, memberId, error: reading, now };
      await noteUnreadable(db, of, brandOf(brand), isOfTier);
    } else if (reading?.kind === 'member')
      causes.push(...tierCausesOf(tenant, reading.profile, brandOf(reading.profile.brand), now));
  }
  return causes;
}

const isOfTier = ({ on }: Trigger) => 'tierReached' in on;
/** Whether it goes by what is so on a day. */
export const isOfState = ({ on }: Trigger): boolean =>
  'birthday' in on || 'pointsExpireWithinDays' in on;

/** Nobody knows what a profile that can't be read would be a cause of: each trigger it may have been one of records it, once a day. */
export async function noteUnreadable(
  db: Db,
  of: {
    readonly tenant: string;
    readonly brand: string;
    readonly memberId: string;
    readonly error: PermanentError;
    readonly now: Date;
  },
  known: KnownBrand | undefined,
  asks: (trigger: Trigger) => boolean,
): Promise<void> {
  const { tenant, brand, memberId, error, now } = of;
  if (!known) return;
  const day = dayAt(now.getTime(), known.timeZone);
  const causes = triggersOf(known).flatMap(([trigger, one]) =>
    asks(one)
      ? [
          {
            tenant,
            brand,
            trigger,
            cause: `unreadable:${personOf(memberId)}:${day}`,
            memberId,
            at: now,
            dueAt: now,
            facts: {},
          },
        ]
      : [],
  );
  await noteCauses(db, causes);
  const ending = { state: 'skipped', reason: error.code, detail: error.message } as const;
  for (const cause of causes) await endCause(db, cause, ending);
}

function tierCausesOf(
  tenant: string,
  profile: Profile,
  known: KnownBrand | undefined,
  now: Date,
): Cause[] {
  const { memberId, currentTier } = profile;
  const { id, name, rank, effectiveAt, changeReason } = currentTier;
  const lowest = known?.programme.tiers[0]?.id;
  if (!known || id === lowest || notReached.has(changeReason)) return [];
  const at = new Date(effectiveAt);
  return triggersOf(known).flatMap(([trigger, one]) =>
    reaches(one, id) && !isHistory(at, one, now)
      ? [
          {
            tenant,
            brand: profile.brand,
            trigger,
            // The day: what is told later may move the instant.
            cause: `tier:${personOf(memberId)}:${id}:${dayAt(at.getTime(), known.timeZone)}`,
            memberId,
            at,
            dueAt: later(at, one.afterMinutes),
            facts: { tier: { id, name, rank, at: effectiveAt }, member: { memberId } },
          },
        ]
      : [],
  );
}

const reaches = ({ on }: Trigger, tier: string): boolean =>
  'tierReached' in on && (on.tierReached === true || on.tierReached.includes(tier));

/** What a member's state is a cause of on a day. */
export function stateCauses(tenant: string, profile: Profile, brand: Brand, now: Date): Cause[] {
  const { memberId, expiringPoints, birthday } = profile;
  const today = dayAt(now.getTime(), brand.timeZone);
  const of = (
    trigger: string,
    { afterMinutes }: Trigger,
    [state, when]: readonly [string, string],
    facts: Facts,
  ): Cause => ({
    tenant,
    brand: brand.id,
    trigger,
    cause: `${state}:${personOf(memberId)}:${when}`,
    memberId,
    at: now,
    dueAt: later(now, afterMinutes),
    facts: { ...facts, member: { memberId } },
  });
  return triggersOf(brand).flatMap(([name, trigger]) => {
    const { on } = trigger;
    if ('birthday' in on) {
      const year = Number(today.slice(0, 4));
      return birthday !== null && greetingDay(birthday, year) === today
        ? [of(name, trigger, ['birthday', String(year)], { birthday: { day: today } })]
        : [];
    }
    if (!('pointsExpireWithinDays' in on)) return [];
    const last = dayAt(now.getTime() + on.pointsExpireWithinDays * dayMs, brand.timeZone);
    const next = expiringPoints.find(({ points }) => points > 0);
    const lastDay = next && lastDayOf(next.expiresAt, brand.timeZone);
    return next && lastDay !== undefined && lastDay >= today && lastDay <= last
      ? [of(name, trigger, ['points', lastDay], { points: { points: next.points, lastDay } })]
      : [];
  });
}

/** Tells causes of members apart, and says nothing of them once they are erased. */
const personOf = (memberId: string) =>
  createHash('sha256').update(memberId).digest('hex').slice(0, 20);

const dayMs = 86_400_000;
const later = (at: Date, minutes: number) => new Date(at.getTime() + minutes * 60_000);
