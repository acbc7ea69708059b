import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { apiScopes, type ApiScope, revokeApiKey } from './api-keys.ts';

let api: HttpApi;
beforeAll(async () => {
  api = await openHttpApi({ change: { requestsAMinute: { perKey: 100, perAddress: 1_000 } } });
});
afterAll(() => api.close());

const message = {
  template: 'bonus-posted',
  to: { memberId: 'm-1' },
  data: { bonusId: 'b', name: 'Bonus', reason: 'visit' },
};
const some = '01980a4e-7c1e-7d3a-9f5e-2b6f8d1c0a11';
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const campaignVerbs = ['start', 'pause', 'resume', 'cancel'] as const;
const route = (method: Method, url: string, scope: ApiScope, body?: object) => ({
  method,
  url,
  scope,
  body,
});
/** Every route that needs a key, with a body it would take. */
const guarded = [
  route('POST', '/v1/messages', 'send', message),
  route('POST', '/v1/messages/batch', 'send', [message]),
  route('GET', '/v1/messages', 'read'),
  route('GET', `/v1/messages/${some}`, 'read'),
  route('POST', `/v1/messages/${some}/cancel`, 'send'),
  route('POST', `/v1/messages/${some}/requeue`, 'manage'),
  route('POST', '/v1/cancellations', 'send', { subjects: ['order:1'] }),
  route('DELETE', '/v1/cancellations/order:1', 'send'),
  route('POST', '/v1/suppressions', 'manage', { address: 'a@example.com' }),
  route('DELETE', '/v1/suppressions/a@example.com', 'manage'),
  route('POST', '/v1/events', 'send', []),
  route('POST', '/v1/redemptions', 'send', { memberId: 'm-1', points: 100, key: 'k' }),
  route('GET', `/v1/redemptions/${some}`, 'read'),
  route('POST', `/v1/redemptions/${some}/commit`, 'send'),
  route('POST', `/v1/redemptions/${some}/release`, 'send'),
  route('GET', '/v1/members/merge-suggestions', 'personal'),
  route('GET', '/v1/erasure-requests', 'personal'),
  route('GET', '/v1/webhook-deliveries', 'read'),
  route('POST', `/v1/webhook-deliveries/${some}/resend`, 'manage'),
  route('GET', '/v1/flows', 'read'),
  route('POST', '/v1/flows/template:shipped/pause', 'manage'),
  route('POST', '/v1/flows/template:shipped/resume', 'manage'),
  route('POST', '/v1/campaigns', 'manage', { campaign: 'year-in-review', year: 2025 }),
  route('GET', '/v1/campaigns', 'read'),
  route('GET', `/v1/campaigns/${some}`, 'read'),
  route('POST', `/v1/campaigns/${some}/audience`, 'manage'),
  route('POST', `/v1/campaigns/${some}/exclusions`, 'manage'),
  route('POST', `/v1/campaigns/${some}/release`, 'manage'),
  route('GET', `/v1/campaigns/${some}/report`, 'read'),
  route('POST', `/v1/campaigns/${some}/preflight`, 'manage', {}),
  route('GET', '/v1/stats', 'read'),
  ...campaignVerbs.map((verb) => route('POST', `/v1/campaigns/${some}/${verb}`, 'manage')),
  route('GET', '/v1/segments', 'read'),
  route('PUT', '/v1/segments/gold', 'manage', { conditions: { tier: ['gold'] } }),
  route('DELETE', '/v1/segments/gold', 'manage'),
  route('GET', '/v1/segments/gold/count', 'read'),
  route('GET', '/v1/segments/gold/members/m-1', 'read'),
  route('GET', '/v1/members?q=ana', 'read'),
  route('GET', '/v1/members/nobody', 'read'),
  route('GET', '/v1/members/nobody/entries', 'read'),
  route('GET', '/v1/members/nobody/affected-messages', 'personal'),
  route('GET', '/v1/members/nobody/export', 'personal'),
  route('POST', '/v1/members/nobody/erase', 'personal'),
  route('GET', '/v1/templates', 'read'),
  route('GET', '/v1/templates/shipped/versions', 'read'),
  route('PUT', '/v1/templates/shipped/live', 'manage', { version: 'folder' }),
  route('GET', '/metrics', 'operate'),
];
/** Those the document leaves out: Bull Board's own. */
const board = [
  route('GET', '/queues', 'operate'),
  route('GET', '/queues/static/images/logo.svg', 'operate'),
  route('GET', '/queues/api/queues', 'operate'),
  route('PUT', '/queues/api/queues/pause', 'operate'),
];

const call = (method: Method, url: string, headers: Record<string, string>, payload?: object) =>
  api.app.inject({ method, url, headers, ...(payload && { payload }) });

it.each([...guarded, ...board])(
  '$method $url is refused without a key, and without the scope $scope',
  async ({ method, url, scope, body }) => {
    expect((await call(method, url, {}, body)).statusCode).toBeOneOf([401, 429]);
    const others = apiScopes.filter((one) => one !== scope);
    const lacking = await call(method, url, await api.as('main', others), body);
    expect(lacking.statusCode).toBe(403);
    expect(lacking.json()).toMatchObject({ error: { code: 'missing-scope' } });
    const allowed = await call(method, url, await api.as('main', [scope]), body);
    expect(allowed.statusCode).not.toBeOneOf([401, 403]);
  },
);

