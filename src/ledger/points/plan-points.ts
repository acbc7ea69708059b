import { programmeAt } from '../../brand/brand.ts';
import { addMonths } from '../../core/calendar.ts';
import type { Problem } from '../../core/errors.ts';
import { type Place, refKey, type Step } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { expiryOf } from '../programme/earning.ts';
import type { PointsEntry } from '../tables.ts';

export type NewEntry = {
  readonly kind: PointsEntry['kind'];
  readonly points: number;
  readonly qualifying?: number;
  /** Null: pending until activated. */
  readonly activeAt?: string | null | undefined;
  readonly expiresAt?: string | undefined;
  readonly ref?: string | undefined;
  readonly lock?: string | undefined;
  readonly reason?: string | undefined;
};

/** A movement of points as it is stored, with what the programme says of when it lapses. */
export function entryOf(moment: Moment, entry: NewEntry): Omit<PointsEntry, 'ledgerVersion' | 'n'> {
  const { event, member, brandOf } = moment;
  const { kind, points, qualifying = 0 } = entry;
  const brand = brandOf(member.brand);
  return {
    memberId: member.memberId,
    kind,
    points,
    qualifying,
    activeAt: entry.activeAt === null ? 'infinity' : (entry.activeAt ?? null),
    expiresAt: entry.expiresAt ?? (kind === 'earn' ? programmeExpiry(moment) : null),
    ref: entry.ref ?? null,
    lock: entry.lock ?? null,
    reason: entry.reason ?? null,
    at: event.at,
    idleAt: kind === 'earn' || kind === 'spend' ? idleAt(moment) : null,
    floors:
      kind === 'reverse' &&
      points < 0 &&
      brand !== undefined &&
      programmeAt(brand, Date.parse(event.at)).negative === 'floor',
    source: null,
    id: null,
  };
}

/** Adds one movement of points to what the event at hand leaves behind. */
export function append(
  { member: { memberId }, ledgerVersion, writes }: Place,
  entry: Omit<PointsEntry, 'ledgerVersion' | 'n'>,
): PointsEntry {
  const last = writes.points.at(-1);
  const sameEvent = last?.memberId === memberId && last.ledgerVersion === ledgerVersion;
  const written = { ...entry, ledgerVersion, n: sameEvent ? last.n + 1 : 0 };
  writes.points.push(written);
  return written;
}

/** Adds a movement that stands by itself, whatever it is said to be about. */
export function enter(step: Moment, entry: NewEntry): void {
  const { known, member } = step;
  const written = append(step, entryOf(step, entry));
  if (written.ref === null) return;
  const key = refKey(member.memberId, written.ref);
  known.entries.set(key, [...(known.entries.get(key) ?? []), written]);
}

/** Others take the place of these movements; of all that are about this where none are named. */
export function withdraw(
  { member: { memberId }, known, writes, ledgerVersion }: Place,
  ref: string,
  gone: readonly PointsEntry[] = known.entries.get(refKey(memberId, ref)) ?? [],
): void {
  if (gone.length === 0) return;
  const key = refKey(memberId, ref);
  for (const { n, ledgerVersion: version } of gone)
    writes.replaced.push({ memberId, ledgerVersion: version, n, replacedBy: ledgerVersion });
  known.standing.rewritten.add(key);
  known.entries.set(
    key,
    (known.entries.get(key) ?? []).filter((one) => !gone.includes(one)),
  );
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
      enter(step, { ...event, kind: 'lock', expiresAt: event.until });
      break;
    case 'points.released':
      enter(step, { kind: 'release', points: event.points ?? 0, lock: event.lock });
      break;
  }
  return [];
}
