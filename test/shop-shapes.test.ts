import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { holdEvents, releaseHeld } from '../src/ledger/held-events.ts';
import { type HttpApi, openHttpApi } from './http-api.ts';
import { shopConnection, shopHeaders } from './webhooks.ts';

/*
 * Payloads as shops send them, one strangeness at a time, from the door to what the ledger has.
 */
let api: HttpApi;
beforeAll(async () => {
  const dinar = { ...shopConnection, currency: 'KWD', tenant: 'kuwait' };
  api = await openHttpApi({
    webhooks: { shop: shopConnection, dinar },
    now: () => new Date('2030-01-01T00:00:00Z'),
  });
});
afterAll(() => api.close());

async function deliver(topic: string, payload: object, to = 'shop', headers: object = {}) {
  const body = JSON.stringify(payload);
  const reply = await api.app.inject({
    method: 'POST',
    url: `/v1/webhooks/shopify/${to}`,
    headers: { ...shopHeaders(topic, body), ...headers },
    payload: body,
  });
  if (reply.statusCode !== 200) throw new Error(`${topic}: ${reply.body}`);
  return reply.json<Record<string, unknown>>();
}

let ids = 1000;
const money = (amount: string, shown = amount) => ({
  shop_money: { amount, currency_code: 'EUR' },
  presentment_money: { amount: shown, currency_code: 'USD' },
});
const item = (price: string, fields: object = {}) => {
  ids += 1;
  return {
    id: ids,
    admin_graphql_api_id: `gid://shopify/LineItem/${ids}`,
    product_id: 501,
    variant_id: 601,
    sku: 'MUG',
    title: 'Mug',
    quantity: 1,
    current_quantity: 1,
    price,
    price_set: money(price),
    gift_card: false,
    taxable: true,
    tax_lines: [],
    discount_allocations: [],
    ...fields,
  };
};
const order = (total: string, lines: readonly object[], fields: object = {}) => {
  ids += 1;
  return {
    id: ids,
    admin_graphql_api_id: `gid://shopify/Order/${ids}`,
    name: `#${ids}`,
    test: false,
    email: 'guest@mail.example',
    contact_email: 'guest@mail.example',
    phone: null,
    customer: null,
    created_at: '2026-05-04T08:30:00+02:00',
    processed_at: '2026-05-04T08:30:00+02:00',
    updated_at: '2026-05-04T08:30:00+02:00',
    cancelled_at: null,
    currency: 'EUR',
    presentment_currency: 'EUR',
    taxes_included: true,
    total_price: total,
    current_total_price: total,
    total_price_set: money(total),
    total_tip_received: '0.00',
    payment_gateway_names: ['bogus'],
    source_name: 'web',
    location_id: null,
    line_items: lines,
    shipping_lines: [],
    refunds: [],
    ...fields,
  };
};
const refundOf = ({ id }: { id: number }, fields: object) => {
  ids += 1;
  return {
    id: ids,
    admin_graphql_api_id: `gid://shopify/Refund/${ids}`,
    order_id: id,
    created_at: '2026-05-06T08:30:00+02:00',
    restock: true,
    refund_line_items: [],
    order_adjustments: [],
    transactions: [],
    ...fields,
  };
};
const goods = (line: { id: number }, quantity: number, subtotal: string, tax = '0.00') => ({
  id: line.id * 10,
  line_item_id: line.id,
  line_item: line,
  quantity,
  restock_type: 'return',
  subtotal_set: money(subtotal),
  total_tax_set: money(tax),
});
const paidBack = (amount: string, fields: object = {}) => ({
  kind: 'refund',
  status: 'success',
  amount,
  currency: 'EUR',
  ...fields,
});

