import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { loadFixtures } from '../../fixtures/load.ts';
import { openProducer, type MessageRequest } from '../../queues/producer.ts';
import type { Db } from '../../src/postgres/pool.ts';
import type { Backend } from '../world.ts';

/** What services are started on: a database, perhaps a Redis, a folder. */
export type Ground = {
  readonly env: Readonly<Record<string, string>>;
  readonly pool: pg.Pool;
  /** Hands in receipts for guests with addresses of their own: `guest-<n>@example.com`. */
  readonly enqueue: (
    count: number,
    changes?: (n: number) => Partial<MessageRequest>,
  ) => Promise<string[]>;
  /** Waits until no message is waiting or being sent any more, and counts them by state. */
  readonly drained: (timeoutMs?: number) => Promise<Record<string, number>>;
  readonly close: () => Promise<void>;
};

export async function openGround({
  backend,
  database,
  redisUrl,
  smtpUrl,
  env = {},
}: {
  readonly backend: Backend;
  readonly database: { readonly url: string; readonly pool: pg.Pool };
  readonly redisUrl: string | null;
  readonly smtpUrl: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-chaos-'));
  await loadFixtures(database.pool, 'main');
  const producer = openProducer({ pool: database.pool, brands: ['juniper', 'kestrel'] });
  return {
    pool: database.pool,
    env: {
      DATABASE_URL: database.url,
      SMTP_URL: `${smtpUrl}?tls=off`,
      LAUREL_DIR: folder,
      LAUREL_SECRET: randomBytes(32).toString('hex'),
      PORT: '0',
      LEASE_SECONDS: '3',
      QUEUE_PREFIX: `chaos-${randomUUID()}`,
      ...(backend === 'redis' && redisUrl !== null && { REDIS_URL: redisUrl }),
      ...env,
    },
    enqueue: async (count, changes) => {
      const requests = Array.from({ length: count }, (_, n) => ({
        ...receiptFor(n),
        ...changes?.(n),
      }));
      const ids: string[] = [];
      for (let at = 0; at < requests.length; at += 500) {
        const accepted = await producer.enqueueMany(requests.slice(at, at + 500));
        ids.push(...accepted.map(({ id }) => id));
      }
      return ids;
    },
    drained: (timeoutMs = 120_000) => drained(database.pool, timeoutMs),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function drained(db: Db, timeoutMs: number): Promise<Record<string, number>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { rows } = await db.query<{ state: string; count: number }>(
      'select state, count(*)::int as count from messages group by state',
    );
    const counts = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    const open = (counts['queued'] ?? 0) + (counts['held'] ?? 0) + (counts['sending'] ?? 0);
    if (open === 0) return counts;
    if (performance.now() > until) throw new Error(`not drained: ${JSON.stringify(counts)}`);
    await sleep(100);
  }
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

/** Copies by Message-ID: how many messages arrived, and how many copies too many. */
export function countCopies(messageIds: readonly string[]): { unique: number; extra: number } {
  const unique = new Set(messageIds).size;
  return { unique, extra: messageIds.length - unique };
}
