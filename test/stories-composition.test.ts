import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { startAlertServer } from './alert-server.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';
import { json, type SourceServer, startSourceServer } from './source-server.ts';
import { backends, openWorld, type Outcome, type World } from './world.ts';

const sample = (brand: string, template: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));
const receiptFor = (brand: string, memberId: string): MessageRequest => {
  const template = brand === 'juniper' ? 'order-confirmation' : 'flight-booking';
  return { template, brand, to: { memberId }, data: sample(brand, template) };
};

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** 50 MB in 50 KB. */
const bomb = gzipSync(`{"pad":"${' '.repeat(50_000_000)}"}`);

/** Every figure of points in a mail. */
const figures = ({ mail }: Outcome) =>
  [
    ...`${mail?.subject}\n${mail?.html}\n${mail?.text}`.matchAll(/(\d[\d,.]*) (?:stars|miles)/g),
  ].map(([, figure]) => figure);

const memberOf = (request: IncomingMessage) => request.url?.split('/').at(-1) ?? '';
const basis = ({ record }: Outcome) =>
  Object.fromEntries(
    (record.decision?.basis.sources ?? []).map(({ source, ...report }) => [source, report]),
  );

const raw =
  (text: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, headers);
    response.end(text);
  };
// S15: the loyalty platform over HTTP, orders in SQL, names and consent in a file of the CRM.
describe.each(backends().slice(0, 1))('a brand with several systems, on %s', (backend) => {
  let world: World;
  let platform: SourceServer;
  let orders: FreshDatabase;
  let alerts: Awaited<ReturnType<typeof startAlertServer>>;
  let folder: string;

  const account = (memberId: string, points: unknown = '777') => ({
    member: { id: memberId, status: 'A' },
    points: { available: points, pending: 33 },
    tier: 'G',
    next: { tier: 'R', missing: 45, progress: 1455 },
    updatedAt: world.now().toISOString(),
  });
  const healthy: Handler = (request, response, body) =>
    json(account(memberOf(request)))(request, response, body);

  const platformSource = (timeoutMs: number, required: string, top: string) => ({
    kind: 'http',
    url: `${platform.url}/members/{memberId}`,
    headers: { authorization: 'Bearer ${SOURCE_PLATFORM_KEY}' },
    identity: 'member.id',
    asOf: '/updatedAt',
    timeoutMs,
    required,
    map: {
      memberStatus: { from: 'member.status', values: { A: 'active', S: 'suspended' } },
      activePoints: { from: 'points.available', as: 'int' },
      pendingPoints: { from: 'points.pending', as: 'int' },
      qualifyingPoints: { from: 'next.progress', as: 'int' },
      currentTier: { from: 'tier', values: { G: 'gold', R: top }, as: 'current-tier' },
      nextTier: { from: 'next.tier', values: { R: top }, as: 'tier' },
      pointsToNextTier: { from: 'next.missing', as: 'int' },
      benefits: { value: [] },
    },
  });
  const writeCrm = async (consent: 'Y' | 'N', name: string) => {
    const path = join(folder, 'crm.csv');
    await writeFile(
      path,
      `customer;first;optin;since\nhanna-vogel;${name};${consent};2026-02-01T00:00:00Z\nida-novak;Ida;N;2026-02-01T00:00:00Z\n`,
    );
    const written = new Date(world.now().getTime() - 60_000 + Math.random() * 1000);
    await utimes(path, written, written);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'laurel-composition-'));
    [platform, orders, alerts] = await Promise.all([
      startSourceServer(),
      freshDatabase(),
      startAlertServer(),
    ]);
    await orders.pool.query(
      'create table public.purchases (customer text, product text, category text, at timestamptz, full_price boolean)',
    );
    world = await openWorld(backend, {
      env: {
        ALLOWED_NETWORKS: '127.0.0.0/8',
        ALERT_WEBHOOK_URL: alerts.url,
        SOURCE_PLATFORM_KEY: 'platform-key',
        SOURCE_ORDERS: orders.url,
      },
      sources: {
        juniper: {
          sources: {
            platform: platformSource(400, 'omit', 'reserve'),
            orders: {
              kind: 'sql',
              url: '${SOURCE_ORDERS}',
              query: `select customer,
                  jsonb_object_agg(product, jsonb_build_object('count', n, 'lastAt', last)) as products,
                  jsonb_object_agg(category, jsonb_build_object('count', n, 'lastAt', last)) as categories,
                  jsonb_object_agg(category, 0.5) as shares
                from (select customer, product, category, count(*) as n,
                        to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last
                        from public.purchases where customer = any($1) group by 1, 2, 3) as bought
               group by customer`,
              identity: 'customer',
              timeoutMs: 2000,
              map: {
                boughtProducts: 'products',
                boughtCategories: 'categories',
                boughtAttributes: { value: {} },
                affinities: 'shares',
              },
            },
            crm: {
              kind: 'file',
              path: join(folder, 'crm.csv'),
              identity: 'customer',
              maxAge: 86_400,
              map: {
                firstName: 'first',
                consents: {
                  object: {
                    marketing: {
                      object: {
                        granted: { from: 'optin', values: { Y: true, N: false } },
                        source: { value: 'crm' },
                        at: { from: 'since', as: 'instant' },
                      },
                    },
                  },
                },
              },
            },
          },
          precedence: { firstName: ['crm', 'ledger'] },
        },
        kestrel: { sources: { platform: platformSource(2000, 'hold', 'platinum') } },
      },
    });
    await writeCrm('Y', 'Johanna');
  });
  afterAll(async () => {
    await world.close();
    await platform.close();
    await alerts.close();
    await orders.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    platform.answer = healthy;
  });

  it('S15: one profile from all of them: balance, name, consent, what she bought, each with its source', async () => {
    await orders.pool.query(
      `insert into public.purchases values ('hanna-vogel', 'breakfast-sandwich', 'sandwiches', '2026-10-01T08:00:00Z', true)`,
    );
    const hanna = await world.send(receiptFor('juniper', 'hanna-vogel'));
    expect(hanna.record).toMatchObject({ state: 'sent' });
    expect(hanna.blocks).toMatchObject({
      status: 'shown',
      'points-banner': 'shown',
      offers: 'shown',
    });
    expect(hanna.mail?.text).toContain('777 stars');
    expect(hanna.mail?.text).toContain('Johanna');
    expect(basis(hanna)).toMatchObject({
      ledger: { state: 'ok' },
      platform: { state: 'ok', fields: expect.arrayContaining(['activePoints', 'currentTier']) },
      orders: { state: 'ok', fields: expect.arrayContaining(['boughtProducts']) },
      crm: { state: 'ok', fields: expect.arrayContaining(['firstName', 'consents']) },
    });
    expect(hanna.offers['breakfast-sandwich-half']).not.toBe('never-bought');
    expect(platform.requests.at(-1)?.headers.authorization).toBe('Bearer platform-key');
    // The platform says nothing of what it locked, and the ledger's word would be about other points.
    expect(hanna.record.decision?.basis.unknown).toContain('lockedPoints');
  });

  it('S15: a consent that was withdrawn in the CRM counts with the next mail', async () => {
    await writeCrm('N', 'Hanna');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const hanna = await world.send(receiptFor('juniper', 'hanna-vogel'));
    expect(hanna.blocks).toMatchObject({ status: 'shown', offers: 'no-marketing-consent' });
    expect(hanna.mail?.text).toContain('Hanna');
  });

  it('S22: what a shop writes into its own tables is known a moment later, without any API', async () => {
    await writeCrm('Y', 'Hanna');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await orders.pool.query(`delete from public.purchases`);
    const before = await world.send(receiptFor('juniper', 'hanna-vogel'));
    expect(basis(before)).toMatchObject({
      orders: { state: 'ok', why: 'does not know the member' },
    });
    await orders.pool.query(
      `insert into public.purchases values ('hanna-vogel', 'breakfast-sandwich', 'sandwiches', now(), true)`,
    );
    const after = await world.send(receiptFor('juniper', 'hanna-vogel'));
    expect(before.offers['breakfast-sandwich-half']).toBe('not-known-now');
    expect(after.offers['breakfast-sandwich-half']).not.toBe('not-known-now');
    expect(after.offers['breakfast-sandwich-half']).not.toBe('never-bought');
  });

  const told =
    (change: (told: ReturnType<typeof account>) => unknown): Handler =>
    (request, response, body) =>
      json(change(account(memberOf(request))))(request, response, body);

  // Promise 11: never a wrong balance, whatever the source does.
  const faults: readonly (readonly [string, string, () => Handler])[] = [
    ['never answers', 'down', () => () => {}],
    ['answers 500', 'down', () => json({ error: 'no' }, 500)],
    ['hangs up', 'down', () => (request) => request.socket.destroy()],
    [
      'breaks off in the middle',
      'down',
      () => (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' });
        response.write(JSON.stringify(account(memberOf(request))).slice(0, 60));
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      'drips a byte at a time',
      'down',
      () => (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const text = JSON.stringify(account(memberOf(request)));
        let at = 0;
        const timer = setInterval(() => response.write(text[at++] ?? ' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    ['answers with broken JSON', 'garbage', () => raw('{"points": {"available": 999')],
    [
      'answers with a web page',
      'garbage',
      () => raw('<p>999 stars</p>', { 'content-type': 'text/html' }),
    ],
    [
      'packs a bomb',
      'garbage',
      () => (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(bomb);
      },
    ],
    [
      'sends more than fits',
      'garbage',
      () => raw(JSON.stringify({ pad: randomBytes(300_000).toString('hex') })),
    ],
    [
      'redirects',
      'garbage',
      () => (_, response) => {
        response.writeHead(302, { location: `${platform.url}/members/other` });
        response.end();
      },
    ],
    ["tells another member's", 'garbage', () => json(account('hanna-vogel', 999))],
    ['does not say whose', 'garbage', () => told(({ points, tier }) => ({ points, tier }))],
    ['tells a list', 'garbage', () => told((one) => [one])],
    ['cannot be dated', 'garbage', () => told((one) => ({ ...one, updatedAt: 'yesterday' }))],
    [
      'tells what was true an hour ago',
      'stale',
      () => told((one) => ({ ...one, updatedAt: new Date(world.now().getTime() - 3_600_000) })),
    ],
    ...(
      [
        ['many', 'many'],
        ['a fraction', 999.5],
        ['a text with an exponent', '9e2'],
        ['less than nothing', -999],
        ['a list', [999]],
        ['an object', { amount: 999 }],
        ['true', true],
        ['too many', '99999999999999999999'],
      ] as const
    ).map(
      ([name, points]) =>
        [
          `tells ${name} for points`,
          'ok',
          () => told((one) => ({ ...one, points: { available: points } })),
        ] as const,
    ),
    ['tells null for points', 'ok', () => told((one) => ({ ...one, points: { available: null } }))],
    ['tells half of it', 'ok', () => told(({ member, updatedAt }) => ({ member, updatedAt }))],
  ];
  it.each(faults)('11: no balance when the platform %s', async (_, state, fault) => {
    platform.answer = fault();
    const ida = await world.send(receiptFor('juniper', 'ida-novak'));
    expect(ida.record.state).toBe('sent');
    expect(figures(ida)).toEqual([]);
    expect(ida.blocks['status']).toBe('not-known-now');
    expect(ida.blocks['points-banner']).toBe('not-known-now');
    expect(basis(ida)['platform']).toMatchObject({ state });
    expect(ida.record.decision?.basis.unknown).toContain('activePoints');
    // The decision says what was wrong with a field, and never what was in it.
    // (As a value: instants may end in .999.)
    expect(JSON.stringify(ida.record.decision)).not.toMatch(/[:[",]-?999[",.\]}]/);
    platform.answer = healthy;
    const again = await world.send(receiptFor('juniper', 'ida-novak'));
    expect(figures(again)).toContain('777');
  });

  it('S24: where its settings say so, the mail waits for the platform, which costs it no try', async () => {
    platform.answer = json({}, 503);
    const { id } = await world.app.producer.enqueue(receiptFor('kestrel', 'ana-keller'));
    const held = await world.outcomeOf(await world.settled(id, ['held']));
    expect(held.record).toMatchObject({ state: 'held', reason: 'not-known-now', tries: 0 });
    expect(held.mail).toBeUndefined();
    platform.answer = (request, response, body) =>
      json({ ...account(memberOf(request), 12_400) })(request, response, body);
    await world.app.pool.query('update messages set next_at = now() where id = $1', [id]);
    const sent = await world.outcomeOf(await world.settled(id));
    expect(sent.record).toMatchObject({ state: 'sent', tries: 0 });
    expect(figures(sent)).toContain('12,400');
  });

  it('S24: somebody is told once that the platform is down, and that it is back', async () => {
    alerts.forget();
    platform.answer = json({}, 503);
    for (let mail = 0; mail < 8; mail += 1) {
      const ida = await world.send(receiptFor('juniper', 'ida-novak'));
      expect(ida.record.state).toBe('sent');
    }
    const down = await alerts.hear('source.down', 'juniper/platform');
    expect(down.data).toEqual({ brand: 'juniper', source: 'platform' });
    platform.answer = healthy;
    await vi.waitFor(
      async () => {
        const ida = await world.send(receiptFor('juniper', 'ida-novak'));
        expect(figures(ida)).toContain('777');
      },
      { timeout: 30_000, interval: 200 },
    );
    const up = await alerts.hear('source.up', 'juniper/platform');
    expect(up.data).toMatchObject({ downAt: expect.any(String) });
    expect(alerts.told.map(({ type }) => type)).toEqual(['source.down', 'source.up']);
  }, 60_000);

  it('asks nobody in brands that have no further sources', async () => {
    expect(world.app.metrics.registry.getSingleMetric('laurel_source_answers_total')).toBeDefined();
    const { values } = await world.app.metrics.sourceAnswers.get();
    expect(new Set(values.map(({ labels }) => labels['brand']))).toEqual(
      new Set(['juniper', 'kestrel']),
    );
  });
});
