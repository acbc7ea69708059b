import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { suppressAddress } from '../src/message/rows/guards.ts';
import { killAfterAccepting } from './chaos/accepting.ts';
import { sendCampaignUnderKills } from './chaos/campaign.ts';
import { type Ground, openGround, receiptFor } from './chaos/ground.ts';
import { killSameMessage, sendUnderFaults, stopWhileWaiting } from './chaos/kills.ts';
import { listenInVain, loseQueue, startBeforeDatabase } from './chaos/outages.ts';
import { openOwnPostgres, type OwnPostgres } from './chaos/own-postgres.ts';
import { sequence } from './chaos/sequence.ts';
import { openTcpProxy, throughPort } from './chaos/tcp-proxy.ts';
import { redisUrl } from './database.ts';
import { type RemoteSink, startRemoteSink } from './smtp-sink-remote.ts';
import { type Backend, backends } from './world.ts';

/*
 * The promises of docs/reliability.md at a size for every day; `npm run chaos` is the same at full size. Services run
 * in processes of their own and are killed, on each queue where the queue makes the difference; Postgres is one of this file's own, because it is restarted.
 */
let postgres: OwnPostgres;
let sink: RemoteSink;
beforeAll(async () => {
  [postgres, sink] = await Promise.all([openOwnPostgres({ durable: false }), startRemoteSink()]);
});
afterAll(() => Promise.all([postgres.close(), sink.close()]));

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (let one = opened.pop(); one; one = opened.pop()) await one.close();
});

async function open(backend: Backend, env: Record<string, string> = {}): Promise<Ground> {
  const database = await postgres.freshDatabase();
  opened.push(database);
  const ground = await openGround({
    backend,
    database,
    redisUrl: redisUrl(),
    sink,
    env: { LEASE_SECONDS: '2', ...env },
  });
  opened.push(ground);
  return ground;
}

describe.each(backends())('on %s', { timeout: 600_000 }, (backend) => {
  it('promises 1, 2: no message is lost to kill -9, and only those in flight may arrive twice', async () => {
    const ground = await open(backend, { WORKER_CONCURRENCY: '20' });
    const report = await sendUnderFaults(ground, {
      messages: 300,
      faults: ['kill', 'kill'],
    });
    expect(report.states).toEqual({ sent: 300 });
    expect(report.unique).toBe(300);
    // More than those in flight only where a machine is so busy that a living worker's short lease runs out.
    expect(report.unknownOutcomes).toBeGreaterThanOrEqual(report.inFlight);
    expect(report.extra).toBeLessThanOrEqual(report.unknownOutcomes);
  });

  it('promise 3: a kill, a restart of Postgres, dropped answers and 451s together lose and fail nothing', async () => {
    const ground = await open(backend, { WORKER_CONCURRENCY: '20' });
    await sink.behave({ dropAnswer: 0.05, defer: 0.05 });
    const report = await sendUnderFaults(ground, {
      messages: 200,
      faults: ['kill', () => postgres.restart('kill')],
    });
    expect(report.states).toEqual({ sent: 200 });
    expect(report.unique).toBe(200);
    expect(report.dropped).toBeGreaterThan(0);
    expect(report.deferred).toBeGreaterThan(0);
    expect(report.extra).toBeLessThanOrEqual(report.unknownOutcomes);
  });

  it('promise 20: told to stop while a 250 is awaited, it waits for it and records it', async () => {
    const ground = await open(backend);
    expect(await stopWhileWaiting(ground)).toMatchObject({
      exitCode: 0,
      states: { sent: 1 },
      arrived: 1,
    });
  });
});

it('promises 4, 6: a crash never becomes "failed", however often the same message meets one', async () => {
  const ground = await open(backends().at(-1) ?? 'postgres', { MAX_TRIES: '1' });
  expect(await killSameMessage(ground, { times: 2 })).toEqual({ sent: 1 });
  expect((await sink.stats()).unique).toBe(1);
}, 600_000);

it('promise 5: a worker waits for its database, and sends when it comes', async () => {
  const ground = await open('postgres');
  const { states } = await startBeforeDatabase(ground, postgres, { aheadMs: 4_000 });
  expect(states).toEqual({ sent: 10 });
}, 600_000);

it('promise 7: messages are picked up though nobody hears of them, and stopping still works', async () => {
  const ground = await open('postgres');
  const { deaf, pickUps, exitCode } = await listenInVain(ground, { times: 2 });
  expect(deaf).toBeGreaterThan(0);
  expect(pickUps).toHaveLength(2);
  expect(exitCode).toBe(0);
}, 600_000);

it.runIf(backends().includes('redis'))(
  'promise 8: the queue is disposable: losing all of it with jobs waiting loses nothing',
  async () => {
    const ground = await open('redis', { WORKER_CONCURRENCY: '5' });
    const { waiting, states } = await loseQueue(ground, {
      messages: 200,
      lose: () => forgetKeys(ground.queuePrefix),
      keepComing: false,
    });
    expect(waiting).toBeGreaterThan(100);
    expect(states).toEqual({ sent: 200 });
    expect((await sink.stats()).unique).toBe(200);
  },
  600_000,
);

/** FLUSHALL, but for this installation's keys only: others test on the same server. */
async function forgetKeys(prefix: string): Promise<void> {
  const redis = new Redis(redisUrl() ?? '');
  const keys = await redis.keys(`{${prefix}}*`);
  expect(keys.length).toBeGreaterThan(0);
  await redis.del(keys);
  redis.disconnect();
}

it.runIf(backends().includes('redis'))(
  'promise 9: a 202 means durable, with the queue down and the API killed at once',
  async () => {
    const ground = await open('redis');
    const proxy = await openTcpProxy(Number(new URL(redisUrl() ?? '').port));
    opened.push(proxy);
    const requests = Array.from({ length: 5 }, (_, n) => receiptFor(n));
    const { replies, states } = await killAfterAccepting(ground, requests, {
      ...proxy,
      env: { REDIS_URL: throughPort(redisUrl() ?? '', proxy.port) },
    });
    expect(replies).toEqual([202, 202, 202, 202, 202]);
    expect(states).toEqual({ sent: 5 });
    expect((await sink.stats()).unique).toBe(5);
  },
  120_000,
);

it('promise 12: suppressed after it was enqueued, in any spelling, nothing is sent', async () => {
  const ground = await open('postgres');
  const spellings = [
    'ana@exämple.com',
    'ANA@EXÄMPLE.COM',
    'ana@xn--exmple-cua.com',
    'Ana@XN--EXMPLE-CUA.com',
  ];
  await ground.enqueue(spellings.length, (n) => ({ to: { email: spellings[n] ?? '' } }));
  await suppressAddress(ground.pool, 'main', {
    address: 'Ana@Exämple.com',
    reason: 'complaint',
    scope: 'all',
    source: 'test',
  });
  const service = await ground.start();
  expect(await ground.drained()).toEqual({ suppressed: spellings.length });
  expect(await service.stop()).toBe(0);
  expect((await sink.stats()).mails).toBe(0);
}, 120_000);

it('a campaign killed and paused at random points writes to each member once', async () => {
  const ground = await open('postgres', { CAMPAIGN_CONCURRENCY: '5' });
  const report = await sendCampaignUnderKills(ground, {
    members: 300,
    kills: 3,
    random: sequence(2),
  });
  expect(report.states).toEqual({ sent: 300 });
  expect(report.withOneMessage).toBe(300);
  expect(report.mailed).toBe(300);
  expect(report.extra).toBeLessThanOrEqual(report.unknownOutcomes);
  expect(report.sentWhilePaused).toBe(0);
}, 600_000);
