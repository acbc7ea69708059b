import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';

import { suppressAddress } from '../src/stores/guards.ts';
import { type Ground, openGround, receiptFor } from './chaos/ground.ts';
import {
  killApiAfterAccepting,
  killSameMessage,
  killWorkers,
  stopWhileWaiting,
  withWorker,
} from './chaos/scenarios.ts';
import { freshDatabase, redisUrl } from './database.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';
import { type Backend, backends } from './world.ts';

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (let one = opened.pop(); one; one = opened.pop()) await one.close();
});

async function open(backend: Backend, env = {}): Promise<{ ground: Ground; sink: SmtpSink }> {
  const database = await freshDatabase();
  opened.push(database);
  const sink = await startSmtpSink();
  opened.push(sink);
  const ground = await openGround({
    backend,
    database,
    redisUrl: redisUrl(),
    smtpUrl: sink.url,
    env,
  });
  opened.push(ground);
  return { ground, sink };
}

describe.each(backends())('on %s', (backend) => {
  it('promises 1, 2, 6: no message is lost to kill -9, and only those in flight may arrive twice', async () => {
    const { ground, sink } = await open(backend, { WORKER_CONCURRENCY: '20' });
    const report = await killWorkers(ground, sink, { messages: 300, kills: 3 });
    expect(report.states).toEqual({ sent: 300 });
    expect(report.unique).toBe(300);
    expect(report.extra).toBeLessThanOrEqual(report.inFlight);
    expect(report.unknownOutcomes).toBe(report.inFlight);
  }, 120_000);

  it('promise 4: a crash never becomes "failed"', async () => {
    const { ground, sink } = await open(backend, { LEASE_SECONDS: '2', MAX_TRIES: '2' });
    expect(await killSameMessage(ground, sink, { times: 3 })).toEqual({ sent: 1 });
    expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(1);
  }, 120_000);

  it('promise 20: told to stop while a 250 is awaited, it waits for it and records it', async () => {
    const { ground, sink } = await open(backend);
    expect(await stopWhileWaiting(ground, sink)).toEqual({
      exitCode: 0,
      states: { sent: 1 },
      arrived: 1,
    });
  }, 60_000);

  it('promise 3, in part: dropped answers and 451s together with a kill lose and fail nothing', async () => {
    const { ground, sink } = await open(backend, { WORKER_CONCURRENCY: '20' });
    sink.behave(({ total, nth }) => {
      if (nth === 1 && total % 20 === 0) return { refuse: 'end', code: 451 };
      return nth === 1 && total % 50 === 7 ? { drop: 'after-dot' } : undefined;
    });
    const report = await killWorkers(ground, sink, { messages: 150, kills: 1 });
    expect(report.states).toEqual({ sent: 150 });
    expect(report.unique).toBe(150);
  }, 120_000);
});

it.runIf(backends().includes('redis'))(
  'promise 8: the queue is disposable: FLUSHALL with jobs waiting loses nothing',
  async () => {
    const { ground, sink } = await open('redis', { WORKER_CONCURRENCY: '1' });
    sink.behave(({ total }) => (total < 40 ? { delay: 50 } : undefined));
    await ground.enqueue(200);
    const states = await withWorker(ground, async () => {
      await sink.received(10);
      const redis = new Redis(redisUrl() ?? '');
      // Only this installation's keys: others test on the same server.
      const keys = await redis.keys(`{${ground.env['QUEUE_PREFIX']}}*`);
      expect(keys.length).toBeGreaterThan(0);
      await redis.del(keys);
      redis.disconnect();
      return ground.drained();
    });
    expect(states).toEqual({ sent: 200 });
    expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(200);
  },
  120_000,
);

it('promise 9: a 202 means durable, with the queue down and the API killed at once', async () => {
  const { ground, sink } = await open('postgres');
  const requests = Array.from({ length: 5 }, (_, n) => receiptFor(n));
  const { replies, states } = await killApiAfterAccepting(ground, requests, {
    REDIS_URL: 'redis://127.0.0.1:1',
  });
  expect(replies).toEqual([202, 202, 202, 202, 202]);
  expect(states).toEqual({ sent: 5 });
  expect(sink.mails).toHaveLength(5);
}, 60_000);

it('promise 12: suppressed after it was enqueued, in any spelling, nothing is sent', async () => {
  const { ground, sink } = await open('postgres');
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
  const states = await withWorker(ground, () => ground.drained());
  expect(states).toEqual({ suppressed: spellings.length });
  expect(sink.mails).toEqual([]);
}, 60_000);