/** What the ledger has of an order. */
async function stored({ id }: { id: number }, tenant = 'main') {
  const { rows } = await api.database.pool.query<{
    memberId: string;
    total: number;
    refunded: number;
    state: string;
    channel: string;
    store: string | null;
    lines: readonly (readonly [string, number, number, number])[];
  }>(
    `select member_id as "memberId", total, refunded, state, channel, store,
            (select coalesce(jsonb_agg(jsonb_build_array(product_id, quantity, refunded_quantity, unit_price) order by n), '[]')
               from laurel.purchase_lines l where l.tenant = p.tenant and l.order_id = p.order_id) as lines
       from laurel.purchases p where tenant = $2 and order_id = $1`,
    [String(id), tenant],
  );
  return rows[0];
}
const rootOf = async (account: string | undefined) => {
  const { rows } = await api.database.pool.query<{ root: string }>(
    `select coalesce(merged_into, member_id) as root from laurel.profiles where tenant = 'main' and member_id = $1`,
    [account],
  );
  return rows[0]?.root;
};
const customer = (id: number, fields: object = {}) => ({
  id,
  admin_graphql_api_id: `gid://shopify/Customer/${id}`,
  email: `c${id}@mail.example`,
  verified_email: true,
  first_name: 'Ana',
  last_name: 'Berg',
  created_at: '2026-05-01T10:00:00+02:00',
  updated_at: '2026-05-01T10:00:00+02:00',
  email_marketing_consent: null,
  ...fields,
});

/** An order's customer. */
const of = (id: number) => ({
  customer: { id, admin_graphql_api_id: `gid://shopify/Customer/${id}` },
});

describe('a shop’s order', () => {
  it('has what was paid: tips and delivery beside its goods, in the shop’s currency, discounts shared out', async () => {
    const lines = [
      item('10.00', {
        quantity: 3,
        current_quantity: 3,
        discount_allocations: [{ amount: '1.00', amount_set: money('1.00', '1.20') }],
      }),
      item('5.00', { product_id: 502 }),
    ];
    const one = order('40.90', lines, {
      presentment_currency: 'USD',
      total_price_set: money('40.90', '49.08'),
      total_tip_received: '2.00',
    });
    await deliver('orders/create', one);
    expect(await stored(one)).toMatchObject({
      total: 4090,
      lines: [
        ['501', 1, 0, 966],
        ['501', 2, 0, 967],
        ['502', 1, 0, 500],
      ],
    });
  });

  it('may cost nothing, be of three decimals, and come from the till or a draft', async () => {
    const free = order('0.00', [item('10.00', { discount_allocations: [{ amount: '10.00' }] })]);
    await deliver('orders/create', free);
    expect(await stored(free)).toMatchObject({ total: 0, lines: [['501', 1, 0, 0]] });
    const dinars = order('1.255', [item('1.255')], { currency: 'KWD' });
    await deliver('orders/create', dinars, 'dinar');
    expect(await stored(dinars, 'kuwait')).toMatchObject({ total: 1255 });
    const till = order('10.00', [item('10.00')], { source_name: 'pos', location_id: 9001 });
    await deliver('orders/create', till);
    expect(await stored(till)).toMatchObject({ channel: 'store', store: 'Mitte' });
    const draft = order('10.00', [item('10.00')], { source_name: 'shopify_draft_order' });
    await deliver('orders/create', draft);
    expect(await stored(draft)).toMatchObject({ channel: 'online', store: null });
    expect(await deliver('draft_orders/create', { id: 1 })).toMatchObject({ ignored: 1 });
    for (const name of ['constructor', '__proto__', 'toString']) {
      const odd = order('10.00', [item('10.00')], { source_name: name });
      expect(await deliver('orders/create', odd)).toMatchObject({ applied: 1, refused: 0 });
      expect(await stored(odd)).toMatchObject({ channel: 'online' });
    }
  });

  it('keeps things without a product apart, so that the right one comes back', async () => {
    const custom = { product_id: null, variant_id: null, sku: null };
    const [cheap, dear] = [item('5.00', custom), item('80.00', custom)];
    const one = order('85.00', [cheap, dear]);
    await deliver('orders/create', one);
    await deliver(
      'refunds/create',
      refundOf(one, {
        refund_line_items: [goods(dear, 1, '80.00')],
        transactions: [paidBack('80.00')],
      }),
    );
    expect((await stored(one))?.lines.map(([, , back, price]) => [price, back])).toEqual([
      [500, 0],
      [8000, 1],
    ]);
  });

  it('of nobody is left out; a guest’s is hers by phone, also where the address is empty', async () => {
    const nobody = order('1.00', [item('1.00')], { email: '', contact_email: null });
    expect(await deliver('orders/create', nobody)).toMatchObject({ applied: 0, ignored: 1 });
    const caller = { ...order('1.00', [item('1.00')]), email: '', contact_email: null };
    await deliver('orders/create', { ...caller, phone: '+49 170 1234567' });
    expect((await stored(caller))?.memberId).toMatch(/^unregistered:phone:/);
    expect(await deliver('orders/create', { ...caller, id: 7, test: true })).toMatchObject({
      ignored: 1,
    });
  });

  it('that is old, or told in another time zone, is of its own day', async () => {
    const old = order('1.00', [item('1.00')], {
      created_at: '1999-12-31T23:30:00-05:00',
      processed_at: '1999-12-31T23:30:00-05:00',
      updated_at: '2026-05-01T00:00:00+14:00',
    });
    expect(await deliver('orders/updated', old)).toMatchObject({ refused: 0 });
    const { rows } = await api.database.pool.query<{ at: Date }>(
      'select placed_at as at from laurel.purchases where order_id = $1',
      [String(old.id)],
    );
    expect(rows[0]?.at.toISOString()).toBe('2000-01-01T04:30:00.000Z');
  });
});

