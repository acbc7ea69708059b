import { createHash } from 'node:crypto';

import type { WebhookEvent } from '../adapter.ts';
import { goodsOf } from './goods.ts';
import type { Shop } from './options.ts';
import { idOf, type Order } from './payloads.ts';
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
 * no time of their own in the payload, and are told by their topics only; edits by `orders/updated`, which follows each.
 * Empty for what is no purchase: an order of nobody we could name, or of gift cards only, which count when they are spent.
 */
export function orderEvents(topic: Topic, order: Order, shop: Shop): WebhookEvent[] {
  const identity = identityOf(order, shop);
  const onlyGiftCards =
    order.line_items.length > 0 && order.line_items.every(({ gift_card }) => gift_card);
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
    ...goodsOf(order, shop),
  };
  const at = order.updated_at ?? order.created_at;
  const moved = {
    'orders/paid': [{ ...about, identity, type: 'order.paid', id: `order-${orderId}-paid`, at }],
    'orders/fulfilled': [
      { ...about, identity, type: 'order.fulfilled', id: `order-${orderId}-fulfilled`, at },
    ],
    'orders/create': [],
    'orders/updated': changed(order, shop, identity),
    'orders/cancelled': [],
  }[topic];
  const taxesIncluded = order.taxes_included ?? shop.taxesIncluded;
  const refunds = order.refunds.flatMap((refund) =>
    refundEvents(refund, { ...shop, taxesIncluded }),
  );
  return [placed, ...moved, ...cancelled, ...refunds];
}

/** Two updates of one second may differ: what an update says is part of its id. */
function changed(order: Order, shop: Shop, identity: unknown): WebhookEvent[] {
  const { updated_at: at } = order;
  if (!at) return [];
  const goods = goodsOf(order, shop);
  const hash = createHash('sha256').update(JSON.stringify(goods)).digest('hex').slice(0, 12);
  const orderId = idOf(order);
  return [
    {
      source: shop.source,
      brand: shop.brand,
      orderId,
      identity,
      type: 'order.changed',
      id: `order-${orderId}-changed-${at}-${hash}`,
      at,
      ...goods,
    },
  ];
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

const usualChannels: ReadonlyMap<string, string> = new Map([
  ['web', 'online'],
  ['pos', 'store'],
  ['shopify_draft_order', 'online'],
  ['iphone', 'app'],
  ['android', 'app'],
]);

function where({ source_name: name, location_id: location }: Order, shop: Shop) {
  const of = name ?? '';
  const own = Object.hasOwn(shop.channels, of) ? shop.channels[of] : undefined;
  const channel = own ?? usualChannels.get(of) ?? 'online';
  // Online orders have a location too: where they are sent from.
  if (channel !== 'store' || !location) return { channel };
  return { channel, store: shop.stores[location] ?? location };
}
