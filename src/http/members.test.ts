import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { exportedTables } from '../members/export.ts';
import { MemberView } from '../members/view.ts';

let api: HttpApi;
let applied: string[];
let read: Record<string, string>;
let personal: Record<string, string>;
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

const get = (url: string, headers: Record<string, string>) =>
  api.app.inject({ method: 'GET', url, headers });

const page = async (query: string) => (await get(`/v1/members/ana/entries?${query}`, read)).json();

beforeAll(async () => {
  api = await openHttpApi();
  read = await api.as('main', ['read']);
  personal = await api.as('main', ['read', 'personal']);
  const sent = await api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: await api.as('main', ['send']),
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
      { purpose: 'marketing', granted: true, source: 'web-form', proof: 'form v7' },
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
    expect(document['consents']).toMatchObject([{ proof: 'form v7' }]);
    expect(document['lookups']?.length).toBeGreaterThan(2);
    expect(reply.body).toContain('Torstrasse');
  });

  it('exports no table’s rows of anybody else, and leaves out none that has hers', async () => {
    const { rows } = await api.database.pool.query<{ name: string }>(
      `select table_name as name from information_schema.columns
        where table_schema = 'laurel' and column_name = 'member_id'`,
    );
    // Campaigns' audiences say no more than the messages; what waits for its order is among the events.
    const elsewhere = [
      'campaign_audience',
      'messages',
      'profiles',
      'waiting_events',
      'profile_accounts',
    ];
    const known = new Set([...exportedTables, ...elsewhere]);
    expect(rows.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
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
