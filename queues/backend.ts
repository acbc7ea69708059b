import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createPostgresBackend,
  isPgPool,
  type JobType,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  runMigrations,
  Worker,
} from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { Pool } from 'pg';

import { connectionOptions } from '../src/postgres/url.ts';
import { heartbeat, jobsFor, type SendJob } from './names.ts';
import { openRedis } from './redis.ts';

/** What carries the jobs: Redis or Valkey where a url is given, else BullMQ's Postgres backend. Same contract. */
export type QueueBackend = {
  readonly kind: 'redis' | 'postgres';
  /** For adding jobs: fails at once, rather than waiting, while the backend is away. */
  readonly openQueue: (name: string) => JobQueue;
  /** The same as BullMQ has it, once connecting has worked or failed: for looking at its jobs. */
  readonly openBullQueue: (name: string) => Promise<Queue>;
  readonly openWorker: (name: string, work: Work, options: WorkOptions) => JobWorker;
  readonly close: () => Promise<void>;
};

/** A queue as the relay needs it. */
export type JobQueue = {
  readonly add: (messageIds: readonly string[]) => Promise<void>;
  /** Adds a job that does nothing, and returns its id: when it is gone, somebody works the queue off. */
  readonly beat: () => Promise<string>;
  readonly isGone: (beatId: string) => Promise<boolean>;
  /** Jobs no worker has begun. */
  readonly waiting: () => Promise<number>;
  /** Milliseconds since the oldest job was added that isn't done: none that was added before it is to be expected any more. 0 where all are. */
  readonly lagMs: () => Promise<number>;
  /** Jobs in all. */
  readonly unfinished: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Does one job; what it throws may heal and is tried again. */
type Work = (job: { readonly name: string; readonly data: unknown }) => Promise<void>;
type WorkOptions = { readonly concurrency: number; readonly onError: (error: Error) => void };
/** Closing stops taking jobs and waits for those in hand. */
export type JobWorker = { readonly close: () => Promise<void> };

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
  runRetryDelay: 1_000,
  drainDelay: 5,
} as const;

/** A job is taken from a worker that died as soon as its message is: with other times, one would wait for the other. */
const lockOptions = (leaseSeconds: number) => ({
  lockDuration: leaseSeconds * 1000,
  stalledInterval: Math.ceil((leaseSeconds * 1000) / 3),
});

/** How long the queue on Postgres may take to answer: its statements are all short. */
const answerMs = 10_000;
/** More than any queue is behind. */
const longMs = 86_400_000;
/** How long closing waits for Postgres to let go. */
const goodbyeMs = 2_000;

/** Opens the backend. @param databaseUrl where the jobs live when no Redis is given (schema `bullmq`, made on first use). */
export async function openQueueBackend({
  redisUrl,
  databaseUrl,
  prefix,
  leaseSeconds = 15,
}: {
  readonly redisUrl?: string | undefined;
  readonly databaseUrl: string;
  /** Before every key in Redis. */
  readonly prefix: string;
  /** How long a job waits for a worker that died. */
  readonly leaseSeconds?: number;
}): Promise<QueueBackend> {
  const options = { ...workerOptions, ...lockOptions(leaseSeconds) };
  return redisUrl === undefined
    ? openOnPostgres(databaseUrl, options)
    : openOnRedis(redisUrl, prefix, options);
}

type RunOptions = typeof workerOptions & ReturnType<typeof lockOptions>;

function openOnRedis(url: string, name: string, options: RunOptions): QueueBackend {
  // The braces keep all keys in one slot of a Cluster.
  const prefix = `{${name}}`;
  const connections: (Redis | Cluster)[] = [];
  const connect = (patience: {
    maxRetriesPerRequest: number | null;
    enableOfflineQueue: boolean;
  }) => {
    const redis = openRedis(url, {
      ...patience,
      retryStrategy: (times) => Math.min(times * 100, 2_000),
    });
    redis.on('error', () => {}); // BullMQ's own objects report it, to whoever opened them
    connections.push(redis);
    return redis;
  };
  const open = (queueName: string) => {
    const redis = connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false });
    const queue = new Queue<SendJob>(queueName, {
      connection: redis,
      // Both, or a queue opened while Redis is away (or not yet connected) would fail for good.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      defaultJobOptions: jobOptions,
      prefix,
    });
    return { queue, opened: firstAnswer(redis) };
  };
  return {
    kind: 'redis',
    openQueue: (queueName) => {
      const { queue, opened } = open(queueName);
      return asJobQueue(queue, opened);
    },
    openBullQueue: async (queueName) => {
      const { queue, opened } = open(queueName);
      await opened;
      return asBullQueue(queue);
    },
    openWorker: (queueName, work, { concurrency, onError }) =>
      asJobWorker(
        new Worker<SendJob, void>(queueName, work, {
          ...options,
          concurrency,
          connection: connect({ maxRetriesPerRequest: null, enableOfflineQueue: true }),
          prefix,
        }),
        onError,
      ),
    close: async () => {
      for (const redis of connections) redis.disconnect();
    },
  };
}

