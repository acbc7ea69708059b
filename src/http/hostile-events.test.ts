import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { applyEvents } from '../ledger/apply.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as('main', ['send', 'read']);
});
afterAll(() => api.close());

const json = 'application/json';
const structured = 'application/cloudevents+json';
const post = async (
  url: string,
  payload: unknown,
  type = json,
  more: object = {},
): Promise<Record<string, unknown>> => {
  const reply = await api.app.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': type, ...more },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  return { status: reply.statusCode, ...reply.json<Record<string, unknown>>() };
};
const events = (payload: unknown, type = json, more: object = {}) =>
  post('/v1/events', payload, type, more);

let ids = 0;
const event = (memberId: string, type: string, fields: object = {}) => {
  ids += 1;
  return { source: 't', id: `e${ids}`, at: '2026-05-01T09:00:00Z', memberId, type, ...fields };
};
const enrol = (memberId: string, points = 0) => [
  event(memberId, 'member.enrolled', { brand: 'juniper', membershipNumber: memberId }),
  ...(points > 0 ? [event(memberId, 'points.earned', { points })] : []),
];

describe('an event that is told', () => {
  it('as of the future is refused in every form, since it would make her profile that of a time to come', async () => {
    await events(enrol('fay'));
    const future = event('fay', 'points.earned', { points: 5, at: '2062-05-01T09:00:00Z' });
    const refused = { kind: 'refused', problems: [{ path: 'at' }] };
    expect(await events(future)).toMatchObject({ status: 200, results: [refused] });
    expect(await events(`${JSON.stringify(future)}\n`, 'application/x-ndjson')).toMatchObject({
      results: [refused],
    });
    const { at: time, source, id, type, memberId, points } = future as Record<string, unknown>;
    const envelope = { specversion: '1.0', source, id, type, time };
    const cloud = { ...envelope, data: { memberId, points } };
    const byTime = { kind: 'refused', problems: [{ path: 'time' }] };
    expect(await events(cloud, structured)).toMatchObject({ results: [byTime] });
    expect(await events([cloud], 'application/cloudevents-batch+json')).toMatchObject({
      results: [byTime],
    });
    const now = new Date('2026-06-01T00:00:00Z');
    const brandOf = await fixtureBrandOf();
    const tell = (at: string) =>
      applyEvents(api.database.pool, 'main', brandOf, [{ ...future, at }], now);
    expect(await tell('2026-06-02T00:00:00.001Z')).toMatchObject([refused]);
    expect(await tell('2026-06-02T00:00:00.000Z')).toMatchObject([{ kind: 'applied' }]);
  });

  it.each([
    ['de_AT', 'de-AT', 'Grün'],
    ['PT-br', 'pt-BR', 'Green'],
    ['toString', 'tostring', 'Green'],
  ])('in the language %s is in %s', async (locale, canonical, tier) => {
    const memberId = `in-${locale}`;
    await events([
      event(memberId, 'member.enrolled', { brand: 'juniper', membershipNumber: memberId, locale }),
    ]);
    const view = await api.app.inject({ url: `/v1/members/${memberId}`, headers });
    expect(view.json()).toMatchObject({ locale: canonical, tier: { name: tier } });
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty'])(
    'of things called %s is told and shown as any other',
    async (odd) => {
      const memberId = `odd-${odd}`;
      const things = { productId: odd, category: odd, attributes: [odd], fullPrice: true };
      const order = { orderId: odd, channel: odd, store: odd, currency: 'EUR', total: 900 };
      const reply = await events([
        ...enrol(memberId),
        event(memberId, 'order.placed', { ...order, lines: [{ ...things, unitPrice: 900 }] }),
        event(memberId, 'order.refunded', {
          orderId: odd,
          lines: [{ productId: odd, quantity: 1 }],
        }),
        event(memberId, 'order.changed', {
          orderId: odd,
          total: 900,
          lines: [{ ...things, unitPrice: 450, quantity: 2 }],
        }),
        event(memberId, 'coupon.issued', { code: odd, offerId: odd }),
        event(memberId, 'bonus.granted', { bonusId: odd, points: 5 }),
      ]);
      expect(reply).toMatchObject({ refused: 0 });
      const view = await api.app.inject({ url: `/v1/members/${memberId}`, headers });
      expect(view.json()).toMatchObject({
        tier: { name: 'Green' },
        lastPurchases: [{ orderId: odd, channel: odd, products: [odd], state: 'placed' }],
      });
      const refused = await events(
        event(memberId, 'member.updated', { locale: odd === 'hasOwnProperty' ? 'x' : odd }),
      );
      expect(refused).toMatchObject({ results: [{ problems: [{ path: 'locale' }] }] });
    },
  );

  it('with many others of the same instant is on one page of her movements, whatever its size', async () => {
    await events(enrol('ivo'));
    await events(
      Array.from({ length: 25 }, (_, n) => event('ivo', 'points.earned', { points: n + 1 })),
    );
    const at = '2026-04-01T09:00:00Z';
    await events([
      event('ivo', 'points.earned', { points: 100, at }),
      event('ivo', 'points.earned', { points: 101, at }),
    ]);
    const seen: number[] = [];
    let before = '';
    for (let page = 0; page < 30; page += 1) {
      const query = `limit=10${before && `&before=${encodeURIComponent(before)}`}`;
      const reply = await api.app.inject({ url: `/v1/members/ivo/entries?${query}`, headers });
      const { entries } = reply.json<{ entries: { points: number; at: string }[] }>();
      seen.push(...entries.map(({ points }) => points));
      const last = entries.at(-1);
      if (!last) break;
      before = last.at;
    }
    expect(seen).toEqual([...Array.from({ length: 25 }, (_, n) => 25 - n), 101, 100]);
  });

  it('may have as many lines as shops allow, and no more worth than can be counted', async () => {
    await events(enrol('kay'));
    const order = { channel: 'online', currency: 'EUR', total: 10_000_000_000_000 };
    const line = { productId: 'gold', unitPrice: 10_000_000_000_000, fullPrice: true };
    const lines = (n: number, fields: object) =>
      Array.from({ length: n }, () => ({ ...line, ...fields }));
    const refused = await events([
      event('kay', 'order.placed', { ...order, orderId: 'k1', lines: lines(2, {}) }),
      event('kay', 'order.placed', {
        ...order,
        orderId: 'k2',
        lines: lines(1, { quantity: 9_999 }),
      }),
      event('kay', 'order.placed', {
        ...order,
        orderId: 'k3',
        lines: lines(1_001, { unitPrice: 1 }),
      }),
    ]);
    expect(refused).toMatchObject({
      refused: 3,
      results: [1, 2, 3].map(() => ({ problems: [{ path: 'lines' }] })),
    });
    const many = lines(1_000, { unitPrice: 10_000_000_000, quantity: 1 });
    const told = await events([
      event('kay', 'order.placed', {
        ...order,
        orderId: 'k4',
        lines: many,
        pointsEarned: { points: 1_000_000_000_000 },
      }),
      ...Array.from({ length: 4 }, () =>
        event('kay', 'order.refunded', { orderId: 'k4', lines: [], amount: 10_000_000_000_000 }),
      ),
      event('kay', 'order.refunded', {
        orderId: 'k4',
        lines: [{ productId: 'gold', quantity: 999 }],
      }),
    ]);
    expect(told).toMatchObject({ refused: 0 });
    const view = await api.app.inject({ url: '/v1/members/kay', headers });
    expect(view.json()).toMatchObject({ points: { active: 1_000_000_000 } });
  });

  it('twice with another body is known by its id, and the first stays', async () => {
    await events(enrol('gil'));
    const first = event('gil', 'points.earned', { points: 5 });
    expect(await events([first, { ...first, points: 500 }])).toMatchObject({
      results: [{ kind: 'applied' }, { kind: 'duplicate' }],
    });
    expect(await events({ ...first, type: 'points.spent' })).toMatchObject({
      results: [{ kind: 'duplicate' }],
    });
  });

  it.each([
    ['an id as a number', { id: 5 }, 'id'],
    ['a time without offset', { at: '2026-05-01T09:00:00' }, 'at'],
    ['a day that isn’t', { at: '2026-02-30T09:00:00Z' }, 'at'],
    ['a year that isn’t', { at: '0000-01-01T00:00:00Z' }, 'at'],
    ['an offset that isn’t', { at: '2026-05-01T09:00:00+23:59' }, 'at'],
    ['a date as of nothing', { activeAt: '0000-01-01T00:00:00Z' }, 'activeAt'],
    ['a fraction of a point', { points: 0.5 }, 'points'],
    ['points as text', { points: '5' }, 'points'],
    ['more points than there are', { points: 2 ** 53 }, 'points'],
    ['a field nobody knows', { pts: 5 }, 'pts'],
    ['a type nobody knows', { type: 'points.stolen' }, 'type'],
    ['a control character', { ref: 'a\u0007b' }, 'ref'],
  ])('with %s is refused by its field, and stores nothing', async (_what, change, path) => {
    const reply = await events({ ...event('fay', 'points.earned', { points: 5 }), ...change });
    expect(reply).toMatchObject({ status: 200, refused: 1 });
    expect(JSON.stringify(reply)).toContain(`"path":"${path}"`);
  });
});

const reserve = (key: string) =>
  post('/v1/redemptions', { memberId: 'hal', points: 300, key, ttlSeconds: 60 });
const end = (id: string | undefined, how: string) => post(`/v1/redemptions/${id}/${how}`, '');

describe('points at two tills at once', () => {
  it('are set aside once over HTTP, whoever asks how often, and given back exactly', async () => {
    await events(enrol('hal', 1_000));
    const replies = await Promise.all(
      Array.from({ length: 24 }, (_, n) => reserve(`cart-${n % 12}`)),
    );
    const taken = replies.filter(({ status }) => status === 201);
    expect(new Set(taken.map(({ redemptionId }) => redemptionId)).size).toBe(3);
    for (const reply of replies.filter(({ status }) => status !== 201))
      expect(reply).toMatchObject({ status: 409, error: { code: 'insufficient-points' } });
    const [one, two, three] = [...new Set(taken.map(({ redemptionId }) => String(redemptionId)))];
    const ends = await Promise.all([
      end(one, 'commit'),
      end(one, 'commit'),
      end(two, 'release'),
      end(two, 'release'),
      end(three, 'commit'),
      end(three, 'release'),
    ]);
    expect(ends.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(ends.filter(({ status }) => status === 409)).toHaveLength(1);
    const { rows } = await api.database.pool.query<{ active: number }>(
      `select (document -> 'points' ->> 'active')::int + coalesce((select sum((lot ->> 0)::int)
                from jsonb_array_elements(document -> 'points' -> 'lots') as lot), 0)::int as active
         from laurel.profiles where member_id = 'hal'`,
    );
    expect([400, 700]).toContain(rows[0]?.active);
  });
});
