import type { WebhookEvent } from '../adapter.ts';
import { minorUnits } from './money.ts';
import type { Shop } from './options.ts';
import { idOf, type Refund } from './payloads.ts';
import { productIdOf } from './product-id.ts';

/**
 * A refund says which order, not whose: the ledger knows. Money back is what its transactions say; where there are none (an
 * edit took goods out of an order), the goods' prices count. Neither goods nor money: no event.
 */
export function refundEvents(refund: Refund, shop: Shop): WebhookEvent[] {
  const id = idOf(refund);
  const goods = refund.refund_line_items.filter(
    ({ line_item, quantity }) => !line_item.gift_card && quantity > 0,
  );
  const amount = amountOf(refund, shop);
  const tried = refund.transactions.some(({ kind }) => kind === 'refund');
  // Its transactions failed: nothing was paid back.
  if (tried && amount === 0) return [];
  if (goods.length === 0 && amount === 0) return [];
  return [
    {
      source: shop.source,
      brand: shop.brand,
      id: `refund-${id}`,
      type: 'order.refunded',
      orderId: refund.order_id,
      at: refund.created_at,
      lines: linesOf(goods, shop),
      ...(tried && { amount }),
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

/** Money back in the shop's currency, without that for gift cards; 0 where none was paid. */
function amountOf(refund: Refund, { currency }: Shop): number {
  const paid = refund.transactions.filter(
    ({ kind, status }) => kind === 'refund' && (status === 'success' || status === 'pending'),
  );
  if (paid.length === 0) return 0;
  const giftCards = sum(
    refund.refund_line_items.map((line, index) =>
      line.line_item.gift_card ? inShopMoney(line.subtotal_set, currency, index) : 0,
    ),
  );
  // Paid back in the customer's currency: the shop's is told with the goods and what was added or kept back.
  if (paid.some((one) => one.currency && one.currency !== currency)) {
    const goods = refund.refund_line_items.map(
      (line, index) =>
        inShopMoney(line.subtotal_set, currency, index) +
        inShopMoney(line.total_tax_set, currency, index),
    );
    // Adjustments are below zero where they give more back.
    const adjusted = refund.order_adjustments.map(
      (one, index) =>
        inShopMoney(one.amount_set, currency, index) +
        inShopMoney(one.tax_amount_set, currency, index),
    );
    return Math.max(0, sum(goods) - sum(adjusted) - giftCards);
  }
  const money = paid.map(({ amount }, index) =>
    minorUnits(amount, currency, `transactions[${index}].amount`),
  );
  return Math.max(0, sum(money) - giftCards);
}

type AmountSet = Refund['refund_line_items'][number]['subtotal_set'];

const inShopMoney = (set: AmountSet, currency: string, index: number): number =>
  set ? minorUnits(set.shop_money.amount, currency, `refund_line_items[${index}].subtotal_set`) : 0;

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
