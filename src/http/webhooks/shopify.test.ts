import { expect, it } from 'vitest';

import { shopConnection, shopHeaders } from '../../../test/webhooks.ts';
import type { Reading } from './adapter.ts';
import { shopify } from './shopify.ts';

const { adapter: _adapter, brand, secrets, ...options } = shopConnection;
const open = (more: object = {}) =>
  shopify.open({ name: 'shop', tenant: 'main', brand, secrets }, { ...options, ...more }, () => '');
const read = (topic: string, payload: object, more: object = {}): Reading =>
  open(more).read(payload, { headers: shopHeaders(topic, ''), body: Buffer.from('') }, now);
const now = new Date('2026-06-01T09:00:00Z');
const eventsOf = (reading: Reading) =>
  reading.kind === 'events' ? reading.events : expect.fail(JSON.stringify(reading));
const amountsIn = (reading: Reading) =>
  eventsOf(reading).map((event) => ('amount' in event ? event.amount : undefined));

const line = {
  id: 91,
  product_id: 501,
  variant_id: 601,
  sku: 'MUG BLUE',
  quantity: 3,
  price: '10.00',
  gift_card: false,
  discount_allocations: [{ amount: '0.60' }, { amount: '0.40' }],
};
const order = {
  // Beyond what a JSON number holds: the exact one is in the other.
  id: 820982911946154500,
  admin_graphql_api_id: 'gid://shopify/Order/820982911946154508',
  name: '#1001',
  test: false,
  email: 'ana@example.com',
  customer: { id: 71, admin_graphql_api_id: 'gid://shopify/Customer/71' },
  created_at: '2026-05-04T08:30:00-04:00',
  processed_at: '2026-05-04T08:29:00-04:00',
  updated_at: '2026-05-04T08:31:00-04:00',
  currency: 'EUR',
  presentment_currency: 'USD',
  total_price: '33.90',
  source_name: 'web',
  location_id: 9001,
  line_items: [line],
  refunds: [],
  an_unknown_field: { of: 'the next API version' },
};
const refund = {
  id: 801,
  order_id: 1001,
  created_at: '2026-05-05T08:30:00-04:00',
  refund_line_items: [
    {
      quantity: 1,
      line_item: line,
      subtotal_set: { shop_money: { amount: '9.66', currency_code: 'EUR' } },
      total_tax_set: { shop_money: { amount: '1.84', currency_code: 'EUR' } },
    },
  ],
  order_adjustments: [],
  transactions: [{ kind: 'refund', status: 'success', amount: '11.50', currency: 'EUR' }],
};

it('places an order with discounts shared out to the cent, in the shop’s currency', () => {
  expect(eventsOf(read('orders/create', order))).toEqual([
    {
      type: 'order.placed',
      source: 'shop',
      id: 'order-820982911946154508-placed',
      orderId: '820982911946154508',
      brand: 'juniper',
      identity: { kind: 'customer-number', value: 'shopify-71' },
      at: '2026-05-04T08:29:00-04:00',
      channel: 'online',
      currency: 'EUR',
      total: 3390,
      lines: [
        { productId: '501', lineId: '91', quantity: 1, unitPrice: 966, fullPrice: false },
        { productId: '501', lineId: '91', quantity: 2, unitPrice: 967, fullPrice: false },
      ],
    },
  ]);
});

it.each([
  ['JPY', '1500', '3000', 1500, 3000],
  ['JPY', '1500.00', '3000.00', 1500, 3000],
  ['KWD', '1.250', '2.5', 1250, 2500],
])('counts %s in its own minor units', (currency, price, total, unitPrice, minor) => {
  const payload = {
    ...order,
    currency,
    total_price: total,
    line_items: [{ ...line, quantity: 1, price, discount_allocations: [] }],
  };
  expect(eventsOf(read('orders/create', payload, { currency }))[0]).toMatchObject({
    total: minor,
    lines: [{ unitPrice, fullPrice: true }],
  });
});

