import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { addAudience } from '../campaign/audience.ts';
import { createCampaign } from '../campaign/campaigns.ts';
import { holdEvents } from '../ledger/held-events.ts';
import { askErasure } from '../members/erasure-requests.ts';
import { exportedTables } from '../members/export.ts';
import { MemberView } from '../members/view.ts';
import { addressHash, suppressAddress } from '../message/rows/guards.ts';

let api: HttpApi;
let applied: string[];
let read: Record<string, string>;
let personal: Record<string, string>;
let send: Record<string, string>;
const memberId = 'ana';
const base = (id: string, at: string) => ({ source: 'pos', id, at, memberId });
const events = [
  {
    ...base('1', '2026-01-01T09:00:00Z'),
    type: 'member.enrolled',
    brand: 'juniper',
    membershipNumber: '400-118-204',
    email: 'Ana@mail.example',
    firstName: 'Ana',
    identities: [
      { kind: 'card', value: 'CARD 7788' },
      { kind: 'phone', value: '+49 30 5550199' },
      { kind: 'customer-number', value: 'C-1' },
    ],
  },
  {
    ...base('2', '2026-01-02T09:00:00Z'),
    type: 'consent.changed',
    basis: 'existing-customer',
    purpose: 'marketing',
    granted: true,
    givenAt: 'web-form',
    proof: 'form v7',
  },
  {
    ...base('3', '2026-06-01T08:40:00Z'),
    type: 'order.placed',
    orderId: 'o1',
    channel: 'store',
    store: 'Torstrasse',
    currency: 'EUR',
    total: 12_900,
    lines: [{ productId: 'jacket', quantity: 1, unitPrice: 12_900, fullPrice: true }],
    pointsEarned: { points: 129 },
  },
  { ...base('4', '2026-06-01T08:41:00Z'), type: 'points.locked', points: 29, lock: 'r1' },
  {
    source: 'pos',
    id: '5',
    at: '2026-05-01T08:41:00Z',
    type: 'product.upserted',
    brand: 'juniper',
    product: { productId: 'jacket', name: { en: 'Rain jacket' }, category: 'clothing' },
  },
];

/** Tables that hold nothing of anybody: what is sold, how things are set up, and what is counted of everybody together. */
const ofNobody = [
  'accepted_brands',
  'accepted_templates',
  'alerts',
  'api_keys',
  'campaign_counts',
  'campaign_moves',
  'campaigns',
  'cancelled_subjects',
  'catalogue_versions',
  'imports',
  'mail_stat_hours',
  'mail_stats',
  'message_weeks',
  'migration_steps',
  'migrations',
  'offers',
  'pack_dictionaries',
  'pauses',
  'pool_alerts',
  'pool_code_messages',
  'product_versions',
  'products',
  'retention_progress',
  'rule_sets',
  'segments',
  'send_rates',
  'send_turns',
  'source_outages',
  'spend_quantiles',
  'template_files',
  'template_pointings',
  'template_publications',
  'template_versions',
  'trigger_pauses',
  'trigger_scans',
  'webhook_endpoints',
];

