import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  runMigrations,
  Worker,
} from 'bullmq';
import { Client } from 'pg';

import { closers } from '../../src/app/closers.ts';
import { connectionOptions } from '../../src/postgres/url.ts';
import type { RunSpec } from './protocol.ts';

const name = 'bench';
const concurrency = 50;
const removed = { removeOnComplete: true, removeOnFail: true } as const;

/** BullMQ as it comes: a queue filled beforehand, then a worker. */
export type BareQueue = {
  readonly fill: (jobs: readonly object[]) => Promise<void>;
  readonly work: (work: (data: unknown) => Promise<void>) => void;
  readonly close: () => Promise<void>;
};

export const openBareQueue = ({
  redisUrl,
  databaseUrl,
}: Pick<RunSpec, 'redisUrl' | 'databaseUrl'>): Promise<BareQueue> =>
  redisUrl === null ? onPostgres(databaseUrl) : onRedis(redisUrl);

async function onRedis(url: string): Promise<BareQueue> {
  const open = closers();
  const prefix = `bare-${process.pid}`;
  const connection = { url, maxRetriesPerRequest: null };
  const queue = new Queue<object>(name, { connection, prefix, defaultJobOptions: removed });
  open.add(() => queue.close());
  return {
    fill: async (jobs) => void (await queue.addBulk(jobs.map((data) => ({ name, data })))),
    work: (work) => {
      const worker = new Worker<object, void>(name, ({ data }) => work(data), {
        connection,
        prefix,
        concurrency,
      });
      worker.on('failed', failed);
      open.add(() => worker.close());
    },
    close: open.closeAll,
  };
}

async function onPostgres(url: string): Promise<BareQueue> {
  const open = closers();
  const client = new Client({ connectionString: url });
  await client.connect();
  await runMigrations(client, 'bullmq');
  await client.end();
  const connection: PostgresConnectionOptions = {
    ...connectionOptions(url, '-c search_path=bullmq'),
    max: 10,
  };
  const queue = new Queue<
    object,
    void,
    string,
    object,
    void,
    string,
    PostgresQueueBackend,
    PostgresConnectionOptions
  >(name, { connection, defaultJobOptions: removed }, createPostgresBackend);
  open.add(() => queue.close());
  return {
    fill: async (jobs) => void (await queue.addBulk(jobs.map((data) => ({ name, data })))),
    work: (work) => {
      const worker = new Worker<
        object,
        void,
        string,
        PostgresQueueBackend,
        number,
        PostgresConnectionOptions
      >(name, ({ data }) => work(data), { connection, concurrency }, createPostgresBackend);
      worker.on('failed', failed);
      open.add(() => worker.close());
    },
    close: open.closeAll,
  };
}

/** A benchmark in which something fails measures nothing. */
function failed(_job: unknown, error: Error): void {
  console.error(error);
  process.exit(1);
}