it('knows guests by address or phone, the till by its store, and nobody by nothing', () => {
  const guest = { ...order, customer: null };
  expect(eventsOf(read('orders/create', guest))[0]).toMatchObject({
    identity: { kind: 'email', value: 'ana@example.com' },
  });
  const phone = { ...guest, email: '', contact_email: null, phone: '+491701234567' };
  expect(eventsOf(read('orders/create', phone))[0]).toMatchObject({ identity: { kind: 'phone' } });
  const till = { ...order, source_name: 'pos' };
  expect(eventsOf(read('orders/create', till))[0]).toMatchObject({
    channel: 'store',
    store: 'Mitte',
  });
  const elsewhere = { ...till, location_id: 77 };
  expect(eventsOf(read('orders/create', elsewhere))[0]).toMatchObject({ store: '77' });
  const channels = { channels: { '4711': 'marketplace' } };
  expect(
    eventsOf(read('orders/create', { ...order, source_name: '4711' }, channels))[0],
  ).toMatchObject({
    channel: 'marketplace',
  });
  const nobody = { ...guest, email: '' };
  expect(read('orders/create', nobody)).toMatchObject({ kind: 'ignored' });
  // Its messages must stop all the same.
  const cancelled = { ...nobody, cancelled_at: '2026-05-04T09:00:00-04:00' };
  expect(eventsOf(read('orders/cancelled', cancelled))).toMatchObject([
    { type: 'order.cancelled', subjects: ['order:#1001'] },
  ]);
});

it('counts gift cards when they are spent, not when they are bought, and test orders never', () => {
  const giftCard = {
    ...line,
    id: 92,
    product_id: 900,
    quantity: 1,
    price: '50.00',
    gift_card: true,
    discount_allocations: [],
  };
  const both = { ...order, total_price: '83.90', line_items: [line, giftCard] };
  expect(eventsOf(read('orders/create', both))[0]).toMatchObject({
    total: 3390,
    lines: [{ productId: '501' }, { productId: '501' }],
  });
  expect(read('orders/create', { ...order, line_items: [giftCard] })).toMatchObject({
    kind: 'ignored',
  });
  expect(read('orders/create', { ...order, test: true })).toEqual({
    kind: 'ignored',
    why: 'test-order',
  });
});

it('tells all of an order with each of its webhooks, so that any of them may come first', () => {
  const later = { ...order, cancelled_at: '2026-05-06T08:30:00-04:00', refunds: [refund] };
  const types = (topic: string) =>
    eventsOf(read(topic, later)).map(({ type, id }) => `${type} ${id}`);
  const always = [
    'order.placed order-820982911946154508-placed',
    'order.cancelled order-820982911946154508-cancelled',
    'order.refunded refund-801',
  ];
  expect(types('orders/cancelled')).toEqual(always);
  const [placed, edited, ...others] = types('orders/updated');
  expect([placed, ...others]).toEqual(always);
  expect(edited).toMatch(
    /^order\.changed order-820982911946154508-changed-2026-05-04T08:31:00-04:00-[0-9a-f]{12}$/,
  );
  expect(types('orders/paid')).toEqual(always);
});

it('tells an edit as what the order is now, by its time and contents', () => {
  const changedBy = (payload: object) =>
    eventsOf(read('orders/updated', payload)).find(({ type }) => type === 'order.changed');
  const linesIn = (payload: object) => {
    const event = changedBy(payload);
    return event?.type === 'order.changed' ? event.lines : [];
  };
  const added = { ...line, id: 93, product_id: 502, quantity: 2, discount_allocations: [] };
  const edited = {
    ...order,
    updated_at: '2026-05-05T08:31:00-04:00',
    total_price: '53.90',
    line_items: [{ ...line, current_quantity: 3 }, added],
  };
  expect(changedBy(edited)).toMatchObject({
    type: 'order.changed',
    orderId: '820982911946154508',
    identity: { value: 'shopify-71' },
    at: '2026-05-05T08:31:00-04:00',
    total: 5390,
    lines: [
      { productId: '501', quantity: 1, unitPrice: 966 },
      { productId: '501', quantity: 2, unitPrice: 967 },
      { productId: '502', quantity: 2, unitPrice: 1000 },
    ],
  });
  // Another edit in the same second is another event; the same one again isn't.
  const again = { ...edited, total_price: '54.00' };
  expect(changedBy(again)?.id).not.toBe(changedBy(edited)?.id);
  expect(changedBy({ ...edited })?.id).toBe(changedBy(edited)?.id);
  // What a refund says came back isn't taken out twice; what none says is taken out here.
  const gone = {
    ...edited,
    line_items: [{ ...line, current_quantity: 2 }, added],
    refunds: [refund],
  };
  const returned = { ...refund.refund_line_items[0], line_item_id: line.id };
  const told = { ...gone, refunds: [{ ...refund, refund_line_items: [returned] }] };
  expect(changedBy(told)).toMatchObject({ total: 5390, lines: linesIn(edited) });
  const untold = {
    ...gone,
    line_items: [{ ...line, current_quantity: 0 }, added],
    current_total_price: '20.00',
    refunds: [],
  };
  expect(changedBy(untold)).toMatchObject({ total: 2000, lines: [{ productId: '502' }] });
  const emptied = { ...order, line_items: [{ ...line, quantity: 0, discount_allocations: [] }] };
  expect(changedBy(emptied)).toMatchObject({ lines: [] });
  expect(read('orders/edited', { order_edit: { order_id: 1 } })).toEqual({
    kind: 'ignored',
    why: 'told-by-orders-updated',
  });
});

