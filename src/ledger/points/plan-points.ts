import { programmeAt } from '../../brand/brand.ts';
import { addMonths } from '../../core/calendar.ts';
import type { Problem } from '../../core/errors.ts';
import {
  type Known,
  type Place,
  type PointsEntry,
  type Step,
  type Tally,
  tallyKey,
} from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { expiryOf } from '../programme/earning.ts';

/** What the order (or other reference) earned and spent so far; a live object that `enter` keeps up to date. */
export function tallyOf({ tallies }: Known, memberId: string, ref: string): Tally {
  const key = tallyKey(memberId, ref);
  const tally = tallies.get(key) ?? { earned: 0, qualifying: 0, spent: 0 };
  tallies.set(key, tally);
  return tally;
}

type NewEntry = {
  readonly kind: PointsEntry['kind'];
  readonly points: number;
  readonly qualifying?: number;
  /** Null: pending until activated. */
  readonly activeAt?: string | null | undefined;
  readonly expiresAt?: string | undefined;
  readonly ref?: string | undefined;
  readonly lock?: string | undefined;
  readonly reason?: string | undefined;
  /** The event's time, where nothing else is said. */
  readonly at?: string;
};

/** Adds one movement of points to what the event leaves behind. */
export function enter(step: Moment, entry: NewEntry): void {
  const { event, member, ledgerVersion, known, writes } = step;
  const { kind, points, qualifying = 0, ref } = entry;
  const last = writes.points.at(-1);
  const sameEvent = last?.memberId === member.memberId && last.ledgerVersion === ledgerVersion;
  writes.points.push({
    memberId: member.memberId,
    ledgerVersion,
    n: sameEvent ? last.n + 1 : 0,
    kind,
    points,
    qualifying,
    activeAt: entry.activeAt === null ? 'infinity' : (entry.activeAt ?? null),
    expiresAt: entry.expiresAt ?? (kind === 'earn' ? programmeExpiry(step) : null),
    ref: ref ?? null,
    lock: entry.lock ?? null,
    reason: entry.reason ?? null,
    at: entry.at ?? event.at,
    idleAt: kind === 'earn' || kind === 'spend' ? idleAt(step) : null,
  });
  if (ref === undefined) return;
  const tally = tallyOf(known, member.memberId, ref);
  tally.qualifying += qualifying;
  if (kind === 'earn' || (kind === 'reverse' && points < 0)) tally.earned += points;
  if (kind === 'spend') tally.spent += points;
  if (kind === 'reverse' && points > 0) tally.spent -= points;
}

type Moment = Place & { readonly event: { at: string } };

/** When points earned now lapse, where the programme counts and the event doesn't say. */
function programmeExpiry({ event, member, brandOf }: Moment): string | null {
  const brand = brandOf(member.brand);
  const at = Date.parse(event.at);
  const programme = brand && programmeAt(brand, at);
  if (programme?.accrual !== 'programme') return null;
  const lapses = expiryOf(programme, at, brand?.timeZone ?? 'UTC');
  return lapses === undefined ? null : new Date(lapses).toISOString();
}

/** Until when something must be earned or spent again, in programmes whose points lapse of inactivity. */
function idleAt({ event, member, brandOf }: Moment): string | null {
  const brand = brandOf(member.brand);
  const at = Date.parse(event.at);
  const expiry = brand && programmeAt(brand, at).expiry;
  return expiry?.after === 'inactivity'
    ? new Date(addMonths(at, expiry.months, brand?.timeZone ?? 'UTC')).toISOString()
    : null;
}

/** A lot that expires before it is spendable was never worth anything: a mistake of the source. */
export function lotProblems(
  at: string,
  lot: { activeAt?: string | null | undefined; expiresAt?: string | undefined } | undefined,
  path = '',
): Problem[] {
  if (lot?.expiresAt === undefined) return [];
  return Date.parse(lot.expiresAt) > Math.max(Date.parse(at), Date.parse(lot.activeAt ?? at))
    ? []
    : [{ path: `${path}expiresAt`, message: 'must be after the points become active' }];
}

type PointsEvent = Extract<LedgerEvent, { type: `points.${string}` }>['type'];

/** Writes the movement that a `points.…` event tells. */
export function movePoints(step: Step<PointsEvent>): Problem[] {
  const { event } = step;
  const problems = 'expiresAt' in event ? lotProblems(event.at, event) : [];
  if (problems.length > 0) return problems;
  switch (event.type) {
    case 'points.earned':
      enter(step, { ...event, kind: 'earn', qualifying: event.qualifyingPoints ?? 0 });
      break;
    case 'points.adjusted':
      enter(step, { ...event, kind: 'adjust', qualifying: event.qualifyingPoints ?? 0 });
      break;
    case 'points.activated':
      enter(step, { kind: 'activate', points: 0, ref: event.ref });
      break;
    case 'points.spent':
      enter(step, { ...event, kind: 'spend' });
      break;
    case 'points.expired':
      enter(step, { kind: 'expire', points: event.points });
      break;
    case 'points.locked':
      enter(step, { ...event, kind: 'lock' });
      break;
    case 'points.released':
      enter(step, { kind: 'release', points: event.points ?? 0, lock: event.lock });
      break;
  }
  return [];
}
