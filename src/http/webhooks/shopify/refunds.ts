import type { WebhookEvent } from '../adapter.ts';
import { minorUnits } from './money.ts';
import type { Shop } from './options.ts';
import { idOf, type Refund } from './payloads.ts';
import { productIdOf } from './product-id.ts';

/**
 * A refund says which order, not whose: the ledger knows. Money back is what its transactions say. Where there are none, an
 * edit took goods out of an order: they count for what they cost. Neither goods nor money: no event.
 */
export function refundEvents(refund: Refund, shop: Shop): WebhookEvent[] {
  const goods = refund.refund_line_items.filter(
    ({ line_item, quantity }) => !line_item.gift_card && quantity > 0,
  );
  const paid = refund.transactions.filter(({ kind }) => kind === 'refund');
  const done = paid.filter(({ status }) => status === 'success' || status === 'pending');
  // All of them failed: nothing was paid back.
  if (paid.length > 0 && done.length === 0) return [];
  const amount = done.length > 0 ? paidBack(done, refund, shop) : worthOf(goods, shop);
  if (goods.length === 0 && amount === 0) return [];
  return [
    {
      source: shop.source,
      brand: shop.brand,
      id: `refund-${idOf(refund)}`,
      type: 'order.refunded',
      orderId: refund.order_id,
      at: refund.created_at,
      lines: linesOf(goods, shop),
      amount,
    },
  ];
}

/** One for each product: an order can have it in several lines. */
function linesOf(goods: Refund['refund_line_items'], shop: Shop) {
  const quantities = new Map<string, number>();
  for (const { line_item, quantity } of goods) {
    const productId = productIdOf(line_item, shop);
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
}

/** Money back in the shop's currency, without that for gift cards. */
function paidBack(paid: Refund['transactions'], refund: Refund, shop: Shop): number {
  const { currency } = shop;
  const giftCards = refund.refund_line_items.filter(({ line_item }) => line_item.gift_card);
  // Paid back in the customer's currency: the shop's is told with the goods and what was added or kept back.
  if (paid.some((one) => one.currency && one.currency !== currency)) {
    const goods = refund.refund_line_items.filter(({ line_item }) => !line_item.gift_card);
    // Adjustments are below zero where they give more back.
    const adjusted = refund.order_adjustments.map((one, index) => {
      const path = `order_adjustments[${index}].amount_set`;
      return inShopMoney(one.amount_set, shop, path) + inShopMoney(one.tax_amount_set, shop, path);
    });
    return Math.max(0, worthOf(goods, shop) - sum(adjusted));
  }
  const money = paid.map(({ amount }, index) =>
    minorUnits(amount, currency, `transactions[${index}].amount`),
  );
  return Math.max(0, sum(money) - worthOf(giftCards, shop));
}

/** What goods cost, discounts and tax included. */
const worthOf = (goods: Refund['refund_line_items'], shop: Shop): number =>
  sum(
    goods.map(({ subtotal_set, total_tax_set }, index) => {
      const path = `refund_line_items[${index}].subtotal_set`;
      const tax = shop.taxesIncluded ? 0 : inShopMoney(total_tax_set, shop, path);
      return inShopMoney(subtotal_set, shop, path) + tax;
    }),
  );

type AmountSet = Refund['refund_line_items'][number]['subtotal_set'];

const inShopMoney = (set: AmountSet, { currency }: Shop, path: string): number =>
  set ? minorUnits(set.shop_money.amount, currency, path) : 0;

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