it('pays back what the transactions say, in the shop’s currency', () => {
  const amountOf = (changes: object, more: object = {}) =>
    amountsIn(read('refunds/create', { ...refund, ...changes }, more));
  const [transaction] = refund.transactions;
  expect(eventsOf(read('refunds/create', refund))).toEqual([
    {
      type: 'order.refunded',
      source: 'shop',
      brand: 'juniper',
      id: 'refund-801',
      orderId: '1001',
      at: refund.created_at,
      refundId: '801',
      lines: [{ productId: '501', lineId: '91', quantity: 1 }],
      amount: 1150,
    },
  ]);
  const dollars = [{ ...transaction, amount: '12.40', currency: 'USD' }];
  expect(amountOf({ transactions: dollars })).toEqual([1150]);
  expect(amountOf({ transactions: dollars }, { taxesIncluded: true })).toEqual([966]);
  const shipping = [{ amount_set: { shop_money: { amount: '-4.90', currency_code: 'EUR' } } }];
  expect(amountOf({ transactions: dollars, order_adjustments: shipping })).toEqual([1640]);
  // Goods taken out of an order by an edit; money without goods; a payment that failed; a note.
  expect(amountOf({ transactions: [] })).toEqual([1150]);
  expect(eventsOf(read('refunds/create', { ...refund, refund_line_items: [] }))).toMatchObject([
    { lines: [], amount: 1150 },
  ]);
  const failed = [{ ...transaction, status: 'failure' }];
  expect(read('refunds/create', { ...refund, transactions: failed })).toMatchObject({
    kind: 'ignored',
  });
  const nothing = { ...refund, transactions: [], refund_line_items: [] };
  expect(read('refunds/create', nothing)).toMatchObject({ kind: 'ignored' });
});

it('makes members of customers, and takes an address for hers once she confirmed it', () => {
  const customer = {
    id: 71,
    email: 'ana@example.com',
    verified_email: true,
    first_name: 'Ana',
    last_name: '',
    created_at: '2026-05-01T10:00:00+02:00',
    updated_at: '2026-05-02T10:00:00+02:00',
    email_marketing_consent: {
      state: 'unsubscribed',
      consent_updated_at: '2026-05-02T09:00:00+02:00',
    },
  };
  expect(eventsOf(read('customers/update', customer))).toMatchObject([
    {
      type: 'member.enrolled',
      id: 'customer-71-enrolled',
      memberId: 'shopify-71',
      at: customer.created_at,
    },
    { type: 'member.updated', email: 'ana@example.com', firstName: 'Ana', lastName: null },
    {
      type: 'consent.changed',
      purpose: 'marketing',
      granted: false,
      at: '2026-05-02T09:00:00+02:00',
    },
  ]);
  const unconfirmed = eventsOf(read('customers/create', { ...customer, verified_email: false }));
  expect(unconfirmed[1]).not.toHaveProperty('email');
  const asked = {
    ...customer,
    email_marketing_consent: { state: 'pending', consent_updated_at: null },
  };
  expect(eventsOf(read('customers/create', asked))).toHaveLength(2);
  expect(read('customers/create', customer, { enrol: false })).toMatchObject({ kind: 'ignored' });
});

