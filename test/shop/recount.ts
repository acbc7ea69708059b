import type { Order, Refund, Shop } from './model.ts';

/** What somebody's orders come to: naively, one after the other, without anything of the product. */
export type Recount = {
  orders: number;
  cancelled: number;
  refunded: number;
  /** Cents, of orders that stand. */
  spend: number;
};

/** By whom: `customer-number:<id>` or `email:<address>`. */
export function recount(shop: Shop): Map<string, Recount> {
  // An address that a customer confirmed is hers, also for what she ordered without logging in.
  const owners = new Map<string, string>(
    shop.customers.flatMap(({ id, email, verified }) =>
      verified ? [[`email:${email}`, `customer-number:${id}`] as const] : [],
    ),
  );
  const all = new Map<string, Recount>();
  for (const order of shop.orders.filter(isPurchase)) {
    const { buyer } = order;
    if (buyer.kind === 'nobody') continue;
    const known =
      buyer.kind === 'customer'
        ? `customer-number:${buyer.customer.id}`
        : `email:${buyer.email.toLowerCase()}`;
    const who = owners.get(known) ?? known;
    const sums = all.get(who) ?? { orders: 0, cancelled: 0, refunded: 0, spend: 0 };
    const total = totalOf(order);
    const refunded = refundedOf(order, total);
    sums.orders += 1;
    sums.refunded += refunded;
    if (order.cancelledAt === null) sums.spend += total - refunded;
    else sums.cancelled += 1;
    all.set(who, sums);
  }
  return all;
}

const isPurchase = ({ test, lines }: Order) => !test && lines.some(({ giftCard }) => !giftCard);

function totalOf({ lines, shipping, tax }: Order): number {
  let total = shipping + tax;
  for (const line of lines) if (!line.giftCard) total += line.price * line.quantity - line.discount;
  return total;
}

function refundedOf({ refunds }: Order, total: number): number {
  let sum = 0;
  for (const refund of refunds) sum += refund.by === 'failed-payment' ? 0 : moneyOf(refund);
  return Math.min(sum, total);
}

function moneyOf({ goods, extra }: Refund): number {
  let sum = extra;
  for (const { subtotal } of goods) sum += subtotal;
  return sum;
}
