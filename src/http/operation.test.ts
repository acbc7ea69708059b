import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { openWire } from '../../test/wire.ts';
import { readinessOf } from './routes/operation.ts';

describe('with everything up', () => {
  let api: HttpApi;
  beforeAll(async () => {
    api = await openHttpApi();
  });
  afterAll(() => api.close());

  it('is alive and ready', async () => {
    expect((await api.app.inject('/livez')).json()).toEqual({ alive: true });
    const ready = await api.app.inject('/readyz');
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toEqual({ ready: true, checks: { postgres: 'ok' } });
  });

  it('counts requests by route, never by URL', async () => {
    const headers = await api.as();
    await api.app.inject({ url: '/v1/messages/nonsense', headers });
    const { payload } = await api.app.inject({ url: '/metrics', headers });
    expect(payload).toContain(
      'laurel_http_seconds_count{method="GET",route="/v1/messages/:id",status="404"} 1',
    );
    expect(payload).not.toContain('nonsense');
  });

  it('answers what isn’t there, and what can’t be read, in the same form', async () => {
    for (const url of ['/nowhere', '/v1/messages/%E0%A4%A', '//']) {
      const reply = await api.app.inject({ url });
      expect(reply.statusCode).toBeOneOf([400, 404]);
      expect(reply.json()).toMatchObject({ error: { code: expect.any(String), problems: [] } });
    }
  });
});

it('says nothing of its insides when something breaks', async () => {
  const api = await openHttpApi();
  await api.database.pool.query(
    'alter table messages rename column lane to "lane of ana@example.com"',
  );
  const reply = await api.app.inject({ url: '/v1/messages', headers: await api.as() });
  expect(reply.statusCode).toBe(500);
  expect(reply.payload).not.toMatch(/column|relation|ana@/);
  // X3: whoever runs it sees what broke, and where.
  const entries = api.lines.map((line): unknown => JSON.parse(line));
  expect(entries).toContainEqual(
    expect.objectContaining({
      msg: 'request failed',
      err: expect.objectContaining({
        code: '42703',
        message: expect.stringContaining('lane'),
        stack: expect.stringMatching(/at .*listMessages/s),
      }),
    }),
  );
  await api.close();
});

it('says which part is not ready, also when the check itself breaks or never ends', async () => {
  const readiness = await readinessOf([
    { name: 'postgres', check: async () => null },
    { name: 'queue', check: async () => 'no heartbeat for 25 s' },
    { name: 'worker', check: () => Promise.reject(new Error('password of smtp.example')) },
    { name: 'clock', check: () => new Promise(() => {}) },
  ]);
  expect(readiness).toEqual({
    ready: false,
    checks: {
      postgres: 'ok',
      queue: 'no heartbeat for 25 s',
      worker: 'failed',
      clock: 'does not answer in time',
    },
  });
});

it('is alive but not ready while Postgres is down, asks producers to try again, and recovers', async () => {
  const wire = await openWire();
  const api = await openHttpApi({
    env: { API_AUTH: 'off' },
    through: wire.through,
  });
  const ready = async () => (await api.app.inject('/readyz')).statusCode;
  const send = () =>
    api.app.inject({
      method: 'POST',
      url: '/v1/messages',
      payload: {
        template: 'bonus-posted',
        to: { memberId: 'm-1' },
        data: { bonusId: 'b', name: 'Bonus', reason: 'visit' },
        idempotencyKey: 'through-a-restart',
      },
    });
  expect(await ready()).toBe(200);
  const before = await send();

  wire.cut();
  expect(await ready()).toBe(503);
  expect((await api.app.inject('/livez')).statusCode).toBe(200);
  const refused = await send();
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toMatchObject({ error: { code: 'unavailable' } });
  expect(refused.headers['retry-after']).toBe('1');

  wire.mend();
  expect(await ready()).toBe(200);
  expect((await send()).payload).toBe(before.payload);
  await api.close();
  await wire.close();
});
