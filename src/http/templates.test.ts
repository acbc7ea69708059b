import { afterAll, beforeAll, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { transaction } from '../postgres/pool.ts';
import { bundleOf } from '../render/version/bundle.ts';
import { pointTo, publishVersion } from '../render/version/template-versions.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as();
});
afterAll(() => api.close());

const template = 'order-confirmation';

/** Publishes a version that consists of this text. */
async function publish(text: string, tenant = 'main'): Promise<string> {
  const files = new Map([['order-confirmation/text.hbs', Buffer.from(text)]]);
  const bundle = bundleOf(template, files, new Map());
  await transaction(api.database.pool, async (db) => {
    const by = 'mira';
    await publishVersion(db, tenant, bundle, { by, note: text, overlooked: 0 });
    await pointTo(db, tenant, bundle, { by, why: null, how: 'publish' });
  });
  return bundle.hash;
}

const get = async (url: string, as = headers) =>
  (await api.app.inject({ method: 'GET', url, headers: as })).json<unknown>();
const put = (payload: object, as = headers, url = `/v1/templates/${template}/live`) =>
  api.app.inject({ method: 'PUT', url, headers: as, payload });
const accept = (more: object) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/messages',
    headers,
    payload: {
      template,
      to: { email: 'ana@example.com' },
      brand: 'juniper',
      data: {
        orderId: '1',
        orderedAt: '2026-05-01T12:00:00Z',
        currency: 'EUR',
        items: [{ productId: 'p', name: 'P', quantity: 1, unitPrice: 390 }],
        totals: { subtotal: 390, total: 390 },
        fulfilment: { kind: 'pickup' },
      },
      ...more,
    },
  });

it('says what is live, points elsewhere, and remembers who did so and why', async () => {
  const first = await publish('first');
  const second = await publish('second');
  expect(await get('/v1/templates')).toMatchObject({
    templates: expect.arrayContaining([
      { template, live: second, since: expect.any(String), versions: 2 },
      { template: 'shipped', live: null, since: null, versions: 0 },
    ]),
  });
  const reply = await put({ version: first.slice(0, 8), why: 'VAT' });
  expect(reply.json()).toEqual({ live: first });
  expect((await put({ version: 'before' })).json()).toEqual({ live: second });
  expect((await put({ version: 'folder' })).json()).toEqual({ live: null });
  expect((await put({ version: 'before', why: 'after all' })).json()).toEqual({ live: second });
  expect(await get(`/v1/templates/${template}/versions`)).toMatchObject({
    versions: [
      { hash: second, by: 'mira', note: 'second', liveSince: expect.any(String), waiting: 0 },
      { hash: first, liveSince: null },
    ],
    history: [
      { hash: second, how: 'rollback', by: expect.stringMatching(/^key /), why: 'after all' },
      { hash: null, how: 'use' },
      { hash: second, how: 'rollback' },
      { hash: first, how: 'use', why: 'VAT' },
      { hash: second, how: 'publish', by: 'mira' },
      { hash: first, how: 'publish' },
    ],
  });
});

it.each([
  [{ version: '123456789' }, 400, 'version'],
  [{ version: 'latest' }, 400, 'version'],
  [{}, 400, 'version'],
])('refuses %j by its field', async (body, status, path) => {
  const reply = await put(body);
  expect(reply.statusCode).toBe(status);
  expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
});

it('another tenant sees nothing of it and points at nothing of it', async () => {
  const own = await publish('a third');
  const others = await api.as('other');
  expect(await get(`/v1/templates/${template}/versions`, others)).toEqual({
    versions: [],
    history: [],
  });
  expect((await put({ version: own }, others)).statusCode).toBe(400);
  const reader = await api.as('main', ['read', 'send']);
  expect((await put({ version: own }, reader)).statusCode).toBe(403);
  expect((await put({ version: own }, headers, '/v1/templates/nothing/live')).statusCode).toBe(404);
});

it('a message keeps the version it asks for, and says so', async () => {
  const hash = await publish('a fourth');
  const id = (await accept({ templateVersion: 'accepted' })).json<{ id: string }>().id;
  expect(await get(`/v1/messages/${id}`)).toMatchObject({
    pinnedVersion: hash,
    why: expect.arrayContaining([expect.stringContaining(`version ${hash.slice(0, 12)}`)]),
  });
  const unknown = await accept({ templateVersion: '0123456789' });
  expect(unknown.statusCode).toBe(400);
  expect(unknown.json()).toMatchObject({ error: { problems: [{ path: 'templateVersion' }] } });
});

it('a campaign keeps one version for all of its messages, and its key names that, too', async () => {
  const make = (templateVersion: string | undefined, key: string) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/campaigns',
      headers: { ...headers, 'idempotency-key': key },
      payload: { campaign: 'year-in-review', year: 2025, brand: 'kestrel', templateVersion },
    });
  const refused = await make('accepted', 'one');
  expect(refused.json()).toMatchObject({ error: { problems: [{ path: 'templateVersion' }] } });
  expect((await make(undefined, 'two')).json()).toMatchObject({ pinnedVersion: null });
  expect((await make('live', 'two')).statusCode).toBe(201);
  const { pool } = api.database;
  const bundle = bundleOf('year-in-review', new Map(), new Map());
  await transaction(pool, async (db) => {
    const of = { by: 'mira', note: null, overlooked: 0 };
    await publishVersion(db, 'main', bundle, of);
  });
  const made = await make(bundle.hash.slice(0, 10), 'three');
  expect(made.json()).toMatchObject({ pinnedVersion: bundle.hash });
  expect((await make(bundle.hash.slice(0, 8), 'three')).payload).toBe(made.payload);
  expect((await make('live', 'three')).statusCode).toBe(409);
});
