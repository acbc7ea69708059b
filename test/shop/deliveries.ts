import type { Customer, Line, Order, Refund, Shop } from './model.ts';
import { random } from './random.ts';

/** A webhook as the shop would deliver it. */
export type Delivery = { readonly topic: string; readonly at: number; readonly payload: object };

/** All of a shop's webhooks in order of time, each with what its object looks like then; every twentieth comes twice. */
export function deliveriesOf(shop: Shop, seed: number): Delivery[] {
  const by = random(seed);
  const all = [...shop.customers.flatMap(ofCustomer), ...shop.orders.flatMap(ofOrder)];
  const twice = all.flatMap((one) =>
    by.chance(5) ? [one, { ...one, at: one.at + by.int(1, 9e7) }] : [one],
  );
  return twice.toSorted((a, b) => a.at - b.at);
}

const time = (at: number) => new Date(at).toISOString().replace('.000Z', '+00:00');
const money = (cents: number) =>
  `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
/** A customer abroad sees dollars; the shop counts euros. */
const inBoth = (cents: number, foreign: boolean) => ({
  shop_money: { amount: money(cents), currency_code: 'EUR' },
  presentment_money: foreign
    ? { amount: money(cents * 2), currency_code: 'USD' }
    : { amount: money(cents), currency_code: 'EUR' },
});
const gid = (kind: string, id: number) => `gid://shopify/${kind}/${id}`;

function ofCustomer(customer: Customer): Delivery[] {
  const seen = (at: number, firstName: string) => ({
    id: customer.id,
    admin_graphql_api_id: gid('Customer', customer.id),
    email: customer.email,
    verified_email: customer.verified,
    first_name: firstName,
    last_name: 'Berg',
    phone: null,
    state: 'enabled',
    tags: '',
    created_at: time(customer.createdAt),
    updated_at: time(at),
    email_marketing_consent: {
      state: customer.subscribed ? 'subscribed' : 'not_subscribed',
      opt_in_level: 'single_opt_in',
      consent_updated_at: time(customer.createdAt),
    },
  });
  const { createdAt, firstName, updates } = customer;
  return [
    { topic: 'customers/create', at: createdAt, payload: seen(createdAt, firstName) },
    ...updates.map((one) => ({
      topic: 'customers/update',
      at: one.at,
      payload: seen(one.at, one.firstName),
    })),
  ];
}

function ofOrder(order: Order): Delivery[] {
  const moments = [
    { topic: 'orders/create', at: order.at },
    ...(order.paidAt === null ? [] : [{ topic: 'orders/paid', at: order.paidAt }]),
    ...(order.fulfilledAt === null ? [] : [{ topic: 'orders/fulfilled', at: order.fulfilledAt }]),
    ...(order.cancelledAt === null ? [] : [{ topic: 'orders/cancelled', at: order.cancelledAt }]),
    ...order.lines.flatMap(({ addedAt: at }) =>
      at === undefined ? [] : [{ topic: 'orders/updated', at }],
    ),
  ];
  return [
    ...moments.map(({ topic, at }) => ({ topic, at, payload: orderAt(order, at) })),
    ...order.refunds.flatMap((refund): Delivery[] => {
      const told = { topic: 'refunds/create', at: refund.at, payload: refundOf(order, refund) };
      if (refund.by !== 'edit') return [told];
      return [
        told,
        { topic: 'orders/edited', at: refund.at, payload: { order_edit: { order_id: order.id } } },
        { topic: 'orders/updated', at: refund.at, payload: orderAt(order, refund.at) },
      ];
    }),
  ];
}

