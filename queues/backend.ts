import { createPostgresBackend, Queue, runMigrations, Worker, type WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

import { connectionOptions } from '../src/postgres/url.ts';
import type { SendJob } from './names.ts';

/** What carries the jobs: Redis or Valkey where a url is given, else BullMQ's Postgres backend. Same contract. */
export type QueueBackend = {
  readonly kind: 'redis' | 'postgres';
  /** For adding jobs: fails at once, rather than waiting, while the backend is away. */
  readonly openQueue: (name: string) => Queue<SendJob>;
  readonly openWorker: (
    name: string,
    process: (job: { id?: string; data: unknown }) => Promise<void>,
    options: Pick<WorkerOptions, 'concurrency'>,
  ) => Worker<SendJob>;
  /** Answers when the backend does; throws otherwise. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Jobs are hints: the message row is the truth, so nothing is kept of a finished one. */
const jobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 5,
  backoff: { type: 'fixed', delay: 1000 },
} as const;

/**
 * A stalled job is always taken up again: our own try limit decides, not BullMQ's, which ignores `attempts` for stalls.
 */
const workerOptions = {
  maxStalledCount: 1000,
  lockDuration: 15_000,
  stalledInterval: 5_000,
  runRetryDelay: 1_000,
  drainDelay: 5,
} as const;

/** Opens the backend. @param databaseUrl where the jobs live when no Redis is given (schema `bullmq`, made on first use). */
export async function openQueueBackend({
  redisUrl,
  databaseUrl,
}: {
  readonly redisUrl?: string | undefined;
  readonly databaseUrl: string;
}): Promise<QueueBackend> {
  return redisUrl === undefined ? openOnPostgres(databaseUrl) : openOnRedis(redisUrl);
}

function openOnRedis(url: string): QueueBackend {
  const connections: Redis[] = [];
  const connect = (options: { maxRetriesPerRequest: number | null; enableOfflineQueue: boolean }) => {
    const redis = new Redis(url, { ...options, retryStrategy: (times) => Math.min(times * 100, 2_000) });
    redis.on('error', () => {}); // BullMQ's own objects report it, to whoever opened them
    connections.push(redis);
    return redis;
  };
  return {
    kind: 'redis',
    openQueue: (name) =>
      new Queue(name, {
        connection: connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false }),
        skipWaitingForReady: true,
        defaultJobOptions: jobOptions,
        prefix: '{laurel}',
      }),
    openWorker: (name, process, options) =>
      new Worker(name, process, {
        ...workerOptions,
        ...options,
        connection: connect({ maxRetriesPerRequest: null, enableOfflineQueue: true }),
        prefix: '{laurel}',
      }),
    check: async () => {
      const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 3_000 });
      redis.on('error', () => {});
      try {
        await redis.connect();
        await redis.ping();
      } finally {
        redis.disconnect();
      }
    },
    close: async () => {
      for (const redis of connections) redis.disconnect();
    },
  };
}

async function openOnPostgres(url: string): Promise<QueueBackend> {
  const pool = new pg.Pool({
    ...connectionOptions(url, '-c search_path=bullmq'),
    max: 10,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    fallback_application_name: 'laurel-queue',
  });
  pool.on('error', () => {}); // the pool replaces the connection; BullMQ reports what it couldn't do
  pool.on('connect', (client) => client.on('error', () => {}));
  const client = await pool.connect();
  try {
    await runMigrations(client, 'bullmq');
  } catch (error) {
    await pool.end();
    throw error;
  } finally {
    client.release();
  }
  return {
    kind: 'postgres',
    openQueue: (name) => new Queue(name, { connection: pool, defaultJobOptions: jobOptions }, createPostgresBackend),
    openWorker: (name, process, options) =>
      new Worker(name, process, { ...workerOptions, ...options, connection: pool }, createPostgresBackend),
    check: async () => void (await pool.query('select 1')),
    close: () => pool.end(),
  };
}