async function openOnPostgres(url: string, options: RunOptions): Promise<QueueBackend> {
  const pool = new Pool({
    ...connectionOptions(url, '-c search_path=bullmq'),
    max: 10,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    // A connection that went deaf would keep whoever asks on it for as long as the system believes in it: a quarter of an hour.
    query_timeout: answerMs,
    fallback_application_name: 'laurel-queue',
  });
  // The pool replaces a connection that broke while nobody used it. Each of BullMQ's objects would tell of each of these as an
  // error of its own, long after it was closed; what it really couldn't do, it says as another error.
  const idle = new WeakSet<Error>();
  let ending = false;
  pool.on('error', (error) => idle.add(error));
  const matters = (error: Error) => !ending && !idle.has(error);
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    const client = await pool.connect();
    await runMigrations(client, 'bullmq').finally(() => client.release());
  } catch (error) {
    // Only now: ending waits for connections that are in use.
    await pool.end();
    throw error;
  }
  const connection = asBullPool(pool);
  const open = (queueName: string) =>
    new Queue<
      SendJob,
      void,
      string,
      SendJob,
      void,
      string,
      PostgresQueueBackend,
      PostgresConnectionOptions
    >(queueName, { connection, defaultJobOptions: jobOptions }, createPostgresBackend);
  return {
    kind: 'postgres',
    openQueue: (queueName) => asJobQueue(open(queueName)),
    openBullQueue: async (queueName) => asBullQueue(open(queueName)),
    openWorker: (queueName, work, { concurrency, onError }) =>
      asJobWorker(
        new Worker<SendJob, void, string, PostgresQueueBackend, number, PostgresConnectionOptions>(
          queueName,
          work,
          { ...options, concurrency, connection },
          createPostgresBackend,
        ),
        (error) => {
          if (matters(error)) onError(error);
        },
      ),
    // A connection that went deaf is never given back. Nobody waits for an answer any more.
    close: () => {
      ending = true;
      return Promise.race([pool.end(), sleep(goodbyeMs, undefined, { ref: false })]);
    },
  };
}

/** BullMQ's type of a pool lacks overloads that pg's has; at run time it is the same thing. */
function asBullPool(pool: unknown): Extract<PostgresConnectionOptions, { connect(): unknown }> {
  if (isPgPool(pool)) return pool;
  throw new Error('BullMQ does not take this pg.Pool; are bullmq and pg of the pinned versions?');
}

/** The types of a queue on Redis and one on Postgres exclude each other; who only looks doesn't mind which it is. */
function asBullQueue(queue: unknown): Queue {
  if (!(queue instanceof Queue)) throw new Error('not a queue of BullMQ');
  queue.on('error', () => {}); // every call reports its own failure to its caller
  return queue;
}

/** What both backends' queues and workers have in common, as far as Laurel uses it. */
type BullQueue = {
  addBulk(jobs: { name: string; data: SendJob; opts: { jobId: string } }[]): Promise<unknown>;
  getJob(id: string): Promise<unknown>;
  getJobs(
    types: JobType[],
    start: number,
    end: number,
    oldestFirst: boolean,
  ): Promise<({ readonly timestamp: number } | undefined)[]>;
  getJobCountByTypes(...types: JobType[]): Promise<number>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
};
type BullWorker = {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown;
  close(): Promise<void>;
};

/** Resolves once connecting has worked or failed for the first time: calls made before that wait, later ones don't. */
const firstAnswer = (redis: Redis | Cluster): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['ready', 'close', 'end']) redis.once(event, () => resolve());
  });

/** @param opened calls made before wait for it */
function asJobQueue(queue: BullQueue, opened: Promise<void> = Promise.resolve()): JobQueue {
  queue.on('error', () => {}); // every call reports its own failure to its caller
  const count = async (...types: JobType[]) => {
    await opened;
    return queue.getJobCountByTypes(...types);
  };
  return {
    add: async (messageIds) => {
      await opened;
      await queue.addBulk(
        jobsFor(messageIds).map(({ jobId, data }) => ({ name: 'send', data, opts: { jobId } })),
      );
    },
    beat: async () => {
      await opened;
      const jobId = `${heartbeat}-${randomUUID()}`;
      await queue.addBulk([{ name: heartbeat, data: { messageId: '' }, opts: { jobId } }]);
      return jobId;
    },
    isGone: async (beatId) => (await queue.getJob(beatId)) === undefined,
    waiting: () => count('waiting', 'prioritized', 'delayed'),
    lagMs: async () => {
      const oldest = await queue.getJobs(['active', 'waiting'], 0, 9, true);
      const ages = oldest.flatMap((job) => (job ? [Date.now() - job.timestamp] : []));
      if (ages.length > 0) return Math.max(0, ...ages);
      // All that were found may have ended before they were read.
      return (await count('waiting', 'active')) === 0 ? 0 : longMs;
    },
    unfinished: () => count('waiting', 'prioritized', 'delayed', 'active'),
    close: () => queue.close(),
  };
}

function asJobWorker(worker: BullWorker, onError: (error: Error) => void): JobWorker {
  worker.on('error', onError);
  worker.on('failed', (_job, error) => onError(error));
  return { close: () => worker.close() };
}