function orderAt(order: Order, now: number) {
  const { buyer, foreign } = order;
  const lines = order.lines.filter(({ addedAt = 0 }) => addedAt <= now);
  const goneOf = (id: number) =>
    order.refunds
      .filter(({ at }) => at <= now)
      .flatMap(({ goods }) => goods)
      .reduce((sum, { line, quantity }) => sum + (line.id === id ? quantity : 0), 0);
  const worth = lines.reduce((sum, one) => sum + one.price * one.quantity - one.discount, 0);
  const total = worth + order.shipping + order.tax;
  const by = buyer.kind === 'customer' ? buyer.customer : null;
  const email = by?.email ?? (buyer.kind === 'guest' ? buyer.email : '');
  return {
    id: order.id,
    admin_graphql_api_id: gid('Order', order.id),
    name: `#${order.id % 100_000}`,
    test: order.test,
    email,
    contact_email: email || null,
    phone: null,
    customer: by && { id: by.id, admin_graphql_api_id: gid('Customer', by.id), email: by.email },
    created_at: time(order.at),
    processed_at: time(order.at),
    updated_at: time(now),
    cancelled_at:
      order.cancelledAt !== null && order.cancelledAt <= now ? time(order.cancelledAt) : null,
    financial_status: order.paidAt !== null && order.paidAt <= now ? 'paid' : 'pending',
    fulfillment_status: order.fulfilledAt !== null && order.fulfilledAt <= now ? 'fulfilled' : null,
    currency: 'EUR',
    presentment_currency: foreign ? 'USD' : 'EUR',
    taxes_included: order.tax === 0,
    total_price: money(total),
    total_price_set: inBoth(total, foreign),
    total_tax: money(order.tax),
    source_name: order.channel,
    location_id: order.channel === 'pos' ? 9001 : null,
    line_items: lines.map((one) => ({
      ...lineItem(one, foreign),
      current_quantity: one.quantity - goneOf(one.id),
    })),
    refunds: order.refunds.filter(({ at }) => at <= now).map((one) => refundOf(order, one)),
  };
}

const lineItem = (line: Line, foreign: boolean) => ({
  id: line.id,
  admin_graphql_api_id: gid('LineItem', line.id),
  product_id: line.productId,
  variant_id: line.productId + 5000,
  sku: `SKU-${line.productId % 1000}`,
  title: 'A thing',
  quantity: line.quantity,
  price: money(line.price),
  price_set: inBoth(line.price, foreign),
  gift_card: line.giftCard,
  discount_allocations:
    line.discount === 0
      ? []
      : [
          {
            amount: money(line.discount),
            amount_set: inBoth(line.discount, foreign),
            discount_application_index: 0,
          },
        ],
});

function refundOf(order: Order, refund: Refund) {
  const { foreign } = order;
  const goods = refund.goods.reduce((sum, { subtotal }) => sum + subtotal, 0);
  const paid = refund.by === 'failed-payment' ? order.shipping + 100 : goods + refund.extra;
  const abroad = refund.by === 'foreign-payment';
  return {
    id: refund.id,
    admin_graphql_api_id: gid('Refund', refund.id),
    order_id: order.id,
    created_at: time(refund.at),
    note: null,
    refund_line_items: refund.goods.map(({ line, quantity, subtotal }, n) => ({
      id: refund.id * 10 + n,
      line_item_id: line.id,
      line_item: lineItem(line, foreign),
      quantity,
      restock_type: 'return',
      location_id: 9001,
      subtotal: money(subtotal),
      subtotal_set: inBoth(subtotal, foreign),
      total_tax_set: inBoth(0, foreign),
    })),
    order_adjustments:
      abroad && refund.extra > 0
        ? [
            {
              kind: 'shipping_refund',
              amount_set: {
                shop_money: { amount: `-${money(refund.extra)}`, currency_code: 'EUR' },
              },
            },
          ]
        : [],
    transactions:
      refund.by === 'edit' || paid === 0
        ? []
        : [
            {
              kind: 'refund',
              status: refund.by === 'failed-payment' ? 'failure' : 'success',
              amount: money(abroad ? paid * 2 : paid),
              currency: abroad ? 'USD' : 'EUR',
            },
          ],
  };
}
