import { randomUUID } from 'node:crypto';

import { appRoutes } from '@bull-board/api/dist/routes.js';
import { parse } from 'parse5';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { openQueueBackend, type QueueBackend } from '../../queues/backend.ts';
import { lanes, queueNames } from '../../queues/names.ts';
import { redisUrl } from '../../test/database.ts';
import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { startRedisServer } from '../../test/redis.ts';
import { loadConfig } from '../config.ts';

/** A browser's login: any name, the key as the password. */
const login = (bearer: Record<string, string>, name = 'ops') => {
  const key = bearer['authorization']?.replace('Bearer ', '') ?? '';
  return { authorization: `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}` };
};

/** Bull Board's own list of what it takes, as requests about one queue and one of its jobs. */
const every = (jobId: string) =>
  appRoutes.api.flatMap(({ method, route }) =>
    [method].flat().flatMap((verb) =>
      [route].flat().map((path) => ({
        method: verb.toUpperCase(),
        url: `/queues${path
          .replace(':queueName', queueNames.transactional)
          .replace(':jobId', jobId)
          .replace(':queueStatus', 'completed')
          .replace(':schedulerId', 'some')}`,
      })),
    ),
  );

const person = {
  template: 'bonus-posted',
  to: { memberId: 'member-of-the-board', email: 'ana.fischer@example.com', name: 'Ana Fischer' },
  data: { bonusId: 'b-77', name: 'A bonus nobody else has', reason: 'visit' },
};
const told = ['member-of-the-board', 'ana.fischer', 'Ana Fischer', 'b-77', 'nobody else'];

/** Whether each queue has somebody who works it off; null: nobody knows. */
const worked = async ({ app, as }: HttpApi) => {
  const { queues } = z
    .object({ queues: z.array(z.looseObject({ hasWorkers: z.boolean().nullable() })) })
    .parse((await app.inject({ url: '/queues/api/queues', headers: await as() })).json());
  return queues.map(({ hasWorkers }) => hasWorkers);
};

const backends = [
  { kind: 'Postgres', redis: null },
  { kind: 'Redis', redis: redisUrl() },
] as const;

