import { InvalidInput } from '../../core/errors.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Unread } from '../../ingest/receive.ts';
import type { LedgerEventInput } from '../../ledger/events.ts';
import { parseWith } from '../bodies.ts';
import type { Delivery, Reading, WebhookAdapter } from './adapter.ts';
import { isSignedBy } from './hmac.ts';
import { emailConsent, isUnderstood, unreadConsent } from './shopify/consent.ts';
import { customerEvents, mergeEvents } from './shopify/customers.ts';
import {
  deletedCustomer,
  redactedCustomer,
  redactedShop,
  requestedData,
} from './shopify/erasure.ts';
import { type Shop, ShopifyOptions } from './shopify/options.ts';
import { orderEvents } from './shopify/orders.ts';
import { Customer, Merge, Order, Product, Refund } from './shopify/payloads.ts';
import { productEvents } from './shopify/products.ts';
import { refundEvents } from './shopify/refunds.ts';

/** What came with a payload. */
type Told = { readonly shop: Shop; readonly headers: Delivery['headers']; readonly now: Date };
type Topic = (payload: unknown, told: Told) => Reading;

const tell = (events: readonly LedgerEventInput[], unread?: Unread): Reading =>
  events.length > 0 || unread
    ? { kind: 'events', events, unread }
    : { kind: 'ignored', why: 'nothing-to-tell' };
const ignore =
  (why: string): Topic =>
  () => ({ kind: 'ignored', why });

/** Of whichever topic: an order says itself how far it is. */
const order =
  (edits: boolean): Topic =>
  (payload, { shop }) => {
    const parsed = parseWith(Order, payload);
    if (parsed.test === true) return { kind: 'ignored', why: 'test-order' };
    return tell(orderEvents(parsed, shop, { edits }));
  };

const customer: Topic = (payload, { shop }) => {
  const parsed = parseWith(Customer, payload);
  const consent = parsed.email_marketing_consent;
  const unread = consent && !isUnderstood(consent) ? unreadConsent(payload, shop) : undefined;
  return tell(customerEvents(parsed, shop), unread);
};

const merge: Topic = (payload, { shop, headers }) => {
  const at = text(headers['x-shopify-triggered-at']);
  if (Number.isNaN(Date.parse(at)))
    throw new InvalidInput([{ path: 'X-Shopify-Triggered-At', message: 'is missing, or no time' }]);
  return tell(mergeEvents(parseWith(Merge, payload), new Date(at).toISOString(), shop));
};

/**
 * The topics that tell the ledger something. Subscribing to others does no harm. The topic isn't signed: each reads only a body
 * that is what the topic says.
 */
const topics: ReadonlyMap<string, Topic> = new Map<string, Topic>([
  ['orders/create', order(false)],
  // Without prices: what an edit comes to is told by the `orders/updated` that Shopify sends with it.
  ['orders/edited', ignore('told-by-orders-updated')],
  ['orders/updated', order(true)],
  ['orders/paid', order(false)],
  ['orders/fulfilled', order(false)],
  ['orders/cancelled', order(false)],
  ['refunds/create', (payload, { shop }) => tell(refundEvents(parseWith(Refund, payload), shop))],
  ['customers/create', customer],
  ['customers/update', customer],
  ['customers/merge', merge],
  [
    'customers_email_marketing_consent/update',
    (payload, { shop, now }) => emailConsent(payload, now.toISOString(), shop),
  ],
  ['customers_marketing_consent/update', ignore('consent-by-sms')],
  [
    'customers/delete',
    (payload, { shop, now }) => deletedCustomer(payload, now.toISOString(), shop),
  ],
  [
    'customers/redact',
    (payload, { shop, now }) => redactedCustomer(payload, now.toISOString(), shop),
  ],
  ['customers/data_request', (payload, { shop }) => requestedData(payload, shop)],
  ['shop/redact', (payload, { shop }) => redactedShop(payload, shop)],
  [
    'products/create',
    (payload, { shop }) => tell(productEvents(parseWith(Product, payload), shop)),
  ],
  [
    'products/update',
    (payload, { shop }) => tell(productEvents(parseWith(Product, payload), shop)),
  ],
]);

/** Without these a payload is one of the test notifications, whose times may be null. */
const timesOf = (topic: string): readonly string[] => {
  if (/^customers\/(create|update)$/.test(topic)) return ['created_at', 'updated_at'];
  if (topic.startsWith('products/')) return ['updated_at'];
  return /^(orders|refunds)\//.test(topic) ? ['created_at'] : [];
};
const isTest = (topic: string, payload: unknown): boolean =>
  isRecord(payload) && timesOf(topic).some((field) => payload[field] === null);

/** Told of whom another system keeps. */
const ofMembers = /^customers(_email_marketing_consent)?\/(create|update|merge)$/;

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
      read: (payload, { headers }, now) =>
        read(payload, text(headers['x-shopify-topic']), { shop, headers, now }),
    };
  },
};

function read(payload: unknown, topic: string, told: Told): Reading {
  const { shop } = told;
  const known = topics.get(topic);
  if (!known)
    return /consent/.test(topic)
      ? tell([], unreadConsent(payload, shop))
      : { kind: 'ignored', why: 'topic' };
  if (ofMembers.test(topic) && !shop.enrol) return { kind: 'ignored', why: 'not-enrolling' };
  if (isTest(topic, payload)) return { kind: 'ignored', why: 'test-notification' };
  try {
    return known(payload, told);
  } catch (error) {
    if (error instanceof InvalidInput) return { kind: 'malformed', problems: error.problems };
    throw error;
  }
}

const text = (header: string | string[] | undefined) => (typeof header === 'string' ? header : '');