it('keeps the catalogue’s products up to date, or its variants', () => {
  const product = {
    id: 501,
    title: 'Mug',
    product_type: 'Kitchen',
    tags: 'blue, dishwasher-safe',
    updated_at: '2026-05-02T10:00:00+02:00',
    image: null,
    variants: [
      { id: 601, sku: 'MUG BLUE', title: 'Blue' },
      { id: 602, sku: '', title: 'Red' },
    ],
  };
  expect(eventsOf(read('products/update', product))).toMatchObject([
    {
      type: 'product.upserted',
      id: 'product-501-2026-05-02T10:00:00+02:00',
      product: {
        productId: '501',
        name: { en: 'Mug' },
        category: 'Kitchen',
        attributes: ['blue', 'dishwasher-safe'],
      },
    },
  ]);
  const bySku = eventsOf(read('products/update', product, { productId: 'sku', locale: 'de' }));
  expect(bySku).toMatchObject([{ product: { productId: 'MUG-BLUE', name: { de: 'Mug (Blue)' } } }]);
  expect(eventsOf(read('orders/create', order, { productId: 'sku' }))[0]).toMatchObject({
    lines: [{ productId: 'MUG-BLUE' }, { productId: 'MUG-BLUE' }],
  });
});

it('names the field of a payload that can’t be what it says, and leaves other topics alone', () => {
  expect(read('orders/create', { ...order, line_items: [{ ...line, price: '9,99' }] })).toEqual({
    kind: 'malformed',
    problems: [{ path: 'line_items[0].price', message: 'is not an amount of EUR' }],
  });
  expect(read('orders/create', { id: 1 })).toMatchObject({
    kind: 'malformed',
    problems: expect.arrayContaining([{ path: 'line_items', message: expect.any(String) }]),
  });
  expect(read('carts/update', order)).toEqual({ kind: 'ignored', why: 'topic' });
});

const types = (topic: string, changes: object) =>
  eventsOf(read(topic, { ...order, ...changes })).map(({ type }) => type);

it('L11: tells nothing that only the topic says, which is not signed', () => {
  const topics = [
    'orders/create',
    'orders/updated',
    'orders/paid',
    'orders/fulfilled',
    'orders/cancelled',
  ];
  const states = ['pending', 'authorized', 'partially_paid', 'voided', 'expired', null, undefined];
  for (const topic of topics) {
    for (const financial_status of states)
      expect(types(topic, { financial_status })).not.toContain('order.paid');
    for (const financial_status of ['paid', 'partially_refunded', 'refunded'])
      expect(types(topic, { financial_status })).toContain('order.paid');
    for (const fulfillment_status of ['partial', 'restocked', null])
      expect(types(topic, { fulfillment_status })).not.toContain('order.fulfilled');
    expect(types(topic, { fulfillment_status: 'fulfilled' })).toContain('order.fulfilled');
    expect(types(topic, {})).not.toContain('order.cancelled');
  }
});

const customer = {
  id: 71,
  admin_graphql_api_id: 'gid://shopify/Customer/71',
  email: 'ana@example.com',
  verified_email: true,
  first_name: 'Ana',
  last_name: null,
  created_at: '2026-05-01T10:00:00+02:00',
  updated_at: '2026-05-02T10:00:00+02:00',
};
const product = {
  id: 501,
  admin_graphql_api_id: 'gid://shopify/Product/501',
  title: 'Mug',
  created_at: '2026-05-02T10:00:00+02:00',
  updated_at: '2026-05-02T10:00:00+02:00',
  variants: [],
};
const shop_domain = 'juniper.myshop.example';
const bodies = {
  order,
  refund: { ...refund, admin_graphql_api_id: 'gid://shopify/Refund/801' },
  customer,
  product,
  deleted: {
    id: 71,
    admin_graphql_api_id: 'gid://shopify/Customer/71',
    phone: null,
    addresses: [],
  },
  redacted: { shop_id: 1, shop_domain, customer: { id: 71, email: null }, orders_to_redact: [] },
  asked: { shop_id: 1, shop_domain, customer: { id: 71 }, orders_requested: [] },
  left: { shop_id: 1, shop_domain },
  consent: {
    customer_id: 71,
    email_marketing_consent: { state: 'subscribed', consent_updated_at: null },
  },
  texts: { id: 71, sms_marketing_consent: { state: 'subscribed', consent_updated_at: null } },
};
const readAs: Record<string, readonly (keyof typeof bodies)[]> = {
  'orders/create': ['order'],
  'orders/cancelled': ['order'],
  'refunds/create': ['refund'],
  'customers/create': ['customer'],
  'customers/update': ['customer'],
  'customers/delete': ['deleted'],
  'customers/redact': ['redacted'],
  'customers/data_request': ['asked'],
  'shop/redact': ['left'],
  'products/update': ['product'],
};

