import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { type Got, startHookServer } from '../../test/hook-server.ts';
import { suppressAddress, unsuppressAddress } from '../message/rows/guards.ts';
import { transaction } from '../postgres/pool.ts';
import { addressGuard } from '../profile/sources/address-guard.ts';
import { outcomeOf, startDelivering } from './deliver.ts';
import { claimDeliveries, listDeliveries, recordPosted, resendDead } from './deliveries.ts';
import { readEndpoints, saveEndpoints } from './endpoints.ts';
import { typesOf, webhookTypes } from './event-types.ts';
import { openPost } from './post.ts';

const secret = `whsec_${Buffer.alloc(32, 'laurel').toString('base64')}`;
const networks = ['127.0.0.0/8'];
const log = pino({ level: 'silent' });
let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('delete from laurel.webhook_deliveries');
  await saveEndpoints(database.pool, []);
});

const endpointsOf = (url: string, events: string[], name = 'crm') =>
  readEndpoints({ [name]: { url, secrets: [secret], events } }, 'main', networks);
const suppress = (address: string, db: Parameters<typeof suppressAddress>[0] = database.pool) =>
  suppressAddress(db, 'main', { address, reason: 'manual', scope: 'all', source: 'test' });
const hasten = () =>
  database.pool.query(
    `update laurel.webhook_deliveries set next_at = now() where state = 'waiting'`,
  );
const idOf = ({ headers }: Got) => String(headers['webhook-id']);
const triggers = async () => {
  const { rows } = await database.pool.query<{ name: string; on: boolean }>(
    `select tgname as name, tgenabled <> 'D' as on from pg_trigger where tgname like 'webhooks\\_%' order by 1`,
  );
  return rows;
};

const answered = (code: number, retryAfter: number | null = null) =>
  ({ kind: 'answered', status: code, retryAfter }) as const;
const writtenAs = (url: string, more: object = {}) => ({
  crm: { url, secrets: [secret], events: ['message.sent'], ...more },
});
const problem = (given: unknown, allowed: readonly string[] = []) => {
  try {
    readEndpoints(given, 'main', allowed);
    return 'none';
  } catch (error) {
    return String(error instanceof Error && error.message);
  }
};

