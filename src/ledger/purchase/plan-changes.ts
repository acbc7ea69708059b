import { isDeepStrictEqual } from 'node:util';

import type { Problem } from '../../core/errors.ts';
import type { OrderLine, Step, StoredOrder } from '../batch.ts';
import { lotProblems } from '../points/plan-points.ts';
import { countAsTold, followChange, isPlaced } from '../programme/accrual.ts';
import { linesOf, ofAnother, spreadReturned } from './plan-orders.ts';
import { keepForLater } from './waiting.ts';

/**
 * An edit: the order is from now on what it says. What it earned follows, under the rules of when it was placed; what a
 * source counted follows too, downwards only, unless it says the new number. An edit older than one that is known changes
 * nothing.
 */
export function changeOrder(step: Step<'order.changed'>): Problem[] {
  const { event, known, writes } = step;
  const order = known.orders.get(event.orderId);
  if (!order || !isPlaced(order)) return keepForLater(step);
  const problems = [
    ...ofAnother(step, order, 'orderId'),
    ...(order.kind === 'booking'
      ? [{ path: 'orderId', message: 'is a booking; send booking.changed' }]
      : []),
    ...lotProblems(event.at, event.pointsEarned ?? undefined, 'pointsEarned.'),
  ];
  if (problems.length > 0) return problems;
  if (order.changedAt !== null && Date.parse(order.changedAt) > Date.parse(event.at)) return [];

  const before = order.lines;
  const lines = linesOf(event.lines).map((line) => asBought(line, before));
  order.changedAt = event.at;
  writes.orders.add(order.orderId);
  // Shops tell of every step of an order as of an edit.
  if (event.pointsEarned === undefined && isSame(order, event, lines)) return [];
  order.total = event.total;
  order.saved = event.saved;
  order.lines = lines;
  order.refunded = Math.min(order.total, order.paidBack);
  spreadReturned(order);
  if (order.state !== 'cancelled')
    order.state = keepsNothing(order, before) ? 'refunded' : 'placed';
  writes.relined.add(order.orderId);
  if (order.state === 'cancelled') return [];

  const { pointsEarned } = event;
  if (pointsEarned !== undefined) countAsTold(step, order, pointsEarned);
  else followChange(step, order);
  return [];
}

/** Nothing of it is edited. */
const isSame = (
  order: StoredOrder,
  { total, saved }: { readonly total: number; readonly saved: number },
  lines: readonly OrderLine[],
): boolean =>
  order.total === total &&
  order.saved === saved &&
  isDeepStrictEqual(
    order.lines.map((line) => ({ ...line, refundedQuantity: 0 })),
    lines,
  );

/** What was in the order before keeps the product data it was bought with. */
function asBought(line: OrderLine, before: readonly OrderLine[]): OrderLine {
  const same = before.find(({ productId }) => productId === line.productId);
  return same ? { ...line, category: same.category, attributes: same.attributes } : line;
}

/** All that is left of it came back, or nothing is left of it. */
const keepsNothing = ({ lines, total }: StoredOrder, before: readonly OrderLine[]): boolean =>
  lines.length > 0
    ? lines.every(({ quantity, refundedQuantity }) => quantity === refundedQuantity)
    : before.length > 0 && total === 0;
