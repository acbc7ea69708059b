import type { Problem } from '../../core/errors.ts';
import type { Step, StoredOrder } from '../batch.ts';
import { followChange, isPlaced, undo } from '../programme/accrual.ts';
import { linesOf, ofAnother, place, spreadReturned, unknownOrder } from './plan-orders.ts';
import { keepForLater } from './waiting.ts';

/** A booking counts as a purchase from when it was made. */
export function makeBooking(step: Step<'booking.made'>): Problem[] {
  const { event } = step;
  return place(step, {
    orderId: event.bookingId,
    kind: 'booking',
    subject: event.subject ?? `trip:${event.bookingId}`,
    startsAt: event.startsAt ?? null,
    endsAt: event.endsAt ?? null,
  });
}

/** Notes what changed; a new price or new lines change what it earned, under the rules of when it was made. */
export function changeBooking(step: Step<'booking.changed'>): Problem[] {
  const { event, known, writes } = step;
  const order = known.orders.get(event.bookingId);
  if (!order || !isPlaced(order)) return keepForLater(step);
  const problems = ofAnother(step, order, 'bookingId');
  if (problems.length > 0) return problems;
  order.startsAt = event.startsAt ?? order.startsAt;
  order.endsAt = event.endsAt ?? order.endsAt;
  order.total = event.total ?? order.total;
  order.refunded = Math.min(order.total, order.paidBack);
  if (order.changedAt === null || Date.parse(order.changedAt) < Date.parse(event.at))
    order.changedAt = event.at;
  if (event.lines) {
    writes.relined.add(order.orderId);
    order.lines = linesOf(event.lines);
    spreadReturned(order);
  }
  writes.orders.add(order.orderId);
  if (order.state === 'placed') followChange(step, order);
  return [];
}

/** As a cancelled order, and stops every message about the trip. */
export function cancelBooking(step: Step<'booking.cancelled'>): Problem[] {
  const { event, known, writes } = step;
  const order: StoredOrder = known.orders.get(event.bookingId) ?? {
    ...unknownOrder(event.bookingId),
    kind: 'booking',
  };
  const problems = ofAnother(step, order, 'bookingId');
  if (problems.length > 0) return problems;
  cancelTrip(step, order.subject);
  order.state = 'cancelled';
  known.orders.set(event.bookingId, order);
  writes.orders.add(event.bookingId);
  if (event.points === 'reverse') undo(step, order);
  return [];
}

/** Marks the subjects of a booking cancelled, whether or not we know it. */
export function cancelTrip(
  { event, writes }: Pick<Step<'booking.cancelled'>, 'event' | 'writes'>,
  subject: string | null = null,
): void {
  const subjects = new Set([subject ?? `trip:${event.bookingId}`, ...event.subjects]);
  for (const one of subjects) writes.subjects.push({ subject: one, at: event.at });
}
