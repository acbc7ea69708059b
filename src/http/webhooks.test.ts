import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import {
  shopConnection,
  shopHeaders,
  standardHeaders,
  standardSecret,
  webhookConnections,
} from '../../test/webhooks.ts';
import { InvalidInput } from '../core/errors.ts';

const now = new Date('2026-06-01T09:00:00Z');
const seconds = now.getTime() / 1000;
const mapping = {
  source: 'reviews',
  events: [
    {
      type: 'points.earned',
      when: [{ column: 'type', in: ['review.published'] }],
      fields: {
        memberId: 'data.customer',
        at: { column: 'timestamp', as: 'instant' },
        points: { column: 'data.points', as: 'integer' },
      },
    },
  ],
  otherwise: 'skip',
};
const reviews = {
  adapter: 'generic',
  brand: 'juniper',
  secrets: [standardSecret],
  mapping: 'map.json',
};

let api: HttpApi;
beforeAll(async () => {
  const webhooks = { shop: shopConnection, reviews };
  api = await openHttpApi({ webhooks, files: { 'map.json': mapping }, now: () => now });
});
afterAll(() => api.close());

const customer = {
  id: 7071,
  admin_graphql_api_id: 'gid://shopify/Customer/7071',
  email: 'ana.webhook@example.com',
  verified_email: true,
  first_name: 'Ana',
  last_name: 'Berg',
  created_at: '2026-05-01T10:00:00+02:00',
  updated_at: '2026-05-01T10:00:00+02:00',
  email_marketing_consent: { state: 'subscribed', consent_updated_at: '2026-05-01T10:00:00+02:00' },
};
const review = (points: number) =>
  JSON.stringify({
    type: 'review.published',
    timestamp: '2026-06-01T08:59:00Z',
    data: { customer: 'shopify-7071', points },
  });
const post = (url: string, headers: Record<string, string>, payload: string) =>
  api.app.inject({ method: 'POST', url, headers, payload });
const shop = (topic: string, body: string, headers: Record<string, string> = {}) =>
  post('/v1/webhooks/shopify/shop', { ...shopHeaders(topic, body), ...headers }, body);
const generic = (body: string, headers: Record<string, string>) =>
  post('/v1/webhooks/generic/reviews', headers, body);
const signed = async (id: string, body: string) => {
  const reply = await generic(body, standardHeaders(id, seconds, body));
  return { status: reply.statusCode, body: reply.json<unknown>() };
};
const countOf = async (table: string) => {
  const { rows } = await api.database.pool.query<{ n: number }>(
    `select count(*)::int as n from ${table}`,
  );
  return rows[0]?.n;
};

describe('promise 17, a shop’s webhooks', () => {
  const body = JSON.stringify(customer);

  it('are taken when they are signed, once however often they come', async () => {
    const first = await shop('customers/create', body);
    expect(first.json()).toMatchObject({ applied: 3, duplicate: 0, refused: 0 });
    const again = await Promise.all(
      Array.from({ length: 100 }, () => shop('customers/create', body)),
    );
    for (const reply of again) expect(reply.json()).toMatchObject({ applied: 0, duplicate: 3 });
    expect(await countOf('laurel.events')).toBe(3);
  });

  it.each([
    ['of another secret', { 'x-shopify-hmac-sha256': 'A'.repeat(43) + '=' }],
    ['empty', { 'x-shopify-hmac-sha256': '' }],
    ['shortened', { 'x-shopify-hmac-sha256': 'AAAA' }],
    [
      'with something behind it',
      { 'x-shopify-hmac-sha256': `${shopHeaders('', body)['x-shopify-hmac-sha256']}AAAA` },
    ],
    ['of another shop', { 'x-shopify-shop-domain': 'other.myshop.example' }],
  ])('are refused when the signature is %s', async (_what, headers) => {
    const before = await countOf('laurel.events');
    const reply = await shop('customers/create', body, headers);
    expect(reply.statusCode).toBe(401);
    expect(await countOf('laurel.events')).toBe(before);
  });

  it('are refused without a signature, and when the body was written anew', async () => {
    const { 'x-shopify-hmac-sha256': signature, ...unsigned } = shopHeaders(
      'customers/create',
      body,
    );
    expect((await post('/v1/webhooks/shopify/shop', unsigned, body)).statusCode).toBe(401);
    const rewritten = JSON.stringify(customer, null, 1);
    const headers = { ...unsigned, 'x-shopify-hmac-sha256': signature };
    expect((await post('/v1/webhooks/shopify/shop', headers, rewritten)).statusCode).toBe(401);
  });
});