describe('what comes back of a shop’s order', () => {
  it('may be delivery alone, goods without money, or all of it in parts and then cancelled', async () => {
    const line = item('10.00', { quantity: 3, current_quantity: 3 });
    const one = order('34.90', [line]);
    const delivery = refundOf(one, {
      order_adjustments: [
        { kind: 'shipping_refund', amount_set: money('-4.90'), tax_amount_set: money('0.00') },
      ],
      transactions: [paidBack('4.90')],
    });
    const restocked = refundOf(one, { refund_line_items: [goods(line, 1, '10.00')] });
    // Before the order itself.
    expect(await deliver('refunds/create', delivery)).toMatchObject({ waiting: 1 });
    await deliver('orders/create', one);
    expect(await stored(one)).toMatchObject({ refunded: 490, lines: [['501', 3, 0, 1000]] });
    await deliver('refunds/create', restocked);
    expect(await stored(one)).toMatchObject({ refunded: 1490, lines: [['501', 3, 1, 1000]] });
    const cancelled = {
      ...one,
      updated_at: '2026-05-07T08:30:00+02:00',
      cancelled_at: '2026-05-07T08:30:00+02:00',
      refunds: [delivery, restocked],
    };
    await deliver('orders/cancelled', cancelled);
    await deliver('orders/updated', cancelled);
    expect(await stored(one)).toMatchObject({ state: 'cancelled', refunded: 1490 });
  });

  it('is worth what it cost with tax, whichever way the shop’s prices are', async () => {
    for (const [taxes_included, refunded] of [
      [true, 1000],
      [false, 1190],
    ] as const) {
      const line = item('10.00');
      const one = order(taxes_included ? '10.00' : '11.90', [line], { taxes_included });
      const back = refundOf(one, {
        refund_line_items: [goods(line, 1, '10.00', taxes_included ? '1.60' : '1.90')],
        transactions: [paidBack('13.00', { currency: 'USD' })],
      });
      await deliver('orders/updated', { ...one, refunds: [back] });
      expect(await stored(one)).toMatchObject({ refunded, state: 'refunded' });
    }
  });

  it('follows an edit that leaves lines with no units', async () => {
    const [mug, tea] = [item('10.00'), item('5.00', { product_id: 502 })];
    const one = order('15.00', [mug, tea]);
    await deliver('orders/create', one);
    const removed = refundOf(one, { refund_line_items: [goods(tea, 1, '5.00')] });
    const edited = {
      ...one,
      updated_at: '2026-05-05T08:30:00+02:00',
      current_total_price: '10.00',
      line_items: [mug, { ...tea, current_quantity: 0 }],
    };
    await deliver('orders/updated', { ...edited, refunds: [removed] });
    expect(await stored(one)).toMatchObject({ total: 1500, refunded: 500 });
    // As another version of the interface says the same.
    const two = order('15.00', [mug, tea]);
    await deliver('orders/create', two);
    const line_items = [mug, { ...tea, quantity: 0, current_quantity: 0 }];
    await deliver('orders/updated', {
      ...edited,
      id: two.id,
      admin_graphql_api_id: null,
      total_price: '10.00',
      line_items,
    });
    expect(await stored(two)).toMatchObject({ total: 1000, lines: [['501', 1, 0, 1000]] });
  });
});