it('L11: reads no body under a topic it isn’t of: a captured customer erases nobody', () => {
  let tried = 0;
  for (const [topic, own] of Object.entries(readAs))
    for (const [name, body] of Object.entries(bodies)) {
      const { kind } = read(topic, body);
      expect([topic, name, kind === 'malformed']).toEqual([
        topic,
        name,
        !own.some((one) => one === name),
      ]);
      tried += 1;
    }
  expect(tried).toBe(10 * 10);
});

const consent = (state: string, consent_updated_at: string | null, more: object = {}) =>
  read(
    'customers_email_marketing_consent/update',
    { customer_id: 71, email_address: '', email_marketing_consent: { state, consent_updated_at } },
    more,
  );

it('L2: reads consent of the topic that has it from API 2025-01 on', () => {
  const at = '2026-05-20T09:00:00Z';
  expect(eventsOf(consent('unsubscribed', at))).toMatchObject([
    { type: 'consent.changed', memberId: 'shopify-71', purpose: 'marketing', granted: false, at },
  ]);
  expect(eventsOf(consent('SUBSCRIBED', at))).toMatchObject([{ granted: true, at }]);
  expect(consent('pending', at)).toMatchObject({ kind: 'ignored' });
  expect(consent('subscribed', at, { enrol: false })).toMatchObject({ kind: 'ignored' });
  // Customers carry none by then.
  expect(eventsOf(read('customers/update', customer)).map(({ type }) => type)).toEqual([
    'member.enrolled',
    'member.updated',
  ]);
});

const held = (reading: Reading) => (reading.kind === 'events' ? reading.unread : undefined);

it('L2: holds what speaks of consent and is not understood', () => {
  expect(held(consent('paused_by_law', null))).toMatchObject({ memberId: 'shopify-71' });
  for (const body of [{ customer_id: 71 }, { customer: { id: 71 }, consent: true }, [], null])
    for (const topic of ['customers_email_marketing_consent/update', 'customers_consent/granted'])
      expect(
        held(open().read(body, { headers: shopHeaders(topic, ''), body: Buffer.alloc(0) }, now)),
      ).toMatchObject({ type: 'consent.changed', payload: body });
  const odd = { state: 'paused_by_law', consent_updated_at: null };
  const reading = read('customers/update', { ...customer, email_marketing_consent: odd });
  expect(eventsOf(reading)).toHaveLength(2);
  expect(held(reading)).toMatchObject({ memberId: 'shopify-71' });
  // By SMS is another matter than by mail.
  expect(read('customers_marketing_consent/update', bodies.texts)).toEqual({
    kind: 'ignored',
    why: 'consent-by-sms',
  });
});

const undated = (state: string) => [
  consent(state, null),
  read('customers/update', {
    ...customer,
    email_marketing_consent: { state, consent_updated_at: null },
  }),
];

it('L3: takes never asked for no answer, and an answer without a date for the oldest', () => {
  const [topic, update] = undated('not_subscribed');
  expect(topic).toMatchObject({ kind: 'ignored', why: 'never-answered' });
  expect(update && eventsOf(update)).toHaveLength(2);
  for (const [state, granted] of [
    ['subscribed', true],
    ['unsubscribed', false],
  ] as const)
    for (const reading of undated(state)) {
      const last = eventsOf(reading).at(-1);
      expect(last).toMatchObject({ type: 'consent.changed', granted });
      expect(last).not.toHaveProperty('at');
    }
});

it('L7: ignores test notifications, whose times are null', () => {
  const none = { created_at: null, updated_at: null };
  for (const [topic, body] of [
    ['orders/create', { ...order, ...none }],
    ['orders/updated', { ...order, ...none }],
    ['refunds/create', { ...refund, ...none }],
    ['customers/update', { ...customer, ...none }],
    ['products/update', { ...product, ...none }],
  ] as const)
    expect(read(topic, body)).toEqual({ kind: 'ignored', why: 'test-notification' });
});