describe('what is written with a fact', () => {
  it('nothing where nobody listens: no trigger runs', async () => {
    expect((await triggers()).length).toBeGreaterThan(10);
    expect((await triggers()).filter(({ on }) => on)).toEqual([]);
    await suppress('nobody@example.com');
    expect(await listDeliveries(database.pool, 'main', { limit: 10 })).toEqual([]);
  });

  it('are switched among writers, also where these and the switching wait for each other', async () => {
    const { pool } = database;
    const { rows } = await pool.query<{ name: string }>(
      `select distinct tgrelid::regclass::text as name from pg_trigger where tgname like 'webhooks\\_%' order by 1`,
    );
    const tables = rows.map(({ name }) => name);
    expect(tables.length).toBeGreaterThan(4);
    const endpoints = endpointsOf('http://127.0.0.1:1', [...webhookTypes]);
    const deadlocks = async () => {
      const { rows: counted } = await pool.query<{ n: number }>(
        `select deadlocks::int as n from pg_stat_database where datname = current_database()`,
      );
      return counted[0]?.n ?? 0;
    };
    const before = await deadlocks();
    for (const held of tables) {
      let switching = Promise.resolve();
      const writing = transaction(pool, async (db) => {
        await db.query(`lock table ${held} in row exclusive mode`);
        switching = saveEndpoints(pool, endpoints);
        await expect
          .poll(
            async () =>
              (
                await pool.query(
                  `select from pg_locks l join pg_database d on d.oid = l.database where datname = current_database() and not granted`,
                )
              ).rowCount,
            { interval: 10 },
          )
          .toBeGreaterThan(0);
        await db.query(`lock table ${tables.join(', ')} in row exclusive mode`);
      });
      // Postgres ends one of the two; a writer tries again by itself.
      const [ending] = await Promise.allSettled([writing]);
      expect(ending.status === 'fulfilled' || ending.reason).toSatisfy(
        (end) => end === true || (end instanceof Error && 'code' in end && end.code === '40P01'),
      );
      await switching;
      expect((await triggers()).every(({ on }) => on)).toBe(true);
      await saveEndpoints(pool, []);
    }
    // Else this has tried nothing.
    await expect.poll(deadlocks, { timeout: 10_000 }).toBeGreaterThan(before);
  }, 60_000);

  it('only what an endpoint asked for, and only those triggers run', async () => {
    await saveEndpoints(database.pool, endpointsOf('http://127.0.0.1:1', ['message.accepted']));
    expect((await triggers()).flatMap(({ name, on }) => (on ? [name] : []))).toEqual([
      'webhooks_message_accepted',
    ]);
    await saveEndpoints(database.pool, endpointsOf('http://127.0.0.1:1', ['suppression.removed']));
    await suppress('some@example.com');
    await unsuppressAddress(database.pool, 'main', 'some@example.com');
    const written = await listDeliveries(database.pool, 'main', { limit: 10 });
    expect(written.map(({ type }) => type)).toEqual(['suppression.removed']);
    // Another tenant's facts are nobody's business.
    await suppressAddress(database.pool, 'other', {
      address: 'x@example.com',
      reason: 'manual',
      scope: 'all',
      source: 'test',
    });
    await unsuppressAddress(database.pool, 'other', 'x@example.com');
    expect(await listDeliveries(database.pool, 'main', { limit: 10 })).toHaveLength(1);
  });

  it('in the fact’s own transaction: neither without the other', async () => {
    await saveEndpoints(database.pool, endpointsOf('http://127.0.0.1:1', ['suppression.*']));
    await expect(
      transaction(database.pool, async (db) => {
        await suppress('gone@example.com', db);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await listDeliveries(database.pool, 'main', { limit: 10 })).toEqual([]);
  });

  it('every type there is can be asked for, by name or by kind', () => {
    expect(typesOf(webhookTypes)).toEqual(webhookTypes);
    expect(
      typesOf(['message.*', 'message.sent']).every((type) => type.startsWith('message.')),
    ).toBe(true);
    const kinds = ['message', 'campaign', 'trigger', 'suppression', 'consent', 'pause'];
    expect(typesOf(kinds.map((kind) => `${kind}.*`))).toEqual(webhookTypes);
  });
});

const waiting = async () =>
  (await listDeliveries(database.pool, 'main', { state: 'waiting', limit: 50 })).length;

describe('delivering', () => {
  it('of one subject one after the other, whatever fails: none lost, none overtaken, each once taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(204, 500, 429, 302), { minLength: 5, maxLength: 25 }),
        async (answers) => {
          await database.pool.query('delete from laurel.webhook_deliveries');
          let asked = 0;
          const server = await startHookServer(() => answers[asked++] ?? 200);
          const endpoints = endpointsOf(server.url, ['suppression.*']);
          await saveEndpoints(database.pool, endpoints);
          const subjects = ['a', 'b', 'c'].map((name) => `${name}-${randomUUID()}@example.com`);
          for (const address of [...subjects, ...subjects]) {
            await suppress(address);
            await unsuppressAddress(database.pool, 'main', address);
          }
          const stop = startDelivering({
            pool: database.pool,
            log,
            endpoints,
            networks,
            longestRestMs: 50,
          });
          const timer = setInterval(() => void hasten(), 100);
          const taken = () => server.got.filter(({ status }) => status === 200 || status === 204);
          await server.until(() => taken().length >= 12, 'everything');
          // An answer that is cut off before it was read would be none.
          while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
          clearInterval(timer);
          await stop();
          await server.close();
          const rows = (await listDeliveries(database.pool, 'main', { limit: 50 })).toReversed();
          expect(rows.map(({ state }) => state)).toEqual(Array(12).fill('delivered'));
          expect(taken().map(idOf).toSorted()).toEqual(
            rows.map(({ webhookId }) => webhookId).toSorted(),
          );
          for (const subject of new Set(rows.map((one) => one.subject))) {
            const own = rows.filter((one) => one.subject === subject).map((one) => one.webhookId);
            expect(own).toHaveLength(4);
            const order = server.got.map(idOf).filter((id) => own.includes(id));
            // Repeats aside, in the order in which it happened.
            expect(order.filter((id, place) => order.indexOf(id) === place)).toEqual(own);
            expect(order.toSorted((a, b) => own.indexOf(a) - own.indexOf(b))).toEqual(order);
          }
        },
      ),
      { numRuns: 4 },
    );
  }, 120_000);

  it('tries for about three days, gives up, lists it, and sends it again under the same id', async () => {
    let status = 410;
    const server = await startHookServer(() => status);
    const endpoints = endpointsOf(server.url, ['suppression.added']);
    await saveEndpoints(database.pool, endpoints);
    await suppress('dead@example.com');
    const stop = startDelivering({ pool: database.pool, log, endpoints, networks });
    await server.until(() => server.got.length > 0);
    const dead = async () => listDeliveries(database.pool, 'main', { state: 'dead', limit: 10 });
    while ((await dead()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const [given] = await dead();
    expect(given).toMatchObject({ problem: 'answered 410', tries: 1 });
    status = 200;
    expect(await resendDead(database.pool, 'main', ['evt_of-nobody'])).toBe(0);
    expect(await resendDead(database.pool, 'other', 'all')).toBe(0);
    expect(await resendDead(database.pool, 'main', [given!.webhookId])).toBe(1);
    await server.until((got) => got.some((sent) => sent.status === 200));
    await stop();
    await server.close();
    expect(server.got.map(idOf)).toEqual([given!.webhookId, given!.webhookId]);

    const seconds = (tries: number, random: number) => {
      const outcome = outcomeOf(answered(500), tries, () => random);
      return outcome.kind === 'later' ? outcome.seconds : null;
    };
    const all = Array.from({ length: 14 }, (_, index) => seconds(index + 1, 0.5) ?? 0);
    expect(all.reduce((sum, one) => sum + one, 0) / 86_400).toBeGreaterThan(2.5);
    expect(seconds(15, 0.5)).toBeNull();
    expect(seconds(3, 0)).not.toBe(seconds(3, 0.9));
    expect(outcomeOf(answered(429, 7_200), 1, () => 0)).toMatchObject({ seconds: 7_200 });
    for (const code of [200, 201, 204, 299])
      expect(outcomeOf(answered(code), 1, () => 0).kind).toBe('delivered');
    for (const code of [301, 302, 400, 404, 500])
      expect(outcomeOf(answered(code), 1, () => 0).kind).toBe('later');
  });

  it('posts again under the same id what a worker had posted and not written down', async () => {
    await saveEndpoints(database.pool, endpointsOf('http://127.0.0.1:1', ['suppression.added']));
    await suppress('twice@example.com');
    const claim = () =>
      claimDeliveries(
        database.pool,
        { tenant: 'main', name: 'crm' },
        { limit: 9, leaseSeconds: 45 },
      );
    const [first] = await claim();
    // Whoever has it is still at it.
    expect(await claim()).toEqual([]);
    await database.pool.query(
      `update laurel.webhook_deliveries set claimed_until = now() - interval '1 second'`,
    );
    const [again] = await claim();
    expect(again?.webhookId).toBe(first?.webhookId);
    await recordPosted(database.pool, [{ id: again!.id, outcome: { kind: 'delivered' } }]);
    await recordPosted(database.pool, [
      { id: first!.id, outcome: { kind: 'later', seconds: 1, problem: 'late' } },
    ]);
    const [row] = await listDeliveries(database.pool, 'main', { limit: 1 });
    expect(row?.state).toBe('delivered');
  });
});

it('a worker killed between the receiver’s getting it and writing that down: the same webhook-id again, none lost', async () => {
  const workers: ChildProcess[] = [];
  const deaths = 2;
  const killed = new Set<ChildProcess>();
  const server = await startHookServer(() => {
    const worker = workers.at(-1);
    if (worker && killed.size < deaths && !killed.has(worker)) {
      killed.add(worker);
      // Before it hears the answer.
      worker.kill('SIGKILL');
    }
    return 204;
  });
  const written = { crm: { url: server.url, secrets: [secret], events: ['suppression.added'] } };
  await saveEndpoints(database.pool, readEndpoints(written, 'main', networks));
  const addresses = Array.from({ length: 20 }, () => `${randomUUID()}@example.com`);
  for (const address of addresses) await suppress(address);
  const work = async () => {
    const args = ['test/hook-worker-process.ts', database.url, JSON.stringify(written)];
    const worker = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: 'inherit' });
    workers.push(worker);
    return once(worker, 'exit');
  };
  while (killed.size < deaths) {
    await work();
    // As if the leases of the dead had run out.
    await database.pool.query('update laurel.webhook_deliveries set claimed_until = null');
  }
  const ended = work();
  const rows = () => listDeliveries(database.pool, 'main', { limit: 50 });
  await server.until(() => new Set(server.got.map(idOf)).size === 20, 'everything');
  while ((await rows()).some(({ state }) => state !== 'delivered'))
    await new Promise((resolve) => setTimeout(resolve, 50));
  workers.at(-1)?.kill('SIGKILL');
  await ended;
  await server.close();
  expect(new Set(server.got.map(idOf))).toEqual(
    new Set((await rows()).map((one) => one.webhookId)),
  );
  // What the dead had in hand came again.
  expect(server.got.length).toBeGreaterThan(20);
}, 180_000);

