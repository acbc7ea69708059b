import type { Problem } from '../../core/errors.ts';
import type { Ignored, Place, PurchaseEvent, Told } from '../batch.ts';
import type { PointsEntry, StoredOrder } from '../tables.ts';
import { undo, waitsFor } from './accrual.ts';
import { changeBooking, changeOrder } from './change.ts';
import { type Draft, move, type Placed } from './draft.ts';
import { isPlacing, placePurchase } from './place.ts';
import { refund } from './returns.ts';

type Outcome = readonly Problem[] | Ignored;

/** What a purchase comes to. `unfit` are the events that change nothing where they stand, and why. */
export type Derived = Pick<Draft, 'order' | 'moves' | 'subjects'> & {
  readonly unfit: ReadonlyMap<PurchaseEvent, Outcome>;
};

/**
 * What all that was told of a purchase comes to, in order of time and whatever the order it was told in. Until it is placed
 * it comes to nothing but that messages about it stop when it is cancelled.
 *
 * @param before as it was stored: by which terms it was counted so far
 * @param start where the event that placed it isn't kept: what the others are applied to
 */
export function derive(
  place: Place,
  orderId: string,
  told: readonly Told[],
  {
    before,
    start,
    others,
  }: {
    readonly before: StoredOrder | null;
    readonly start: Placed | null;
    readonly others: readonly PointsEntry[];
  },
): Derived {
  const draft: Draft = { place, orderId, order: start, moves: [], others, before, subjects: [] };
  const unfit = new Map<PurchaseEvent, Outcome>();
  for (const [said, event] of inOrderOfTime(told.map((one) => one.event))) {
    const outcome = applyTo(draft, event);
    if (outcome.length > 0) unfit.set(said, outcome);
  }
  return { ...draft, unfit };
}

/** By time; of one instant as things happen, and as they were told. A purchase comes before what was told of it. */
const steps: readonly PurchaseEvent['type'][] = [
  'order.changed',
  'booking.changed',
  'order.paid',
  'order.fulfilled',
  'order.refunded',
  'order.cancelled',
  'booking.cancelled',
];

/** Events as they came, each with what is applied for it: of several about one refund, the last one says what the first did. */
function inOrderOfTime(
  events: readonly PurchaseEvent[],
): (readonly [said: PurchaseEvent, applied: PurchaseEvent])[] {
  const sorted = events.toSorted(
    (one, other) =>
      Number(isPlacing(other)) - Number(isPlacing(one)) ||
      Date.parse(one.at) - Date.parse(other.at) ||
      steps.indexOf(one.type) - steps.indexOf(other.type),
  );
  return sorted.flatMap((event, nth) => {
    const same = (one: PurchaseEvent) =>
      one.type === 'order.refunded' &&
      event.type === 'order.refunded' &&
      event.refundId !== undefined &&
      one.refundId === event.refundId;
    if (sorted.findIndex(same) < 0) return [[event, event] as const];
    if (sorted.findIndex(same) < nth) return [];
    const last = sorted.findLast(same) ?? event;
    return [[last, { ...last, at: event.at }] as const];
  });
}

function applyTo(draft: Draft, event: PurchaseEvent): Outcome {
  if (event.type === 'order.placed' || event.type === 'booking.made')
    return placePurchase(draft, event);
  if (event.type === 'order.cancelled' || event.type === 'booking.cancelled') {
    cancel(draft, event);
    return [];
  }
  const { order } = draft;
  if (!order) return [];
  switch (event.type) {
    case 'order.changed':
      return changeOrder(draft, event, order);
    case 'booking.changed':
      return changeBooking(draft, event, order);
    case 'order.paid':
      order.paidAt ??= event.at;
      if (waitsFor(draft, order) === 'paid') move(draft, event, { kind: 'activate', points: 0 });
      return [];
    case 'order.fulfilled':
      order.fulfilledAt ??= event.at;
      if (waitsFor(draft, order) === 'fulfilled')
        move(draft, event, { kind: 'activate', points: 0 });
      return [];
    case 'order.refunded':
      return refund(draft, event, order);
    default:
      return event satisfies never;
  }
}

/** Messages about it stop, whether or not it is known; so does what else was earned or spent in its name. */
function cancel(
  draft: Draft,
  event: Extract<PurchaseEvent, { type: 'order.cancelled' | 'booking.cancelled' }>,
): void {
  const { order, subjects } = draft;
  const own =
    event.type === 'order.cancelled'
      ? `order:${event.orderId}`
      : (order?.subject ?? `trip:${event.bookingId}`);
  for (const subject of new Set([own, ...event.subjects])) subjects.push({ subject, at: event.at });
  if (order) order.state = 'cancelled';
  if (event.points === 'reverse') undo(draft, event, order);
}
