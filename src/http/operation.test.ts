import { request } from 'node:http';

import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { keepsComing, limitBodyTime } from './deadline.ts';
import { answerError } from './errors.ts';

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
      expect(reply.statusCode, url).toBeOneOf([400, 404]);
      expect(reply.json()).toMatchObject({ error: { code: expect.any(String), problems: [] } });
    }
  });

  it('says nothing of its insides when something breaks', async () => {
    const broken = await openHttpApi({
      listMessages: async () => {
        throw new Error('relation "messages" of ana@example.com is on fire');
      },
    });
    const reply = await broken.app.inject({ url: '/v1/messages', headers: await broken.as() });
    expect(reply.statusCode).toBe(500);
    expect(reply.payload).not.toMatch(/fire|relation|ana@/);
    await broken.close();
  });
});

describe('with Postgres down', () => {
  it('is alive but not ready, and asks producers to try again', async () => {
    const api = await openHttpApi({ auth: 'off' });
    await api.close().catch(() => {});
    const down = await openHttpApi({ auth: 'off' });
    await down.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await down.database.close();
    expect((await down.app.inject('/livez')).statusCode).toBe(200);
    const ready = await down.app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({ ready: false, checks: { postgres: 'does not answer' } });
    await down.app.close();
  });
});
