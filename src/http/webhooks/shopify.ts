import type { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { parseWith } from '../bodies.ts';
import type { Delivery, Reading, WebhookAdapter, WebhookEvent } from './adapter.ts';
import { isSignedBy } from './hmac.ts';
import { customerEvents, mergeEvents } from './shopify/customers.ts';
import { type Shop, ShopifyOptions } from './shopify/options.ts';
import { orderEvents } from './shopify/orders.ts';
import { Customer, Merge, Order, Product, Refund } from './shopify/payloads.ts';
import { productEvents } from './shopify/products.ts';
import { refundEvents } from './shopify/refunds.ts';

type Topic = (payload: unknown, shop: Shop, delivery: Delivery) => readonly WebhookEvent[] | Untold;
/** Why a topic tells nothing by itself. */
type Untold = 'test-order' | 'told-by-orders-updated';

const ofOrder =
  (topic: Parameters<typeof orderEvents>[0]): Topic =>
  (payload, shop) => {
    const order = parseWith(Order, payload);
    return order.test === true ? 'test-order' : orderEvents(topic, order, shop);
  };
const of =
  <T>(schema: z.ZodType<T>, events: (object: T, shop: Shop) => readonly WebhookEvent[]): Topic =>
  (payload, shop) =>
    events(parseWith(schema, payload), shop);

function merged(payload: unknown, headers: Delivery['headers'], shop: Shop) {
  const at = text(headers['x-shopify-triggered-at']);
  if (Number.isNaN(Date.parse(at)))
    throw new InvalidInput([{ path: 'X-Shopify-Triggered-At', message: 'is missing, or no time' }]);
  return mergeEvents(parseWith(Merge, payload), new Date(at).toISOString(), shop);
}

/** The topics that tell the ledger something. Subscribing to others does no harm. */
const topics: ReadonlyMap<string, Topic> = new Map([
  ['orders/create', ofOrder('orders/create')],
  // Without prices: what an edit comes to is told by the `orders/updated` that Shopify sends with it.
  ['orders/edited', () => 'told-by-orders-updated'],
  ['orders/updated', ofOrder('orders/updated')],
  ['orders/paid', ofOrder('orders/paid')],
  ['orders/fulfilled', ofOrder('orders/fulfilled')],
  ['orders/cancelled', ofOrder('orders/cancelled')],
  ['refunds/create', of(Refund, refundEvents)],
  ['customers/create', of(Customer, customerEvents)],
  ['customers/update', of(Customer, customerEvents)],
  ['customers/merge', (payload, shop, { headers }) => merged(payload, headers, shop)],
  ['products/create', of(Product, productEvents)],
  ['products/update', of(Product, productEvents)],
]);

/**
 * A Shopify shop. Its signature covers the body alone: no time is signed, and Shopify repeats a delivery for hours until it is
 * taken. So there is no window here; a repetition, however late, finds its events known by the ids of what they are about.
 */
export const shopify: WebhookAdapter = {
  name: 'shopify',
  open: ({ name, brand, secrets }, options) => {
    const shop = { ...parseWith(ShopifyOptions, options), brand, source: name };
    return {
      isAuthentic: ({ headers, body }) =>
        isSignedBy(secrets, [body], text(headers['x-shopify-hmac-sha256'])) &&
        text(headers['x-shopify-shop-domain']).toLowerCase() === shop.shop,
      read: (payload, delivery) => read(payload, delivery, shop),
    };
  },
};

function read(payload: unknown, delivery: Delivery, shop: Shop): Reading {
  const topic = text(delivery.headers['x-shopify-topic']);
  const known = topics.get(topic);
  if (!known) return { kind: 'ignored', why: 'topic' };
  if (topic.startsWith('customers/') && !shop.enrol)
    return { kind: 'ignored', why: 'not-enrolling' };
  try {
    const events = known(payload, shop, delivery);
    if (typeof events === 'string') return { kind: 'ignored', why: events };
    return events.length > 0
      ? { kind: 'events', events }
      : { kind: 'ignored', why: 'nothing-to-tell' };
  } catch (error) {
    if (error instanceof InvalidInput) return { kind: 'malformed', problems: error.problems };
    throw error;
  }
}

const text = (header: string | string[] | undefined) => (typeof header === 'string' ? header : '');
