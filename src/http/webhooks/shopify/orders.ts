import type { WebhookEvent } from '../adapter.ts';
import { minorUnits } from './money.ts';
import type { Shop } from './options.ts';
import { idOf, type LineItem, type Order } from './payloads.ts';
import { productIdOf } from './product-id.ts';
import { refundEvents } from './refunds.ts';

type Topic =
  | 'orders/create'
  | 'orders/paid'
  | 'orders/fulfilled'
  | 'orders/cancelled'
  | 'orders/updated';

/**
 * Every delivery about an order carries the order as it is then. So each tells all of it, under ids of the order's own: that
 * it was placed, its refunds, its cancellation. Whichever comes first, the ledger comes to the same. Paid and fulfilled have
 * no time of their own in the payload, and are told by their topics only.
 * Empty for what is no purchase: an order of nobody we could name, or of gift cards only, which count when they are spent.
 */
export function orderEvents(topic: Topic, order: Order, shop: Shop): WebhookEvent[] {
  const identity = identityOf(order, shop);
  const goods = order.line_items.filter(({ gift_card, quantity }) => !gift_card && quantity > 0);
  const onlyGiftCards = order.line_items.length > 0 && goods.length === 0;
  const orderId = idOf(order);
  const { source, brand } = shop;
  const about = { source, brand, orderId };
  const cancelled = cancellation(order, shop, identity);
  // Nobody's points, but its messages must stop.
  if (!identity || onlyGiftCards) return onlyGiftCards ? [] : cancelled;

  const placed = {
    ...about,
    identity,
    type: 'order.placed',
    id: `order-${orderId}-placed`,
    at: order.processed_at ?? order.created_at,
    ...where(order, shop),
    currency: order.currency,
    total: totalOf(order),
    lines: goods.flatMap((line, index) => linesOf(line, order, shop, index)),
  };
  const at = order.updated_at ?? order.created_at;
  const moved = {
    'orders/paid': [{ ...about, identity, type: 'order.paid', id: `order-${orderId}-paid`, at }],
    'orders/fulfilled': [
      { ...about, identity, type: 'order.fulfilled', id: `order-${orderId}-fulfilled`, at },
    ],
    'orders/create': [],
    'orders/updated': [],
    'orders/cancelled': [],
  }[topic];
  const refunds = order.refunds.flatMap((refund) => refundEvents(refund, shop));
  return [placed, ...moved, ...cancelled, ...refunds];
}

function cancellation(order: Order, shop: Shop, identity: unknown): WebhookEvent[] {
  const orderId = idOf(order);
  const { cancelled_at: at, name } = order;
  if (!at) return [];
  return [
    {
      source: shop.source,
      brand: shop.brand,
      orderId,
      type: 'order.cancelled',
      id: `order-${orderId}-cancelled`,
      at,
      // Mails may be about the number on the receipt.
      subjects: name && /^\S+$/.test(name) ? [`order:${name}`] : [],
      ...(identity !== undefined && { identity }),
    },
  ];
}

/** Who bought: the customer by her number; a guest by her address, else her phone. */
function identityOf(order: Order, { customerPrefix }: Shop) {
  if (order.customer)
    return { kind: 'customer-number', value: `${customerPrefix}${idOf(order.customer)}` };
  const email = order.email || order.contact_email;
  if (email) return { kind: 'email', value: email };
  return order.phone ? { kind: 'phone', value: order.phone } : undefined;
}

const usualChannels: Readonly<Record<string, string>> = {
  web: 'online',
  pos: 'store',
  shopify_draft_order: 'online',
  iphone: 'app',
  android: 'app',
};

function where({ source_name: name, location_id: location }: Order, shop: Shop) {
  const channel = shop.channels[name ?? ''] ?? usualChannels[name ?? ''] ?? 'online';
  // Online orders have a location too: where they are sent from.
  if (channel !== 'store' || !location) return { channel };
  return { channel, store: shop.stores[location] ?? location };
}

/** What was paid, without gift cards. */
function totalOf(order: Order): number {
  const giftCards = order.line_items.map((line, index) =>
    line.gift_card ? worthOf(line, order, index) : 0,
  );
  const total = minorUnits(order.total_price, order.currency, 'total_price');
  return Math.max(0, total - giftCards.reduce((sum, one) => sum + one, 0));
}

/** A line's price after its share of all discounts, its own and the order's. */
function worthOf(line: LineItem, { currency }: Order, index: number): number {
  const price = minorUnits(line.price, currency, `line_items[${index}].price`);
  return Math.max(0, price * line.quantity - discountOf(line, currency, index));
}

const discountOf = (line: LineItem, currency: string, index: number): number =>
  line.discount_allocations
    .map(({ amount }, n) =>
      minorUnits(amount, currency, `line_items[${index}].discount_allocations[${n}].amount`),
    )
    .reduce((sum, one) => sum + one, 0);

/** Where a discount doesn't divide evenly, some units cost one more than the others: the sum stays exact. */
function linesOf(line: LineItem, order: Order, shop: Shop, index: number) {
  const worth = worthOf(line, order, index);
  const unitPrice = Math.floor(worth / line.quantity);
  const dearer = worth - unitPrice * line.quantity;
  const common = {
    productId: productIdOf(line, shop),
    fullPrice: discountOf(line, order.currency, index) === 0,
  };
  return [
    { ...common, quantity: line.quantity - dearer, unitPrice },
    ...(dearer > 0 ? [{ ...common, quantity: dearer, unitPrice: unitPrice + 1 }] : []),
  ];
}