describe.each(backends.filter(({ kind, redis }) => kind === 'Postgres' || redis !== null))(
  'the board over queues in $kind',
  ({ redis }) => {
    let api: HttpApi;
    let backend: QueueBackend;
    let browser: Browser | undefined;
    let messageId: string;
    beforeAll(async () => {
      const prefix = `board-${randomUUID()}`;
      api = await openHttpApi({
        env: { QUEUE_PREFIX: prefix, ...(redis !== null && { REDIS_URL: redis }) },
        change: { requestsAMinute: { perKey: 5_000, perAddress: 400 } },
      });
      backend = await openQueueBackend({
        redisUrl: redis ?? undefined,
        databaseUrl: api.databaseUrl,
        prefix,
      });
      const accepted = await api.app.inject({
        method: 'POST',
        url: '/v1/messages',
        headers: await api.as(),
        payload: person,
      });
      messageId = z.looseObject({ id: z.uuid() }).parse(accepted.json()).id;
      const queue = backend.openQueue(queueNames.transactional);
      await queue.add([messageId]);
      await queue.beat();
      await queue.close();
      browser = await chromium.launch({
        executablePath: loadConfig(process.env).chromiumPath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      });
    });
    afterAll(async () => {
      await browser?.close();
      await backend?.close();
      await api?.close();
    });

    const ask = (method: string, url: string, headers: Record<string, string>, payload?: object) =>
      fetch(`${api.url}${url}`, {
        method,
        headers: { ...headers, ...(payload && { 'content-type': 'application/json' }) },
        ...(payload && { body: JSON.stringify(payload) }),
      });
    const counts = async () => {
      const queue = await backend.openBullQueue(queueNames.transactional);
      try {
        return { ...(await queue.getJobCounts()), paused: await queue.isPaused() };
      } finally {
        await queue.close();
      }
    };

    it('asks a browser to sign in, and lets in who may operate', async () => {
      for (const url of [
        '/queues',
        '/queues/',
        '/queues/api/queues',
        '/queues/static/js/main.js',
      ]) {
        const stranger = await ask('GET', url, {});
        expect([url, stranger.status]).toEqual([url, 401]);
        expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic realm="Laurel"/);
      }
      const wrong = login({ authorization: `Bearer lrl_0000000000_${'a'.repeat(43)}` });
      expect((await ask('GET', '/queues', wrong)).status).toBe(401);
      const reader = await api.as('main', ['read', 'send', 'personal', 'manage']);
      expect((await ask('GET', '/queues', login(reader))).status).toBe(403);
      const operator = await api.as('main', ['operate']);
      for (const headers of [operator, login(operator), login(operator, '')])
        expect((await ask('GET', '/queues', headers)).status).toBe(200);
    });

    it('takes a browser’s login for nothing else, which other sites could make use of', async () => {
      const all = login(await api.as());
      for (const url of ['/metrics', '/v1/messages', '/v1/campaigns']) {
        const reply = await ask('GET', url, all);
        expect([url, reply.status]).toEqual([url, 401]);
        expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      }
    });

    it('refuses whatever would change something, with any key', async () => {
      const changing = every(messageId).filter(({ method }) => method !== 'GET');
      expect(changing.length).toBeGreaterThanOrEqual(20);
      const before = await counts();
      const headers = await api.as();
      for (const { method, url } of [
        ...changing,
        ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((verb) => [
          { method: verb, url: '/queues' },
          { method: verb, url: '/queues/' },
          { method: verb, url: '/queues/api/queues' },
          { method: verb, url: '/queues/static/favicon.ico' },
          { method: verb, url: '/queues/anything/else' },
        ]),
      ]) {
        const body = method === 'OPTIONS' ? undefined : { force: true, name: 'send', data: {} };
        const unknown = await ask(method, url, {}, body);
        expect([method, url, unknown.status]).toEqual([method, url, 401]);
        for (const known of [headers, login(headers)]) {
          const reply = await ask(method, url, known, body);
          expect([method, url, reply.status]).toEqual([method, url, 405]);
          expect(reply.headers.get('allow')).toBe('GET, HEAD');
        }
      }
      expect(await counts()).toEqual(before);
      expect(before).toMatchObject({ waiting: 2, paused: false });
    });

    it('shows a message’s job, and nothing of whom it is for', async () => {
      const queue = await backend.openBullQueue(queueNames.campaign);
      await queue.add('send', person, { jobId: 'by-hand' });
      await queue.close();
      const headers = await api.as('main', ['operate']);
      const asked = [
        ...every(messageId).filter(({ method }) => method === 'GET'),
        ...every('by-hand')
          .filter(({ method }) => method === 'GET')
          .map(({ method, url }) => ({
            method,
            url: url.replace(queueNames.transactional, queueNames.campaign),
          })),
        ...lanes.map((lane) => ({
          method: 'GET',
          url: `/queues/api/queues?activeQueue=${queueNames[lane]}&status=waiting&page=1&jobsPerPage=50`,
        })),
      ];
      const texts = [];
      for (const { method, url } of asked) {
        const reply = await ask(method, url, headers);
        expect([url, reply.status]).toEqual([url, 200]);
        texts.push(await reply.text());
      }
      const all = texts.join('\n');
      expect(all).toContain(messageId);
      expect(all).toContain('by-hand');
      for (const secret of told) expect(all).not.toContain(secret);
    });

    it('knows whether anybody works them off', async () => {
      expect(await worked(api)).toEqual([false, false]);
      const working = await openHttpApi({
        env: {
          ROLES: 'api,worker',
          QUEUE_PREFIX: `board-${randomUUID()}`,
          ...(redis !== null && { REDIS_URL: redis }),
        },
      });
      try {
        // On Postgres it says only where there are none.
        await expect.poll(() => worked(working), { timeout: 20_000 }).not.toContain(false);
      } finally {
        await working.close();
      }
    }, 60_000);

    it('is a page that loads its own files and nothing else', { timeout: 60_000 }, async () => {
      if (!browser) throw new Error('there is no browser');
      const key =
        (await api.as('main', ['operate']))['authorization']?.replace('Bearer ', '') ?? '';
      for (const width of [1440, 390]) {
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          httpCredentials: { username: 'ops', password: key },
        });
        const requests: string[] = [];
        const faults: string[] = [];
        context.on('request', (request) => void requests.push(request.url()));
        context.on('requestfailed', (request) => void faults.push(`failed: ${request.url()}`));
        context.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) faults.push(message.text());
        });
        context.on('weberror', (error) => void faults.push(error.error().message));
        const page = await context.newPage();
        await page.goto(`${api.url}/queues`);
        await page.getByText(queueNames.transactional).first().waitFor();
        const picture = async (name: string) =>
          process.env['PICTURES'] &&
          page.screenshot({ path: `${process.env['PICTURES']}/${name}-${width}.png` });
        await page.waitForLoadState('networkidle');
        await picture('overview');
        await page.goto(`${api.url}/queues/queue/${queueNames.transactional}`);
        await page.getByText(messageId).first().waitFor();
        await page.waitForLoadState('networkidle');
        await picture('queue');
        await page.goto(`${api.url}/queues/queue/${queueNames.transactional}/${messageId}`);
        await page.getByText(messageId).first().waitFor();
        await page.waitForLoadState('networkidle');
        await picture('job');
        const text = await page.locator('body').innerText();
        for (const secret of told) expect(text).not.toContain(secret);
        expect(faults).toEqual([]);
        expect(requests.length).toBeGreaterThan(20);
        expect(requests.filter((url) => !url.startsWith(`${api.url}/queues`))).toEqual([]);
        await context.close();
      }
    });
  },
);

it('has a page of which nothing leads elsewhere, also where a browser ignored the policy', async () => {
  const api = await openHttpApi();
  try {
    const reply = await api.app.inject({ url: '/queues', headers: await api.as() });
    const policy = String(reply.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    const addresses: string[] = [];
    const visit = (node: object) => {
      if ('attrs' in node)
        for (const { name, value } of z
          .array(z.looseObject({ name: z.string(), value: z.string() }))
          .parse(node.attrs))
          if (['href', 'src', 'srcset', 'action'].includes(name)) addresses.push(value);
      if ('childNodes' in node && Array.isArray(node.childNodes))
        for (const child of node.childNodes) if (typeof child === 'object') visit(child);
    };
    visit(parse(reply.payload));
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((one) => !/^(static\/|\/queues\/$)/.test(one))).toEqual([]);
  } finally {
    await api.close();
  }
});

it.runIf(redisUrl() !== null)(
  'says so while Redis is away, and goes on when it is back',
  async () => {
    const first = await startRedisServer('');
    const api = await openHttpApi({ env: { REDIS_URL: `redis://127.0.0.1:${first.port}` } });
    try {
      const headers = await api.as();
      const status = async () =>
        (await api.app.inject({ url: '/queues/api/queues', headers })).statusCode;
      expect(await status()).toBe(200);
      await first.close();
      await expect.poll(status, { timeout: 20_000 }).toBe(503);
      const again = await startRedisServer('', first.port);
      await expect.poll(status, { timeout: 20_000 }).toBe(200);
      await again.close();
    } finally {
      await api.close();
    }
  },
);
