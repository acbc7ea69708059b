import type { LedgerEventInput } from '../../../ledger/events.ts';
import { minorUnits } from './money.ts';
import type { Shop } from './options.ts';
import { idOf, type Refund } from './payloads.ts';
import { nameOf } from './product-id.ts';

type Refunded = Extract<LedgerEventInput, { type: 'order.refunded' }>;
type Goods = Refund['refund_line_items'];
type Transactions = Refund['transactions'];

/**
 * A refund says which order, not whose: the ledger knows. Money back is what its transactions say, also while they are
 * pending; once they settle, a later event of the same refund says what became of them. Where there are none, an edit took
 * goods out of an order: they count for what they cost. Neither goods nor money: no event.
 */
export function refundEvents(refund: Refund, shop: Shop): Refunded[] {
  const refundId = idOf(refund);
  const { settled, at } = stateOf(refund);
  const about = {
    source: shop.source,
    brand: shop.brand,
    type: 'order.refunded' as const,
    id: settled ? `refund-${refundId}` : `refund-${refundId}-pending`,
    refundId,
    orderId: refund.order_id,
    at,
  };
  const goods = refund.refund_line_items.filter(
    ({ line_item, quantity }) => !line_item.gift_card && quantity > 0,
  );
  const paid = refund.transactions.filter(({ kind }) => kind === 'refund');
  const done = paid.filter(({ status }) => status === 'success' || status === 'pending');
  // All of them failed: nothing was paid back. What was said while they were pending is taken back.
  if (paid.length > 0 && done.length === 0)
    return at === refund.created_at ? [] : [{ ...about, lines: [], amount: 0 }];
  const amount = done.length > 0 ? paidBack(done, refund, shop) : worthOf(goods, shop);
  if (goods.length === 0 && amount === 0) return [];
  return [{ ...about, lines: linesOf(goods, shop), amount }];
}

/** Whether nothing of it is pending any more, and since when. */
function stateOf({ transactions, created_at: created }: Refund) {
  const settled = transactions.every(({ status }) => status !== 'pending');
  const times = settled ? transactions.flatMap(({ processed_at: at }) => at ?? []) : [];
  const at = times.reduce(
    (last, one) => (Date.parse(one) > Date.parse(last) ? one : last),
    created,
  );
  return { settled, at };
}

/** One for each line of the order. */
const linesOf = (goods: Goods, shop: Shop) =>
  goods.map(({ line_item, line_item_id, quantity }) => ({
    ...nameOf(line_item, shop),
    lineId: line_item_id ?? line_item.id,
    quantity,
  }));

/** Money back in the shop's currency, without that for gift cards. */
function paidBack(paid: Transactions, refund: Refund, shop: Shop): number {
  const { currency } = shop;
  const giftCards = refund.refund_line_items.filter(({ line_item }) => line_item.gift_card);
  // Paid back in the customer's currency: the shop's is told with the goods and what was added or kept back.
  if (paid.some((one) => one.currency && one.currency !== currency)) {
    const goods = refund.refund_line_items.filter(({ line_item }) => !line_item.gift_card);
    const told = worthOf(goods, shop) - sum(adjustments(refund, shop));
    return told > 0 ? told : unsettled(paid, shop);
  }
  const money = paid.map(({ amount }, index) =>
    minorUnits(amount, currency, `transactions[${index}].amount`),
  );
  return Math.max(0, sum(money) - worthOf(giftCards, shop));
}

/** Below zero where they give more back. That something isn't paid yet is no adjustment. */
const adjustments = ({ order_adjustments: all }: Refund, shop: Shop): number[] =>
  all.map((one, index) => {
    if (/^pending/i.test(one.reason ?? '')) return 0;
    const path = `order_adjustments[${index}].amount_set`;
    return inShopMoney(one.amount_set, shop, path) + inShopMoney(one.tax_amount_set, shop, path);
  });

const unsettled = (paid: Transactions, shop: Shop): number =>
  sum(
    paid.map(({ total_unsettled_set: set }, index) => {
      const path = `transactions[${index}].total_unsettled_set`;
      return set ? minorUnits(set.shop_money.amount, shop.currency, path) : 0;
    }),
  );

/** What goods cost, discounts and tax included. */
const worthOf = (goods: Goods, shop: Shop): number =>
  sum(
    goods.map(({ subtotal_set, total_tax_set }, index) => {
      const path = `refund_line_items[${index}].subtotal_set`;
      const tax = shop.taxesIncluded ? 0 : inShopMoney(total_tax_set, shop, path);
      return inShopMoney(subtotal_set, shop, path) + tax;
    }),
  );

type AmountSet = Goods[number]['subtotal_set'];

const inShopMoney = (set: AmountSet, { currency }: Shop, path: string): number =>
  set ? minorUnits(set.shop_money.amount, currency, path) : 0;

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