describe('who bought', () => {
  it('may be known to the shop only later: what happens to the order happens to it', async () => {
    const line = item('10.00');
    const guest = order('10.00', [line], { email: 'later@mail.example' });
    await deliver('orders/create', guest);
    await deliver('customers/create', customer(81, { verified_email: false }));
    const hers = {
      ...guest,
      customer: { id: 81, admin_graphql_api_id: 'gid://shopify/Customer/81' },
      updated_at: '2026-05-05T08:30:00+02:00',
      cancelled_at: '2026-05-05T08:30:00+02:00',
    };
    for (const topic of ['orders/paid', 'orders/updated', 'orders/cancelled'])
      expect(await deliver(topic, hers)).toMatchObject({ refused: 0 });
    expect(await stored(guest)).toMatchObject({ state: 'cancelled' });
  });

  it('may be two customers that the shop merges: one member, and her old orders go on', async () => {
    await deliver('customers/create', customer(82));
    await deliver('customers/create', customer(83));
    const one = order('10.00', [item('10.00')], of(83));
    await deliver('orders/create', one);
    const merge = {
      admin_graphql_api_customer_kept_id: 'gid://shopify/Customer/82',
      admin_graphql_api_customer_deleted_id: 'gid://shopify/Customer/83',
      admin_graphql_api_job_id: null,
      errors: [],
    };
    const at = { 'x-shopify-triggered-at': '2026-05-06T09:00:00.123456789Z' };
    const failed = await deliver('customers/merge', { ...merge, status: 'failed' }, 'shop', at);
    expect(failed).toMatchObject({ ignored: 1 });
    const done = { ...merge, status: 'completed' };
    expect(await deliver('customers/merge', done, 'shop', at)).toMatchObject({ applied: 1 });
    expect(await deliver('customers/merge', done, 'shop', at)).toMatchObject({ duplicate: 1 });
    const later = { ...one, ...of(82), updated_at: '2026-05-07T08:30:00+02:00' };
    expect(await deliver('orders/updated', later)).toMatchObject({ refused: 0 });
    expect(await rootOf((await stored(one))?.memberId)).toBe('shopify-82');
  });

  it('stays forgotten when she was erased, whatever is told of her orders', async () => {
    await deliver('customers/create', customer(84));
    const of84 = of(84);
    const line = item('10.00');
    const hers = order('10.00', [line], { ...of84, email: 'c84@mail.example' });
    await deliver('orders/create', hers);
    const erase = { method: 'POST' as const, url: '/v1/members/shopify-84/erase' };
    const headers = await api.as('main', ['read', 'personal']);
    expect((await api.app.inject({ ...erase, headers })).statusCode).toBe(204);
    const accounts = async () =>
      (await api.database.pool.query('select from laurel.members')).rowCount;
    const before = await accounts();
    const later = {
      ...hers,
      updated_at: '2026-05-08T08:30:00+02:00',
      refunds: [refundOf(hers, { refund_line_items: [goods(line, 1, '10.00')] })],
    };
    for (const topic of ['orders/create', 'orders/updated', 'orders/paid', 'orders/fulfilled'])
      expect(await deliver(topic, later)).toMatchObject({ applied: 0, refused: 0, waiting: 0 });
    const cancelled = { ...later, cancelled_at: '2026-05-09T08:30:00+02:00' };
    expect(await deliver('orders/cancelled', cancelled)).toMatchObject({ applied: 1, waiting: 0 });
    await deliver('customers/update', customer(84, { updated_at: '2026-05-09T10:00:00+02:00' }));
    // Her id stays, with nothing but that she is erased.
    for (const table of ['identities', 'held_events', 'replaced_entries', 'events']) {
      const { rows } = await api.database.pool.query(
        `select t::text from laurel.${table} as t
          where t::text ~ 'SHOPIFY84|c84@|value[^}]*shopify-84'`,
      );
      expect(rows).toEqual([]);
    }
    expect(await accounts()).toBe(before);
    const { rows } = await api.database.pool.query(
      'select from laurel.cancelled_subjects where subject = $1',
      [`order:${hers.id}`],
    );
    expect(rows).toHaveLength(1);
  });

  it('is not whoever has an order of the same number elsewhere', async () => {
    const headers = await api.as('main', ['send']);
    const one = order('10.00', [item('10.00')], { cancelled_at: '2026-05-05T08:30:00+02:00' });
    const base = { source: 'erp', at: '2026-05-01T00:00:00Z', memberId: 'zoe' };
    await api.app.inject({
      method: 'POST',
      url: '/v1/events',
      headers,
      payload: [
        { ...base, id: '1', type: 'member.enrolled', brand: 'juniper', membershipNumber: 'Z' },
        {
          ...base,
          id: '2',
          type: 'order.placed',
          orderId: String(one.id),
          channel: 'online',
          currency: 'EUR',
          total: 1,
        },
      ],
    });
    expect(await deliver('orders/cancelled', one)).toMatchObject({ applied: 0, refused: 2 });
    expect(await stored(one)).toMatchObject({ memberId: 'zoe', state: 'placed' });
  });
});

