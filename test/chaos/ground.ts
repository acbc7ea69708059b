import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { openProducer, type MessageRequest } from '../../queues/producer.ts';
import { isConnectionFault } from '../../src/postgres/pool.ts';
import { templates } from '../../templates/index.ts';
import type { RemoteSink } from '../smtp-sink-remote.ts';
import type { Backend } from '../world.ts';
import { type Service, startService } from './process.ts';

/** What services are started on: a database, perhaps a Redis, a mail server, a folder. */
export type Ground = {
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  readonly sink: RemoteSink;
  /** Before every key in Redis. */
  readonly queuePrefix: string;
  /** Starts a service: a worker, unless told otherwise. */
  readonly start: (options?: {
    readonly roles?: 'worker' | 'api' | 'api,worker';
    readonly env?: Readonly<Record<string, string>>;
    /** False doesn't wait until it runs. */
    readonly ready?: boolean;
  }) => Promise<Service>;
  /** Hands in receipts for guests with addresses of their own: `guest-<n>@example.com`. */
  readonly enqueue: (
    count: number,
    changes?: (n: number) => Partial<MessageRequest>,
  ) => Promise<string[]>;
  /** Waits until no message is waiting or being sent any more, and counts them by state. */
  readonly drained: (timeoutMs?: number) => Promise<States>;
  /** Kills what still runs. */
  readonly close: () => Promise<void>;
};

/** How many messages are in which state. */
export type States = Readonly<Record<string, number>>;

export async function openGround({
  backend,
  database,
  redisUrl,
  sink,
  env: changes = {},
}: {
  readonly backend: Backend;
  /** With schema and fixtures. */
  readonly database: { readonly url: string; readonly pool: pg.Pool };
  readonly redisUrl: string | null;
  readonly sink: RemoteSink;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-chaos-'));
  const { pool } = database;
  const producer = openProducer({ pool, templates, brands: ['juniper', 'kestrel'] });
  const queuePrefix = `chaos-${randomUUID()}`;
  await sink.behave({});
  await sink.reset();
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    SMTP_URL: `${sink.url}?tls=off`,
    LAUREL_DIR: folder,
    LAUREL_SECRET: randomBytes(32).toString('hex'),
    PORT: '0',
    QUEUE_PREFIX: queuePrefix,
    ...(backend === 'redis' && redisUrl !== null && { REDIS_URL: redisUrl }),
    ...changes,
  };
  const services: Service[] = [];
  return {
    pool,
    databaseUrl: database.url,
    sink,
    queuePrefix,
    start: async ({ roles = 'worker', env: more = {}, ready = true } = {}) => {
      const service = await startService({ ...env, ROLES: roles, ...more }, { ready });
      services.push(service);
      return service;
    },
    enqueue: async (count, change) => {
      const requests = Array.from({ length: count }, (_, n) => ({
        ...receiptFor(n),
        ...change?.(n),
      }));
      const ids: string[] = [];
      for (let at = 0; at < requests.length; at += 500) {
        const accepted = await producer.enqueueMany(requests.slice(at, at + 500));
        ids.push(...accepted.map(({ id }) => id));
      }
      return ids;
    },
    drained: (timeoutMs = 120_000) => drained(pool, timeoutMs),
    close: async () => {
      await Promise.all(services.map((service) => service.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function drained(pool: pg.Pool, timeoutMs: number): Promise<States> {
  const patience = performance.now() + timeoutMs;
  for (;;) {
    const counts = await countStates(pool);
    const open = (counts['queued'] ?? 0) + (counts['held'] ?? 0) + (counts['sending'] ?? 0);
    if (open === 0) return counts;
    if (performance.now() > patience) throw new Error(`not drained: ${JSON.stringify(counts)}`);
    await sleep(100);
  }
}

async function countStates(pool: pg.Pool): Promise<States> {
  const rows = await rowsOf<{ state: string; count: number }>(
    pool,
    'select state, count(*)::int as count from messages group by state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Asks until Postgres answers: it may be on its way back. */
export async function rowsOf<Row extends object>(
  pool: pg.Pool,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  for (;;) {
    try {
      return (await pool.query<Row>(sql, values)).rows;
    } catch (error) {
      if (!isConnectionFault(error)) throw error;
      await sleep(100);
    }
  }
}

/** The one number a statement answers with. */
export async function numberOf(pool: pg.Pool, sql: string, values?: unknown[]): Promise<number> {
  const [row] = await rowsOf<Record<string, unknown>>(pool, sql, values);
  return Number(Object.values(row ?? {})[0]);
}

/** A small order of a guest. */
export const receiptFor = (n: number): MessageRequest => ({
  template: 'order-confirmation',
  brand: 'juniper',
  to: { email: `guest-${n}@example.com` },
  data: {
    orderId: `C${n}`,
    orderedAt: '2026-11-20T12:00:00Z',
    currency: 'EUR',
    items: [{ productId: 'flat-white', name: 'Flat white', quantity: 1, unitPrice: 390 }],
    totals: { subtotal: 390, total: 390 },
    fulfilment: { kind: 'pickup' },
  },
});

/** Waits until so many mails, copies included, have arrived. */
export async function untilArrived(sink: RemoteSink, count: number): Promise<void> {
  await until(async () => (await sink.stats()).mails >= count);
}

/** Waits until something is so. @throws Error when it isn't within five minutes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const patience = performance.now() + 300_000;
  while (!(await isSo())) {
    if (performance.now() > patience) throw new Error('waited five minutes in vain');
    await sleep(10);
  }
}

/** Seconds since a `performance.now()`, to a hundredth. */
export const secondsSince = (start: number): number =>
  Math.round((performance.now() - start) / 10) / 100;
