import { InvalidInput } from '../../../core/errors.ts';
import { minorUnits } from './money.ts';
import type { Shop } from './options.ts';
import type { LineItem, Order } from './payloads.ts';
import { nameOf } from './product-id.ts';
import { refundEvents } from './refunds.ts';

/** What was bought, and what it came to, before refunds. */
export function goodsOf(order: Order, shop: Shop) {
  const taken = order.line_items.map((line) => takenOut(line, order));
  return {
    total: totalOf(
      order,
      shop,
      taken.some((units) => units > 0),
    ),
    lines: order.line_items.flatMap((line, index) =>
      linesOf(line, line.quantity - (taken[index] ?? 0), order, shop, index),
    ),
  };
}

/** Units that an edit took out without a refund that says so. */
function takenOut(line: LineItem, { refunds }: Order): number {
  if (line.current_quantity === null || line.current_quantity === undefined) return 0;
  const refunded = refunds
    .flatMap(({ refund_line_items }) => refund_line_items)
    .filter(({ line_item_id, line_item }) => (line_item_id ?? line_item.id) === line.id)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, line.quantity - line.current_quantity - refunded);
}

/** What was paid, without gift cards. @param less something is gone of which no refund tells */
function totalOf(order: Order, shop: Shop, less: boolean): number {
  const { currency } = order;
  const giftCards = order.line_items.map((line, index) =>
    line.gift_card ? worthOf(line, order, index) : 0,
  );
  const total = minorUnits(order.total_price, currency, 'total_price');
  return Math.max(0, (less ? leftOf(order, shop, total) : total) - sum(giftCards));
}

/** What the order comes to now, with what its refunds paid back. */
function leftOf(
  { currency, current_total_price: left, refunds }: Order,
  shop: Shop,
  total: number,
) {
  if (left === null || left === undefined) return total;
  const paidBack = refunds
    .flatMap((refund) => refundEvents(refund, shop))
    .map(({ amount }) => amount ?? 0);
  return Math.min(total, minorUnits(left, currency, 'current_total_price') + sum(paidBack));
}

/** A line's price after its share of all discounts, its own and the order's. */
function worthOf(line: LineItem, { currency }: Order, index: number): number {
  const price = minorUnits(line.price, currency, `line_items[${index}].price`);
  const worth = price * line.quantity - discountOf(line, currency, index);
  if (worth >= 0) return worth;
  const path = `line_items[${index}].discount_allocations`;
  throw new InvalidInput([{ path, message: 'come to more than the line costs' }]);
}

const discountOf = (line: LineItem, currency: string, index: number): number =>
  sum(
    line.discount_allocations.map(({ amount }, n) =>
      minorUnits(amount, currency, `line_items[${index}].discount_allocations[${n}].amount`),
    ),
  );

/**
 * Where a discount doesn't divide evenly, some units cost one more than the others: the sum stays exact. A gift card is no
 * goods.
 */
function linesOf(line: LineItem, quantity: number, order: Order, shop: Shop, index: number) {
  if (line.gift_card || quantity <= 0) return [];
  const worth = worthOf(line, order, index);
  const unitPrice = Math.floor(worth / line.quantity);
  const dearer = Math.min(quantity, worth - unitPrice * line.quantity);
  const common = {
    ...nameOf(line, shop),
    lineId: line.id,
    fullPrice: discountOf(line, order.currency, index) === 0,
  };
  return [
    ...(quantity > dearer ? [{ ...common, quantity: quantity - dearer, unitPrice }] : []),
    ...(dearer > 0 ? [{ ...common, quantity: dearer, unitPrice: unitPrice + 1 }] : []),
  ];
}

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
