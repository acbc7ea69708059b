import type { Problem } from '../../core/errors.ts';
import {
  idOfPurchase,
  type Known,
  type Place,
  type PurchaseEvent,
  refKey,
  type Step,
  type Told,
  type Writes,
} from '../batch.ts';
import { sameMember } from '../identity/accounts.ts';
import type { Linked } from '../identity/plan-links.ts';
import { append, lotProblems, withdraw } from '../points/plan-points.ts';
import type { PointsEntry, StoredOrder } from '../tables.ts';
import { type Derived, derive } from './derive.ts';
import { type Move, type Placed, unknownOrder } from './draft.ts';
import { areSame, isPlacing } from './order.ts';

/**
 * Something is told of a purchase: what it comes to now is derived from all that was told of it, and written as far as it
 * differs from what it came to before.
 */
export function tell(step: Step<PurchaseEvent['type']>): Linked {
  const { event, member, known, writes } = step;
  const orderId = idOfPurchase(event);
  const before = known.orders.get(orderId) ?? unknownOrder(orderId);
  const problems = [
    ...ofAnother(step, before),
    ...('pointsEarned' in event
      ? lotProblems(event.at, event.pointsEarned ?? undefined, 'pointsEarned.')
      : []),
  ];
  if (problems.length > 0) return problems;
  const derived = derivedFrom(step, before, { event, account: member.memberId });
  const unfit = derived.unfit.get(event) ?? [];
  if (unfit.length > 0 && typeof unfit !== 'string') return unfit;
  note(known, writes, orderId, { event, account: member.memberId });
  settle(step, before, derived);
  return unfit;
}

/** A movement of points was told of something by itself: if that is a purchase, what it takes back may be another. */
export function retell(place: Place, orderId: string): void {
  const { known, member } = place;
  const before = known.orders.get(orderId);
  if (!before || (before.memberId !== null && before.memberId !== member.memberId)) return;
  settle(place, before, derivedFrom(place, before));
}

/** Notes that an event is about this purchase, whoever tells it. */
export function note(known: Known, writes: Writes, orderId: string, told: Told): void {
  const order = known.orders.get(orderId) ?? unknownOrder(orderId);
  const { source, id } = told.event;
  known.told.set(orderId, [...(known.told.get(orderId) ?? []), told]);
  known.orders.set(orderId, { ...order, told: [...order.told, [source, id]] });
  writes.orders.add(orderId);
}

function derivedFrom(place: Place, before: StoredOrder, now?: Told): Derived {
  const { known, member } = place;
  const all = (known.told.get(before.orderId) ?? []).filter((one) => isOf(place, one));
  const hasPlacing = all.some(({ event }) => isPlacing(event));
  const isKept = !isPlaced(before) || hasPlacing;
  // Until it is known whose it is, only what was told of the member, be it before she enrolled.
  const isMade = hasPlacing || (now !== undefined && isPlacing(now.event));
  const told = isMade ? all : all.filter((one) => toldOf(one) !== undefined);
  const entries = known.entries.get(refKey(member.memberId, before.orderId)) ?? [];
  const start = isKept ? null : structuredClone(before);
  return derive(place, before.orderId, [...(isKept ? told : []), ...(now ? [now] : [])], {
    before,
    start: start && isPlaced(start) ? start : null,
    others: isKept ? entries.filter(({ source }) => source === null) : entries,
  });
}

const isPlaced = (order: StoredOrder): order is Placed => order.placedAt !== null;

/** Of whom it was told: undefined where of nobody. */
const toldOf = ({ account, event }: Told) => account ?? event.memberId;

/** Told of this member, or of nobody: not of somebody else. */
function isOf({ known, member }: Place, told: Told): boolean {
  const who = toldOf(told);
  return who === undefined || sameMember(known, who, member.memberId);
}

function ofAnother({ event, member }: Step<PurchaseEvent['type']>, order: StoredOrder): Problem[] {
  if (order.memberId === null || order.memberId === member.memberId) return [];
  const path = 'bookingId' in event ? 'bookingId' : 'orderId';
  if (isPlacing(event)) return [{ path, message: `this ${order.kind} was already placed` }];
  const what = order.kind === 'order' ? 'an order' : 'a booking';
  return [{ path, message: `is ${what} of another member` }];
}

/** Writes what differs from before. */
function settle(place: Place, before: StoredOrder, { order, moves, subjects }: Derived): void {
  const { member, known, writes } = place;
  writes.subjects.push(...subjects);
  const { orderId } = before;
  replace(place, orderId, moves);
  if (!order) return;
  // What somebody else told of it isn't about this one.
  const own = (known.told.get(orderId) ?? []).filter((one) => isOf(place, one));
  const told = own.map(({ event }) => [event.source, event.id] as const);
  known.told.set(orderId, own);
  known.orders.set(orderId, { ...order, told: own.length > 0 ? told : before.told });
  writes.orders.add(orderId);
  if (!areSame(before.lines, order.lines)) writes.relined.add(orderId);
  known.standing.buyers.add(member.memberId);
  for (const { event } of own) member.asOf = Math.max(member.asOf, Date.parse(event.at));
}

/** The movements of a purchase are these: those before the first that differs stay as they were written. */
function replace(place: Place, orderId: string, moves: readonly Move[]): void {
  const { member, known } = place;
  const key = refKey(member.memberId, orderId);
  const own = (known.entries.get(key) ?? []).filter(({ source }) => source !== null);
  const differs = moves.findIndex((one, n) => !isSame(one, own[n]));
  const kept = differs < 0 ? moves.length : differs;
  const gone = own.slice(kept);
  withdraw(place, orderId, gone);
  const added = moves.slice(kept).map((one) => {
    // Whatever has become of the programme since: it lapses when it was said to.
    const was = gone.find((other) => isSame(one, other));
    const { expiresAt, idleAt, floors } = was ?? one;
    return append(place, { ...one, expiresAt, idleAt, floors });
  });
  known.entries.set(key, [...(known.entries.get(key) ?? []), ...added]);
}

/** Where a movement lapses by the programme's rule it is said when it is written, and stays like that. */
const isSame = (one: Move, other: PointsEntry | undefined): boolean =>
  other !== undefined &&
  one.kind === other.kind &&
  one.points === other.points &&
  one.qualifying === other.qualifying &&
  one.lock === other.lock &&
  Date.parse(one.at) === Date.parse(other.at) &&
  instant(one.activeAt) === instant(other.activeAt);

const instant = (text: string | null) => (text === null ? null : Date.parse(text));
