import type { Problem } from '../../core/errors.ts';
import type { PurchaseEvent } from '../batch.ts';
import type { OrderLine } from '../tables.ts';
import { accrue, countExternal } from './accrual.ts';
import { type Draft, move, type Placed, unknownOrder } from './draft.ts';

type Placing = Extract<PurchaseEvent, { type: 'order.placed' | 'booking.made' }>;
export const isPlacing = (event: PurchaseEvent): event is Placing =>
  event.type === 'order.placed' || event.type === 'booking.made';

/**
 * A purchase is made: it is noted with its lines, and earns what the source says or else what the programme gives. A booking
 * counts from when it was made.
 */
export function placePurchase(draft: Draft, event: Placing): readonly Problem[] {
  if (draft.order) {
    const path = event.type === 'booking.made' ? 'bookingId' : 'orderId';
    return [{ path, message: `this ${draft.order.kind} was already placed` }];
  }
  const { member } = draft.place;
  const order: Placed = {
    ...unknownOrder(draft.orderId),
    memberId: member.memberId,
    brand: member.brand,
    placedAt: event.at,
    channel: event.channel,
    store: event.store ?? null,
    currency: event.currency,
    total: event.total,
    saved: event.saved,
    state: 'placed',
    lines: linesOf(event.lines),
    ...(event.type === 'booking.made' && bookingOf(event)),
  };
  draft.order = order;
  const { pointsEarned, pointsSpent, pointsLock } = event;
  if (pointsEarned) countExternal(draft, event, order, pointsEarned);
  else if (pointsEarned === undefined) accrue(draft, event, order);
  if (pointsSpent) move(draft, event, { kind: 'spend', points: pointsSpent, lock: pointsLock });
  return [];
}

const bookingOf = (event: Extract<Placing, { type: 'booking.made' }>) => ({
  kind: 'booking' as const,
  subject: event.subject ?? `trip:${event.bookingId}`,
  startsAt: event.startsAt ?? null,
  endsAt: event.endsAt ?? null,
});

export const linesOf = (lines: Placing['lines']): OrderLine[] =>
  lines.map((line, n) => ({
    n,
    lineId: line.lineId ?? null,
    kind: line.kind ?? 'product',
    productId: line.productId,
    category: line.category ?? null,
    attributes: line.attributes ?? [],
    quantity: line.quantity,
    refundedQuantity: 0,
    unitPrice: line.unitPrice,
    fullPrice: line.fullPrice,
  }));