describe('where it may lead', () => {
  it.each([
    'http://crm.example/hooks',
    'ftp://crm.example/hooks',
    'not an address',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest',
    'https://user:password@crm.example/',
  ])('not to %s', (url) => {
    expect(problem(writtenAs(url))).toContain('endpoints.crm.url');
    expect(problem(writtenAs(url))).not.toContain('password');
  });

  it('names what else is wrong, and repeats no secret', () => {
    expect(problem(writtenAs('https://crm.example/hooks'))).toBe('none');
    expect(problem(writtenAs('http://127.0.0.1:9/'), networks)).toBe('none');
    expect(
      problem(writtenAs('https://crm.example', { secrets: ['hunter2-is-my-secret'] })),
    ).toMatch(/secrets/);
    expect(
      problem(writtenAs('https://crm.example', { secrets: ['hunter2-is-my-secret'] })),
    ).not.toMatch(/hunter2/);
    expect(problem(writtenAs('https://crm.example', { events: ['message.snet'] }))).toMatch(
      /events/,
    );
    expect(problem(writtenAs('https://crm.example', { evnts: [] }))).toMatch(/evnts/);
  });

  it('not to a name that resolves to a private address; no redirect is followed; an endless answer ends', async () => {
    const hook = { id: 'evt_1', body: '{}', now: new Date() };
    const stop = new AbortController().signal;
    let endless = 0;
    const server = await startHookServer(({ path }, response) => {
      if (path !== '/endless') return 302;
      response.writeHead(200);
      const timer = setInterval(() => (endless += Number(response.write('x'.repeat(65_536)))), 1);
      response.on('close', () => clearInterval(timer));
      return undefined;
    });
    const strict = openPost(addressGuard([]));
    const port = new URL(server.url).port;
    expect(
      await strict.post(
        { url: new URL(`https://localhost:${port}/`), secrets: [secret] },
        hook,
        stop,
      ),
    ).toEqual({ kind: 'failed', problem: 'localhost is not a public address' });
    expect(server.got).toEqual([]);
    const open = openPost(addressGuard(networks));
    const post = (path: string) =>
      open.post({ url: new URL(path, server.url), secrets: [secret] }, hook, stop);
    expect(await post('/')).toMatchObject({ status: 302 });
    expect(await post('/endless')).toMatchObject({ status: 200 });
    strict.close();
    open.close();
    await server.close();
    expect(endless).toBeLessThan(1_000);
  });
});