const statuses = async (like: string) => {
  const { rows } = await api.database.pool.query<{ id: string; status: string }>(
    `select member_id as id, status from laurel.members where member_id like $1 order by 1`,
    [like],
  );
  return rows.map(({ status }) => status);
};

const left = async (pattern: string) => {
  let found = 0;
  for (const table of [
    'identities',
    'held_events',
    'events',
    'purchases',
    'profiles',
    'consents',
  ]) {
    const { rowCount } = await api.database.pool.query(
      `select from laurel.${table} as t where t::text ~ $1 and not t::text ~ 'member.erased'`,
      [pattern],
    );
    found += rowCount ?? 0;
  }
  return found;
};

describe('whoever asks to be forgotten', () => {
  const shop_domain = shopConnection.shop;

  it('L9: is erased at the shop’s word, with what was bought as a guest, and that it was is kept', async () => {
    const email = 'c191@mail.example';
    await deliver('customers/create', customer(191, { verified_email: false }));
    await deliver('orders/create', order('10.00', [item('10.00')], of(191)));
    const asGuest = order('20.00', [item('20.00')], { email });
    await deliver('orders/create', asGuest);
    const waiting = refundOf({ id: 999_191 }, { transactions: [paidBack('1.00')] });
    await deliver('refunds/create', waiting);
    const redact = {
      shop_id: 954889,
      shop_domain,
      customer: { id: 191, email, phone: null },
      orders_to_redact: [asGuest.id, 999_191],
    };
    expect(await left('shopify-191|SHOPIFY191|c191@|999191')).toBeGreaterThan(4);
    expect(await deliver('customers/redact', redact)).toMatchObject({ applied: 2, refused: 0 });
    expect(await statuses('shopify-191')).toEqual(['erased']);
    expect(await left('SHOPIFY191|c191@|999191')).toBe(0);
    const { rows } = await api.database.pool.query(
      `select source, id, type from laurel.events where id like 'customer-191-redacted-%'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const row of rows) expect(row).toMatchObject({ source: 'shop', type: 'member.erased' });
    expect(await deliver('customers/redact', redact)).toMatchObject({ applied: 0, ignored: 1 });
  });

  it('L9: is erased when the shop deletes the customer; an address alone leads to no member', async () => {
    await deliver('customers/create', customer(192));
    await deliver('customers/create', customer(193));
    const gone = {
      id: 192,
      admin_graphql_api_id: 'gid://shopify/Customer/192',
      phone: null,
      addresses: [],
    };
    expect(await deliver('customers/delete', gone)).toMatchObject({ applied: 1 });
    expect(await statuses('shopify-192')).toEqual(['erased']);
    const other = { email: 'c193@mail.example' };
    const redact = { shop_id: 1, shop_domain, customer: other, orders_to_redact: [] };
    expect(await deliver('customers/redact', redact)).toMatchObject({ applied: 0, ignored: 1 });
    expect(await statuses('shopify-193')).toEqual(['active']);
  });

  it('X11: leaves nothing in any table when something is told of them later', async () => {
    const canary = 'canary-196';
    const email = `${canary}@mail.example`;
    const { pool } = api.database;
    const { rows: tables } = await pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'laurel'`,
    );
    expect(tables.length).toBeGreaterThan(20);
    const found = async () => {
      const holding: string[] = [];
      for (const { name } of tables) {
        const { rows } = await pool.query(
          `select from ${name} t where t::text ilike '%${canary}%'`,
        );
        if (rows.length > 0) holding.push(name);
      }
      return holding;
    };
    await deliver('customers/create', customer(196, { email, first_name: canary }));
    expect(await found()).toContain('laurel.members');
    await deliver('customers/redact', {
      shop_id: 1,
      shop_domain,
      orders_to_redact: [],
      customer: { id: 196, email },
    });
    expect(await found()).toEqual([]);
    const odd = { state: canary, consent_updated_at: null };
    await deliver('customers_email_marketing_consent/update', {
      customer_id: 196,
      email_address: email,
      email_marketing_consent: odd,
    });
    await deliver('customers/update', customer(196, { email, first_name: canary.repeat(40) }));
    await deliver(
      'customers/update',
      customer(196, { email, first_name: canary, email_marketing_consent: odd }),
    );
    const event = {
      source: 'shop',
      id: 'e',
      type: 'odd',
      identity: { kind: 'email', value: email },
    };
    const about = { source: 'shop', id: 'e', connection: 'shop', orderId: '1', problems: [] };
    for (const [n, canonical] of [email, 'else@mail.example'].entries())
      await holdEvents(pool, 'main', [{ ...about, id: `e${n}`, canonical, event }]);
    expect(await found()).toEqual(['laurel.held_events']);
    await releaseHeld(pool, 'main', [{ source: 'shop', id: 'e1' }]);
    expect(await found()).toEqual([]);
  });

  it('X11: takes along what nobody understood and names them by their address alone, before and after', async () => {
    const email = 'Canary-197@Mail.example';
    const { pool } = api.database;
    const held = async () =>
      (await pool.query(`select from laurel.held_events where document::text ilike '%canary-197%'`))
        .rowCount;
    const odd = (n: number) => ({
      note: `Told by <${email}>, No. ${n}.`,
      others: [{ of: ['else-197@mail.example'] }],
    });
    await deliver('customers/create', customer(197, { email }));
    expect(await deliver('checkouts_consent/update', odd(1))).toMatchObject({ refused: 1 });
    expect(await held()).toBe(1);
    const erase = { method: 'POST' as const, url: '/v1/members/shopify-197/erase' };
    const headers = await api.as('main', ['read', 'personal']);
    expect((await api.app.inject({ ...erase, headers })).statusCode).toBe(204);
    expect(await held()).toBe(0);
    await deliver('checkouts_consent/update', odd(2));
    expect(await held()).toBe(0);
    // A guest is asked to be forgotten by address.
    const guest = { ...odd(3), note: 'canary-197, of guest-197@mail.example' };
    await deliver('checkouts_consent/update', guest);
    expect(await held()).toBe(1);
    const redact = { shop_id: 1, shop_domain, orders_to_redact: [] };
    const customers = { email: 'guest-197@mail.example' };
    await deliver('customers/redact', { ...redact, customer: customers });
    expect(await held()).toBe(0);
  });

  it('L9: a customer who asks for their data is a person’s task, held until it is done or they are erased', async () => {
    await deliver('customers/create', customer(198));
    const asked = { shop_id: 1, shop_domain, customer: { id: 198 }, orders_requested: [] };
    expect(await deliver('customers/data_request', asked)).toMatchObject({
      refused: 1,
      problems: [{ message: expect.stringContaining('`laurel member export shopify-198`') }],
    });
    const held = `select from laurel.held_events where document ->> 'memberId' = 'shopify-198'`;
    expect((await api.database.pool.query(held)).rowCount).toBe(1);
    const redact = { shop_id: 1, shop_domain, customer: { id: 198 }, orders_to_redact: [] };
    await deliver('customers/redact', redact);
    expect((await api.database.pool.query(held)).rowCount).toBe(0);
  });

  it('L9: a shop that left asks an operator; a captured body of another kind erases nobody', async () => {
    await deliver('customers/create', customer(194));
    expect(await deliver('shop/redact', { shop_id: 1, shop_domain })).toMatchObject({
      refused: 1,
      problems: [{ path: expect.stringMatching(/^unread-.*shop_domain$/) }],
    });
    for (const topic of ['customers/delete', 'customers/redact', 'shop/redact'])
      await expect(deliver(topic, customer(194))).rejects.toThrow('invalid-input');
    expect(await statuses('shopify-194')).toEqual(['active']);
  });
});