/** Eve has something in each table, and somebody else as well. */
async function everything() {
  const { pool } = api.database;
  let n = 0;
  const of = (who: string, type: string, fields: object = {}) => {
    n += 1;
    return {
      source: 'all',
      id: `a${n}`,
      at: '2026-05-01T09:00:00Z',
      memberId: who,
      type,
      ...fields,
    };
  };
  for (const who of ['eve', 'somebody']) {
    const email = `${who}@mail.example`;
    const order = { orderId: `${who}-o`, channel: 'store', currency: 'EUR', total: 900 };
    const lines = [{ productId: 'jacket', unitPrice: 900, fullPrice: true }];
    const reply = await api.app.inject({
      method: 'POST',
      url: '/v1/events',
      headers: send,
      payload: [
        of(who, 'member.enrolled', { brand: 'juniper', membershipNumber: who, email }),
        of(`${who}2`, 'member.enrolled', { brand: 'juniper', membershipNumber: `${who}2` }),
        of(who, 'members.merged', { otherMemberId: `${who}2`, reason: 'asked' }),
        of(who, 'consent.changed', { purpose: 'marketing', granted: true }),
        of(who, 'order.placed', { ...order, lines, pointsEarned: { points: 500 } }),
        of(who, 'order.placed', { ...order, orderId: `${who}-p`, pointsEarned: { points: 3 } }),
        of(who, 'order.refunded', { orderId: `${who}-p`, at: '2026-05-01T11:00:00Z' }),
        // Told late: what was written for the whole refund is written anew.
        of(who, 'order.refunded', {
          orderId: `${who}-p`,
          lines: [],
          amount: 9,
          pointsTakenBack: 1,
        }),
        of(who, 'engagement.recorded', { kind: 'product-review', subject: 'jacket' }),
        of(who, 'reward.claimed', { rewardId: 'drink-on-us' }),
        of(who, 'coupon.issued', { code: `${who}-C`, offerId: 'x' }),
        of(who, 'bonus.granted', { bonusId: `${who}-B`, points: 5 }),
        of(who, 'offer.redeemed', { offerId: 'x' }),
        of(who, 'tier.changed', { tierId: 'gold', reason: 'given' }),
        of(who, 'signal.observed', { kind: 'browsing', category: 'coffee' }),
      ],
    });
    expect(reply.json()).toMatchObject({ refused: 0 });
    const redeemed = await api.app.inject({
      method: 'POST',
      url: '/v1/redemptions',
      headers: send,
      payload: { memberId: who, points: 200, key: who },
    });
    expect(redeemed.statusCode).toBe(201);
    await holdEvents(pool, 'main', [
      {
        source: 'shop',
        id: who,
        connection: 'shop',
        orderId: null,
        problems: [],
        canonical: email,
        event: { identity: { kind: 'email', value: email } },
      },
    ]);
    await pool.query(
      `insert into delivery_feedback (tenant, source, id, kind, at, address_hash) values ('main', 'test', $1, 'delivered', now(), $2)`,
      [who, addressHash(email)],
    );
    await pool.query(
      `insert into trigger_firings (tenant, brand, trigger, cause, member_id, at, due_at, state)
       values ('main', 'juniper', 'hello', 'event:' || $1, $1, now(), now(), 'waiting')`,
      [who],
    );
    const request = { brand: 'juniper', askedAt: '2026-05-02T09:00:00Z', proof: 'a link' };
    await pool.query(
      `insert into webhook_deliveries (tenant, endpoint, type, subject, member_id, data)
       values ('main', 'crm', 'consent.changed', 'member:x', $1, '{}')`,
      [who],
    );
    await askErasure(pool, 'main', { memberId: who, ...request });
    await suppressAddress(pool, 'main', {
      address: email,
      reason: 'unsubscribe',
      scope: 'commercial',
      source: 'test',
    });
    const id = crypto.randomUUID();
    const campaign = { id, tenant: 'main', brand: 'juniper', template: 'year-in-review' };
    await createCampaign(pool, { ...campaign, parameters: { year: 2025 }, idempotencyKey: null });
    await addAudience(pool, id, [who]);
    const message = await api.app.inject({
      method: 'POST',
      url: '/v1/messages',
      headers: send,
      payload: { template: 'welcome', brand: 'juniper', to: { memberId: who }, data: {} },
    });
    expect(message.statusCode).toBe(202);
  }
}

const get = (url: string, headers: Record<string, string>) =>
  api.app.inject({ method: 'GET', url, headers });

const page = async (query: string) => (await get(`/v1/members/ana/entries?${query}`, read)).json();

beforeAll(async () => {
  api = await openHttpApi();
  read = await api.as('main', ['read']);
  personal = await api.as('main', ['read', 'personal']);
  send = await api.as('main', ['send']);
  const sent = await api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: send,
    payload: events,
  });
  applied = sent.json<{ results: { kind: string }[] }>().results.map(({ kind }) => kind);
});
afterAll(() => api.close());

describe('S27: a member in one call', () => {
  it('says who she is, what she bought just now, what she holds and what she agreed to', async () => {
    expect(new Set(applied)).toEqual(new Set(['applied']));
    const reply = await get('/v1/members/ana', read);
    expect(reply.statusCode).toBe(200);
    const view = MemberView.parse(reply.json());
    expect(view.summary).toContain('Bought Rain jacket in store (Torstrasse) 20 minutes ago.');
    expect(view.points).toMatchObject({ active: 100, locked: 29, debt: 0 });
    expect(view.lastPurchases).toMatchObject([{ orderId: 'o1', minutesAgo: 20, channel: 'store' }]);
    expect(view.consents).toMatchObject([
      {
        purpose: 'marketing',
        granted: true,
        source: 'web-form',
        proof: 'form v7',
        basis: 'existing-customer',
      },
    ]);
    expect(view.entries[0]).toMatchObject({ kind: 'lock', points: 29 });
  });

  it.each([
    'email=ANA@mail.example',
    'phone=%2B49%2030%205550199',
    'card=card7788',
    'customerNumber=C-1',
    'membershipNumber=400-118-204',
  ])('by %s', async (query) => {
    expect((await get(`/v1/members?${query}`, read)).json()).toMatchObject({ memberId });
  });

  it('masks identities unless the key may see them', async () => {
    expect((await get('/v1/members/ana', read)).body).not.toMatch(/ana@mail|card ?7788|5550199/i);
    expect((await get('/v1/members/ana', personal)).body).toContain('ana@mail.example');
  });

  it('asks for one way to find her, and finds nobody of another tenant', async () => {
    expect((await get('/v1/members', read)).json()).toMatchObject({
      error: { problems: [{ path: 'email' }] },
    });
    expect((await get('/v1/members?email=a@b.example&card=1', read)).statusCode).toBe(400);
    const others = await api.as('elsewhere', ['read', 'personal']);
    for (const path of ['', '/entries', '/affected-messages', '/export'])
      expect((await get(`/v1/members/ana${path}`, others)).statusCode).toBe(404);
  });

  it('gives the movements of her points, page by page', async () => {
    expect(await page('limit=1')).toMatchObject({ entries: [{ kind: 'lock' }] });
    expect(await page('limit=5&before=2026-06-01T08:41:00Z')).toMatchObject({
      entries: [{ kind: 'earn', points: 129, ref: 'o1' }],
    });
  });
});

