import type { Problem } from '../../core/errors.ts';
import type { Ignored, Place, PurchaseEvent, Told } from '../batch.ts';
import type { PointsEntry, StoredOrder } from '../tables.ts';
import { undo, waitsFor } from './accrual.ts';
import { type Draft, move, type Placed } from './draft.ts';
import { changeBooking, changeOrder, isPlacing, placePurchase } from './order.ts';
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
  for (const sayings of inOrderOfTime(told.map((one) => one.event)))
    for (const { said, applied } of sayings) {
      const outcome = applyTo(draft, applied);
      if (outcome.length === 0) break;
      unfit.set(said, outcome);
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

type Saying = { readonly said: PurchaseEvent; readonly applied: PurchaseEvent };

/**
 * Events in order of time, each with what is applied for it. Of several about one refund the last says what the first did;
 * where that can't be, the one before it.
 */
function inOrderOfTime(events: readonly PurchaseEvent[]): (readonly Saying[])[] {
  const sorted = events.toSorted(
    (one, other) =>
      Number(isPlacing(other)) - Number(isPlacing(one)) ||
      Date.parse(one.at) - Date.parse(other.at) ||
      steps.indexOf(one.type) - steps.indexOf(other.type),
  );
  return sorted.flatMap((event) => {
    const same = sorted.filter((one) => one === event || isSameRefund(one, event));
    if (same[0] !== event) return [];
    return [same.toReversed().map((said) => ({ said, applied: { ...said, at: event.at } }))];
  });
}

const isSameRefund = (one: PurchaseEvent, other: PurchaseEvent): boolean =>
  one.type === 'order.refunded' &&
  other.type === 'order.refunded' &&
  other.refundId !== undefined &&
  one.refundId === other.refundId;

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