it('accounts for every event of every delivery: applied, known, ignored with a reason, waiting or held', async () => {
  const line = item('10.00');
  const one = order('10.00', [line], of(195));
  const consent = {
    customer_id: 195,
    email_marketing_consent: { state: 'odd', consent_updated_at: null },
  };
  const none = { created_at: null, updated_at: null };
  const deliveries: [string, object, number][] = [
    ['customers/create', customer(195), 2],
    ['customers/create', customer(195), 2],
    ['orders/create', { ...one, financial_status: 'paid' }, 2],
    ['refunds/create', refundOf({ id: 1_950_000 }, { transactions: [paidBack('1.00')] }), 1],
    ['customers_email_marketing_consent/update', consent, 1],
    ['customers_marketing_consent/update', { id: 195, sms_marketing_consent: {} }, 1],
    ['customers/update', customer(195, none), 1],
    ['carts/update', {}, 1],
    ['orders/create', order('1.00', [item('1.00')], { test: true }), 1],
  ];
  for (const [topic, payload, expected] of deliveries) {
    const reply = await deliver(topic, payload);
    const counts = ['applied', 'duplicate', 'ignored', 'waiting', 'refused'].map((name) =>
      Number(reply[name]),
    );
    expect([topic, counts.reduce((sum, n) => sum + n, 0)]).toEqual([topic, expected]);
    expect([topic, typeof reply['why']]).toEqual([
      topic,
      reply['ignored'] ? 'string' : 'undefined',
    ]);
  }
});