it('suggests whom to merge, to those who may see why', async () => {
  const twin = {
    ...events[0],
    id: '6',
    memberId: 'ana-2',
    membershipNumber: '9',
    email: 'a.na+shop@mail.example',
    identities: [],
  };
  await api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: await api.as('main', ['send']),
    payload: [twin],
  });
  const reply = await get('/v1/members/merge-suggestions?memberId=ana', personal);
  expect(reply.json()).toMatchObject({
    suggestions: [
      { memberIds: expect.arrayContaining(['ana', 'ana-2']), score: expect.any(Number) },
    ],
  });
});

describe('S14: her data, and its end', () => {
  it('needs a key that may see personal data', async () => {
    expect((await get('/v1/members/ana/export', read)).statusCode).toBe(403);
    expect(
      (await api.app.inject({ method: 'POST', url: '/v1/members/ana/erase', headers: read }))
        .statusCode,
    ).toBe(403);
  });

  it('exports everything as one document, and notes that somebody looked', async () => {
    const reply = await get('/v1/members/ana/export', personal);
    const document = reply.json<Record<string, unknown[]>>();
    expect(document).toMatchObject({ format: 'laurel-member/1', memberId });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(document['identities']).toHaveLength(4);
    expect(document['events']?.length).toBe(4);
    expect(document['consents']).toMatchObject([{ proof: 'form v7', basis: 'existing-customer' }]);
    expect(document['lookups']?.length).toBeGreaterThan(2);
    expect(reply.body).toContain('Torstrasse');
  });

  it('exports something of every table that has anything of her, and knows of each table which it is', async () => {
    const { rows } = await api.database.pool.query<{ name: string }>(
      // Each with its partitions, which hold the same.
      `select relname as name from pg_class
        where relnamespace = 'laurel'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    );
    const known = new Set([...exportedTables.keys(), ...ofNobody]);
    expect(rows.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
    await everything();
    const document = (await get('/v1/members/eve/export', personal)).json<
      Record<string, unknown[]>
    >();
    const empty = [...exportedTables].filter(([, name]) => {
      const part = document[name];
      return Array.isArray(part) ? part.length === 0 : !part;
    });
    expect(empty).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('somebody');
  });

  it('erases her, and there is nothing to see any more', async () => {
    const erase = () =>
      api.app.inject({ method: 'POST', url: '/v1/members/ana/erase', headers: personal });
    expect((await erase()).statusCode).toBe(204);
    expect((await erase()).statusCode).toBe(204);
    expect((await get('/v1/members/ana', personal)).json()).toMatchObject({
      error: { code: 'erased' },
    });
    expect((await get('/v1/members?email=ana@mail.example', personal)).statusCode).toBe(404);
  });
});

describe('L14: of a brand whose files are gone', () => {
  it('tells what is known, and that the brand is unknown', async () => {
    const enrolled = {
      source: 'pos',
      id: 'moved-1',
      at: '2026-01-01T09:00:00Z',
      memberId: 'moved',
      type: 'member.enrolled',
      brand: 'juniper',
      membershipNumber: '77',
      firstName: 'Mo',
    };
    await api.app.inject({ method: 'POST', url: '/v1/events', headers: send, payload: enrolled });
    await api.database.pool.query(
      "update laurel.members set brand = 'gone' where member_id = 'moved'",
    );
    const reply = await api.app.inject({ url: '/v1/members/moved', headers: read });
    expect(reply.statusCode).toBe(200);
    const view = MemberView.parse(reply.json());
    expect(view).toMatchObject({ brand: 'gone', firstName: 'Mo', tier: null, points: null });
    expect(view.summary.join(' ')).toContain('"gone" is unknown');
    for (const path of ['entries', 'export', 'affected-messages'])
      expect(
        (await api.app.inject({ url: `/v1/members/moved/${path}`, headers: personal })).statusCode,
      ).toBe(200);
  });
});