describe('promise 17, webhooks of anybody by the standard', () => {
  it('are taken once, replayed or sent a hundred times', async () => {
    const body = review(40);
    const headers = standardHeaders('msg_1', seconds, body);
    expect((await generic(body, headers)).json()).toMatchObject({ applied: 1 });
    const again = await Promise.all(Array.from({ length: 100 }, () => generic(body, headers)));
    for (const reply of again) expect(reply.json()).toMatchObject({ applied: 0, duplicate: 1 });
    const { rows } = await api.database.pool.query(
      `select sum(points)::int as points from laurel.points_entries where member_id = 'shopify-7071'`,
    );
    expect(rows).toEqual([{ points: 40 }]);
  });

  it('are refused when forged, empty, old, early, changed, or signed for another id', async () => {
    const body = review(41);
    const good = standardHeaders('msg_2', seconds, body);
    const other = `whsec_${Buffer.from('twenty-four other bytes.').toString('base64')}`;
    const wrong = [
      standardHeaders('msg_2', seconds, body, other),
      standardHeaders('msg_2', seconds - 7200, body),
      standardHeaders('msg_2', seconds - 301, body),
      standardHeaders('msg_2', seconds + 301, body),
      standardHeaders('msg_2', seconds, review(4100)),
      { ...good, 'webhook-id': 'msg_3' },
      { ...good, 'webhook-timestamp': String(seconds - 1) },
      { ...good, 'webhook-signature': '' },
      { ...good, 'webhook-signature': 'v1,' },
      { ...good, 'webhook-signature': good['webhook-signature'].replace('v1,', 'v1a,') },
    ];
    for (const headers of wrong) expect((await generic(body, headers)).statusCode).toBe(401);
    expect(await countOf(`laurel.events where source = 'reviews'`)).toBe(1);
  });

  it('are taken with several signatures of which one is ours, at the edge of the window', async () => {
    const body = review(42);
    const good = standardHeaders('msg_4', seconds - 300, body);
    const several = `v1a,AAAA v1,${'B'.repeat(43)}= ${good['webhook-signature']}`;
    expect((await generic(body, { ...good, 'webhook-signature': several })).json()).toMatchObject({
      applied: 1,
    });
  });

  it('say what can’t be read, keep what the ledger refuses, and skip what nobody asked for', async () => {
    expect(await signed('m-1', '{"type":')).toMatchObject({ status: 400 });
    const fraction = JSON.stringify({ type: 'review.published', data: { points: 1.5 } });
    expect(await signed('m-2', fraction)).toMatchObject({
      status: 400,
      body: { error: { problems: [{ path: 'data.points (points)' }] } },
    });
    expect(await signed('m-3', JSON.stringify({ type: 'review.deleted' }))).toMatchObject({
      status: 200,
      body: { ignored: 1, applied: 0 },
    });
    const stranger = review(10).replace('shopify-7071', 'nobody');
    expect(await signed('m-4', stranger)).toMatchObject({
      status: 200,
      body: { refused: 1, problems: [{ path: 'm-4: memberId' }] },
    });
    expect(await countOf(`laurel.held_events where id = 'm-4'`)).toBe(1);
  });
});

describe('the door itself', () => {
  it('looks the same to strangers wherever nobody is connected', async () => {
    const places = ['shopify/nobody', 'nobody/shop', 'generic/shop', 'shopify/reviews'];
    const replies = await Promise.all(
      places.map((place) => post(`/v1/webhooks/${place}`, {}, '{}')),
    );
    for (const reply of replies) {
      expect(reply.statusCode).toBe(404);
      expect(reply.body).toBe(replies[0]?.body);
    }
  });

  it('takes no more than it can hold', async () => {
    const body = JSON.stringify({ filler: 'x'.repeat(6 * 1024 * 1024) });
    expect((await shop('customers/create', body)).statusCode).toBe(413);
  });

  it('counts by adapter and outcome, and logs nothing personal', async () => {
    const headers = await api.as();
    const { payload } = await api.app.inject({ url: '/metrics', headers });
    expect(payload).toContain('laurel_webhooks_total{adapter="shopify",outcome="applied"} 1');
    expect(payload).toMatch(/laurel_webhooks_total\{adapter="generic",outcome="forged"\} 1\d/);
    expect(payload).toContain('laurel_webhooks_total{adapter="generic",outcome="refused"} 1');
    expect(api.lines.join('')).toContain('"key":"shopify/shop"');
    expect(api.lines.join('')).not.toMatch(/ana\.webhook|Berg|\b7071\b/);
  });
});

const problemsOf = (connections: Record<string, object>) => {
  try {
    webhookConnections(connections);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
  }
  return '';
};

it('names everything that is wrong with the file of connections, and never a secret', () => {
  const wrong = {
    shop: { ...shopConnection, brand: 'nobody' },
    Shop: shopConnection,
    reviews: { ...reviews, mapping: 'missing.json' },
    other: { ...shopConnection, adapter: 'carrier-pigeon' },
    third: { ...shopConnection, currency: 'Euro', shop: 'https://x' },
    fourth: { ...shopConnection, secrets: ['too short'] },
  };
  expect(problemsOf(wrong)).toContain('WEBHOOKS_FILE connections.Shop');
  expect(problemsOf(wrong)).toContain('connections.fourth.secrets[0]');
  const { Shop: _name, fourth: _secret, ...rest } = wrong;
  const message = problemsOf(rest);
  expect(message).toContain('connections.shop.brand: must be one of juniper, kestrel');
  expect(message).toMatch(/connections\.reviews\..*missing\.json.*ENOENT/);
  expect(message).toContain('connections.other.adapter: must be one of shopify, generic');
  expect(message).toContain('connections.third.currency');
  expect(message).toContain('connections.third.shop');
  expect(message).not.toContain(shopConnection.secrets[0]);
});

it('refuses too many strangers', async () => {
  const strict = await openHttpApi({
    webhooks: { shop: shopConnection },
    change: { requestsAMinute: { perKey: 100, perAddress: 5 } },
  });
  try {
    const statuses = [];
    for (let n = 0; n < 8; n += 1) {
      const reply = await strict.app.inject({
        method: 'POST',
        url: '/v1/webhooks/shopify/shop',
        payload: '{}',
      });
      statuses.push(reply.statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  } finally {
    await strict.close();
  }
});
