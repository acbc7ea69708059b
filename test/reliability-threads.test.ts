import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { type Ground, numberOf, openGround, until, untilArrived } from './chaos/ground.ts';
import { sendUnderFaults } from './chaos/kills.ts';
import { openOwnPostgres, type OwnPostgres } from './chaos/own-postgres.ts';
import { openTcpProxy, throughPort } from './chaos/tcp-proxy.ts';
import { redisUrl } from './database.ts';
import { sampleData } from './sample-mail.ts';
import { type RemoteSink, startRemoteSink } from './smtp-sink-remote.ts';
import { backends } from './world.ts';

/* The same faults for mails that are rendered in threads. */
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

const booking = sampleData('flight-booking', 'kestrel');
/** A mail in React. */
const react = (n: number): Partial<MessageRequest> => ({
  template: 'flight-booking',
  brand: 'kestrel',
  data: { ...booking, bookingReference: `K${n}` },
});

async function open(backend: 'postgres' | 'redis', env: Record<string, string>): Promise<Ground> {
  const database = await postgres.freshDatabase();
  opened.push(database);
  const ground = await openGround({
    backend,
    database,
    redisUrl: redisUrl(),
    sink,
    env: { LEASE_SECONDS: '2', WORKER_CONCURRENCY: '20', ...env },
  });
  opened.push(ground);
  return ground;
}

const inHand = (ground: Ground) =>
  numberOf(ground.pool, `select count(*) from messages where state = 'sending'`);

describe.each(backends())('React mails, on %s', { timeout: 300_000 }, (backend) => {
  it('kill -9, a restart of Postgres and of the way to Redis lose and fail nothing', async () => {
    const proxy = await openTcpProxy(Number(new URL(redisUrl() ?? 'redis://x:1').port));
    opened.push(proxy);
    const ground = await open(
      backend,
      backend === 'redis' ? { REDIS_URL: throughPort(redisUrl() ?? '', proxy.port) } : {},
    );
    await sink.behave({ dropAnswer: 0.02, defer: 0.02 });
    const report = await sendUnderFaults(ground, {
      messages: 120,
      changes: react,
      faults: [
        'kill',
        () => postgres.restart('kill'),
        async () => {
          await proxy.cut();
          await proxy.restore();
        },
      ],
    });
    expect(report.states).toEqual({ sent: 120 });
    expect(report.unique).toBe(120);
    expect(report.extra).toBeLessThanOrEqual(report.unknownOutcomes);
  });
});

it('told to stop with mails in its threads, it finishes them or hands them back: one mail each', async () => {
  const ground = await open(backends().at(-1) ?? 'postgres', { WORKER_CONCURRENCY: '10' });
  await ground.enqueue(60, react);
  // Time enough, and none at all.
  for (const seconds of ['25', '1']) {
    const service = await ground.start({ env: { SHUTDOWN_SECONDS: seconds } });
    await until(async () => (await inHand(ground)) > 0);
    expect(await service.stop()).toBe(0);
    expect(await inHand(ground)).toBe(0);
  }
  const last = await ground.start();
  expect(await ground.drained()).toEqual({ sent: 60 });
  await last.stop();
  expect(await sink.stats()).toMatchObject({ unique: 60, copies: 0 });
}, 300_000);

it('a mail server that says nothing any more keeps nobody from stopping, and nothing is lost', async () => {
  const ground = await open('postgres', { SHUTDOWN_SECONDS: '1', SMTP_POOL: '2' });
  await ground.enqueue(10, react);
  // When asked for DATA, and after the dot.
  for (const hang of ['data', 'dot'] as const) {
    const { hanging } = await sink.stats();
    await sink.behave({ hang });
    const service = await ground.start();
    await until(async () => (await sink.stats()).hanging > hanging);
    await service.stop();
  }
  await sink.behave({});
  const last = await ground.start();
  await untilArrived(sink, 10);
  expect(await ground.drained()).toEqual({ sent: 10 });
  await last.stop();
  expect(await sink.stats()).toMatchObject({ unique: 10, copies: 0 });
}, 300_000);
