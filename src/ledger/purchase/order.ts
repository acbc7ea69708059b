import { isDeepStrictEqual } from 'node:util';

import type { Problem } from '../../core/errors.ts';
import type { PurchaseEvent } from '../batch.ts';
import type { OrderLine, StoredOrder } from '../tables.ts';
import { accrue, countExternal, followChange } from './accrual.ts';
import { type Draft, move, type Placed, unknownOrder } from './draft.ts';
import { areReturned, goodsIn, spreadReturned } from './returns.ts';

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

const linesOf = (lines: Placing['lines']): OrderLine[] =>
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

type Changed<Type> = Extract<PurchaseEvent, { type: Type }>;

/**
 * An edit: the order is from now on what it says. What it earned follows, under the rules of when it was placed; what a
 * source counted follows too, downwards only, unless it says the new number.
 */
export function changeOrder(
  draft: Draft,
  event: Changed<'order.changed'>,
  order: Placed,
): readonly Problem[] {
  if (order.kind === 'booking')
    return [{ path: 'orderId', message: 'is a booking; send booking.changed' }];
  const before = order.lines;
  const lines = linesOf(event.lines).map((line) => asBought(line, before));
  order.changedAt = event.at;
  // Shops tell of every step of an order as of an edit.
  if (event.pointsEarned === undefined && isSame(order, event, lines)) return [];
  order.total = event.total;
  order.saved = event.saved;
  order.lines = lines;
  order.refunded = Math.min(order.total, order.paidBack);
  spreadReturned(order);
  if (order.state === 'cancelled') return [];
  order.state = keepsNothing(order, before) ? 'refunded' : 'placed';
  const { pointsEarned } = event;
  if (pointsEarned === undefined) followChange(draft, event, order);
  else countExternal(draft, event, order, pointsEarned);
  return [];
}

/** Notes what changed; a new price or new lines change what it earned, under the rules of when it was made. */
export function changeBooking(
  draft: Draft,
  event: Changed<'booking.changed'>,
  order: Placed,
): readonly Problem[] {
  order.startsAt = event.startsAt ?? order.startsAt;
  order.endsAt = event.endsAt ?? order.endsAt;
  order.changedAt = event.at;
  order.total = event.total ?? order.total;
  order.refunded = Math.min(order.total, order.paidBack);
  if (event.lines) order.lines = linesOf(event.lines);
  spreadReturned(order);
  if (order.state === 'placed') followChange(draft, event, order);
  return [];
}

/** Nothing of it is edited. */
const isSame = (
  order: StoredOrder,
  { total, saved }: { readonly total: number; readonly saved: number },
  lines: readonly OrderLine[],
): boolean => order.total === total && order.saved === saved && areSame(order.lines, lines);

export const areSame = (some: readonly OrderLine[], others: readonly OrderLine[]): boolean =>
  isDeepStrictEqual(unreturned(some), unreturned(others));
const unreturned = (lines: readonly OrderLine[]) =>
  lines.map((line) => ({ ...line, refundedQuantity: 0 }));

/** What was in the order before keeps the product data it was bought with. */
function asBought(line: OrderLine, before: readonly OrderLine[]): OrderLine {
  const same = before.find(({ productId }) => productId === line.productId);
  return same ? { ...line, category: same.category, attributes: same.attributes } : line;
}

/** All that is left of it came back, or nothing is left of it. */
const keepsNothing = ({ lines, total }: StoredOrder, before: readonly OrderLine[]): boolean =>
  lines.length > 0 ? areReturned(goodsIn(lines)) : before.length > 0 && total === 0;
