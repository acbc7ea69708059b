import { isDeepStrictEqual } from 'node:util';

import type { Problem } from '../../core/errors.ts';
import type { PurchaseEvent } from '../batch.ts';
import type { OrderLine, StoredOrder } from '../tables.ts';
import { countExternal, followChange } from './accrual.ts';
import type { Draft, Placed } from './draft.ts';
import { linesOf } from './place.ts';
import { areReturned, goodsIn, spreadReturned } from './returns.ts';

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