const Paths = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ security: z.array(z.unknown()) }))),
});

it('guards every route but those meant for everybody', () => {
  const { paths } = Paths.parse(api.app.swagger());
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      open: security.length === 0,
    })),
  );
  expect(all.filter(({ open }) => !open)).toHaveLength(guarded.length);
  expect(
    all
      .filter(({ open }) => open)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([
    // Where it leads is sealed in the address.
    'GET /c/{token}',
    // What is drawn is.
    'GET /charts/{token}.png',
    'GET /docs',
    'GET /livez',
    'GET /openapi.json',
    'GET /p/{token}',
    'GET /readyz',
    'GET /u/{token}',
    'POST /p/{token}',
    'POST /u/{token}',
    // Signed by whoever sends it.
    'POST /v1/webhooks/{adapter}/{connection}',
  ]);
});

describe('tenants', () => {
  it('are told nothing about each other: another tenant’s id is not found on every route', async () => {
    const mine = await api.as('mine');
    const theirs = await api.as('theirs');
    const { id } = (
      await call('POST', '/v1/messages', theirs, { ...message, to: { memberId: 'm' } })
    ).json<{ id: string }>();
    const campaign = (
      await call('POST', '/v1/campaigns', theirs, {
        campaign: 'year-in-review',
        year: 2025,
        brand: 'juniper',
      })
    ).json<{ id: string }>();
    await call('POST', '/v1/cancellations', theirs, { subjects: ['order:55'] });
    await call('POST', '/v1/suppressions', theirs, { address: 'ana@example.com' });

    const attempts: [Method, string][] = [
      ['GET', `/v1/messages/${id}`],
      ['POST', `/v1/messages/${id}/cancel`],
      ['POST', `/v1/messages/${id}/requeue`],
      ['DELETE', '/v1/cancellations/order:55'],
      ['DELETE', '/v1/suppressions/ana@example.com'],
      ['GET', `/v1/campaigns/${campaign.id}`],
      ['POST', `/v1/campaigns/${campaign.id}/audience`],
      ['POST', `/v1/campaigns/${campaign.id}/exclusions`],
      ['POST', `/v1/campaigns/${campaign.id}/release`],
      ['GET', `/v1/campaigns/${campaign.id}/report`],
      ...campaignVerbs.map((verb): [Method, string] => [
        'POST',
        `/v1/campaigns/${campaign.id}/${verb}`,
      ]),
    ];
    const preflight = `/v1/campaigns/${campaign.id}/preflight`;
    expect((await call('POST', preflight, mine, {})).statusCode).toBe(404);
    for (const [method, url] of attempts) {
      const reply = await call(method, url, mine);
      expect({ method, url, status: reply.statusCode }).toEqual({ method, url, status: 404 });
    }
    expect((await call('GET', '/v1/messages', mine)).json()).toEqual({
      messages: [],
      next: null,
    });
    expect((await call('GET', '/v1/campaigns', mine)).json()).toEqual({ campaigns: [] });
    const after = await call('GET', `/v1/messages/${id}`, theirs);
    expect(after.json()).toMatchObject({ state: 'queued' });
  });
});

it('refuses a revoked key and one that was guessed', async () => {
  const headers = await api.as();
  const prefix = headers['authorization']?.split('_')[1] ?? '';
  expect((await call('GET', '/v1/messages', headers)).statusCode).toBe(200);
  await revokeApiKey(api.database.pool, 'main', prefix);
  expect((await call('GET', '/v1/messages', headers)).statusCode).toBeOneOf([401, 429]);
});

it('stops a key that asks too often, and only that one', async () => {
  const [busy, calm] = [await api.as(), await api.as()];
  const replies = await Promise.all(
    Array.from({ length: 105 }, () => call('GET', '/v1/campaigns', busy)),
  );
  const refused = replies.filter(({ statusCode }) => statusCode === 429);
  expect(refused).toHaveLength(5);
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await call('GET', '/v1/campaigns', calm)).statusCode).toBe(200);
});

it('stops a stranger who tries keys', async () => {
  const strict = await openHttpApi({
    change: { requestsAMinute: { perKey: 100, perAddress: 20 } },
  });
  try {
    const authorization = `Bearer lrl_0000000000_${'a'.repeat(43)}`;
    const replies = await Promise.all(
      Array.from({ length: 40 }, () =>
        strict.app.inject({ url: '/v1/messages', headers: { authorization } }),
      ),
    );
    expect(replies.at(-1)?.statusCode).toBe(429);
  } finally {
    await strict.close();
  }
});

describe('without keys, on one’s own machine', () => {
  it('answers localhost, and no name that merely leads here', async () => {
    const local = await openHttpApi({ env: { API_AUTH: 'off' } });
    try {
      for (const host of ['localhost:3400', '127.0.0.1:3400', '[::1]:3400', 'api.localhost']) {
        const reply = await local.app.inject({ url: '/v1/messages', headers: { host } });
        expect([host, reply.statusCode]).toEqual([host, 200]);
      }
      for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example']) {
        const reply = await local.app.inject({ url: '/v1/messages', headers: { host } });
        expect([host, reply.statusCode]).toEqual([host, 403]);
      }
    } finally {
      await local.close();
    }
  });
});