it('L5: tells a pending refund as what it will be, and again once it settled', () => {
  const pending = {
    kind: 'refund',
    status: 'pending',
    amount: '12.40',
    currency: 'USD',
    total_unsettled_set: { shop_money: { amount: '11.50', currency: 'EUR' } },
  };
  // What isn't paid yet stands beside the goods, as if it were kept back.
  const discrepancy = {
    kind: 'refund_discrepancy',
    reason: 'Pending refund discrepancy',
    amount_set: { shop_money: { amount: '11.50', currency_code: 'EUR' } },
  };
  const one = { ...refund, transactions: [pending], order_adjustments: [discrepancy] };
  const [first] = eventsOf(read('refunds/create', one));
  expect(first).toMatchObject({ refundId: '801', amount: 1150, at: refund.created_at });
  const money = { ...one, refund_line_items: [], order_adjustments: [] };
  expect(amountsIn(read('refunds/create', money))).toEqual([1150]);
  const euros = { ...pending, currency: 'EUR', amount: '11.50' };
  expect(amountsIn(read('refunds/create', { ...one, transactions: [euros] }))).toEqual([1150]);
  const at = '2026-05-09T08:30:00-04:00';
  const settled = { ...pending, status: 'success', processed_at: at };
  const kept = { ...discrepancy, reason: 'Refund discrepancy' };
  kept.amount_set = { shop_money: { amount: '1.50', currency_code: 'EUR' } };
  const done = { ...one, transactions: [settled], order_adjustments: [kept] };
  for (const [topic, body] of [
    ['refunds/create', done],
    ['orders/updated', { ...order, refunds: [{ ...done, order_id: order.id }] }],
  ] as const) {
    const last = eventsOf(read(topic, body)).at(-1);
    expect(last).toMatchObject({ refundId: '801', amount: 1000, at });
    expect(last?.id).not.toBe(first?.id);
  }
  const failed = { ...settled, status: 'failure' };
  expect(eventsOf(read('refunds/create', { ...one, transactions: [failed] }))).toMatchObject([
    { refundId: '801', lines: [], amount: 0, at },
  ]);
});

it('L4: says which line came back', () => {
  const dear = { ...line, id: 94, price: '100.00', discount_allocations: [] };
  const back = { ...refund.refund_line_items[0], line_item_id: 94, line_item: dear };
  expect(eventsOf(read('refunds/create', { ...refund, refund_line_items: [back] }))).toMatchObject([
    { lines: [{ productId: '501', lineId: '94', quantity: 1 }] },
  ]);
  expect(eventsOf(read('orders/create', { ...order, line_items: [line, dear] }))[0]).toMatchObject({
    lines: [{ lineId: '91' }, { lineId: '91' }, { lineId: '94', quantity: 3, unitPrice: 10_000 }],
  });
});

it.each([
  [{ price: '-10.00' }, 'line_items[0].price'],
  [{ quantity: -1 }, 'line_items[0].quantity'],
])('L12: refuses a line of %j by its field', (changes, path) => {
  const body = { ...order, line_items: [{ ...line, ...changes }] };
  expect(read('orders/create', body)).toMatchObject({ kind: 'malformed', problems: [{ path }] });
});

it.each([
  [{ total_price: '-5.00' }, 'total_price'],
  [{ current_total_price: ' -0.01' }, 'current_total_price'],
  [
    { line_items: [{ ...line, discount_allocations: [{ amount: '30.01' }] }] },
    'line_items[0].discount_allocations',
  ],
  [
    { line_items: [{ ...line, discount_allocations: [{ amount: '-1.00' }] }] },
    'line_items[0].discount_allocations[0].amount',
  ],
  [{ currency: 'XAU' }, 'currency'],
  [{ currency: 'eur' }, 'currency'],
])('L1, L12: books nothing of an order of %j, and says which field it is', (changes, path) => {
  expect(read('orders/create', { ...order, ...changes })).toMatchObject({
    kind: 'malformed',
    problems: [{ path }],
  });
});

it('L15: a tip is a line of its kind, in the order and in its refund', () => {
  const tip = {
    ...line,
    id: 95,
    product_id: null,
    variant_id: null,
    sku: null,
    quantity: 1,
    price: '4.00',
    discount_allocations: [],
    tip_payment_gateway: 'shopify_payments',
    tip_payment_method: 'visa',
  };
  const [placed] = eventsOf(read('orders/create', { ...order, line_items: [line, tip] }));
  expect(placed).toMatchObject({
    total: 3390,
    lines: [
      { lineId: '91' },
      { lineId: '91' },
      { kind: 'tip', productId: 'tip', lineId: '95', quantity: 1, unitPrice: 400 },
    ],
  });
  const back = { ...refund.refund_line_items[0], line_item_id: 95, line_item: tip };
  expect(eventsOf(read('refunds/create', { ...refund, refund_line_items: [back] }))).toMatchObject([
    { lines: [{ kind: 'tip', productId: 'tip', lineId: '95' }], amount: 1150 },
  ]);
});
