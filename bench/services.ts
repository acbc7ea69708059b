import { join } from 'node:path';

import { Redis } from 'ioredis';
import { Client } from 'pg';

import { loadFixtures } from '../fixtures/load.ts';
import { closers } from '../src/app/closers.ts';
import { startEmbedded } from '../src/postgres/embedded.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { openPool } from '../src/postgres/pool.ts';
import { startRedis } from '../test/redis.ts';
import { type RemoteSink, startRemoteSink } from '../test/smtp-sink-remote.ts';
import { cpuMsOfTree, parentOf } from './process-cpu.ts';

/** The tenant the fixtures are loaded for. */
export const tenant = 'main';

/** What the measured processes talk to, each a process of its own, started once. */
export type Services = {
  readonly postgresVersion: string;
  readonly redisUrl: string | null;
  readonly sink: RemoteSink;
  /** A new database with schema and fixtures; returns its url and what drops it. */
  readonly freshDatabase: () => Promise<{ url: string; drop: () => Promise<void> }>;
  /** CPU milliseconds each has used so far; null where the system doesn't tell. */
  readonly cpu: () => ServiceCpu;
  /** Bytes of write-ahead log so far, all databases together. */
  readonly walBytes: () => Promise<number>;
  readonly close: () => Promise<void>;
};
export type ServiceCpu = {
  readonly postgres: number | null;
  readonly redis: number | null;
  readonly sink: number | null;
};

const folder = join(import.meta.dirname, '..', '.laurel', 'bench');
const template = 'bench_template';

/** Starts Postgres (embedded and durable, as in use), Redis where it is installed, and the mail sink. */
export async function openServices(): Promise<Services> {
  const open = closers();
  try {
    const server = await startEmbedded({ folder, log: console.warn });
    open.add(server.close);
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    open.add(() => admin.end());
    await makeTemplate(admin, server.url);
    const postgresPid = await postmasterOf(admin);

    const redis = await startRedis(undefined);
    open.add(redis.close);
    const redisPid = redis.url === null ? null : await redisPidOf(redis.url);
    const sink = await startRemoteSink();
    open.add(() => sink.close());

    const { rows } = await admin.query<{ server_version: string }>('show server_version');
    let databases = 0;
    return {
      postgresVersion: rows[0]?.server_version ?? 'unknown',
      redisUrl: redis.url,
      sink,
      async freshDatabase() {
        databases += 1;
        const name = `bench_${process.pid}_${databases}`;
        await admin.query(`create database ${name} template ${template}`);
        // What an earlier run left to be written belongs to that run.
        await admin.query('checkpoint');
        const drop = async () => void (await admin.query(`drop database ${name} with (force)`));
        return { url: named(server.url, name), drop };
      },
      cpu: () => ({
        postgres: cpuOf(postgresPid),
        redis: cpuOf(redisPid),
        sink: cpuOf(sink.pid),
      }),
      walBytes: async () => {
        const { rows: wal } = await admin.query<{ bytes: string }>(
          `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes`,
        );
        return Number(wal[0]?.bytes);
      },
      close: open.closeAll,
    };
  } catch (error) {
    await open.closeAll();
    throw error;
  }
}

const cpuOf = (pid: number | null) => (pid === null ? null : cpuMsOfTree(pid));

async function makeTemplate(admin: Client, serverUrl: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database where starts_with(datname, 'bench_')`,
  );
  for (const { name } of rows) await admin.query(`drop database ${name} with (force)`);
  await admin.query(`create database ${template}`);
  const pool = openPool(named(serverUrl, template));
  try {
    await migrate(pool);
    await loadFixtures(pool, tenant);
    await pool.query('vacuum analyze');
  } finally {
    await pool.end();
  }
}

function named(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function postmasterOf(client: Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0] ? parentOf(rows[0].pid) : null;
}

async function redisPidOf(url: string): Promise<number | null> {
  const redis = new Redis(url);
  try {
    const found = /process_id:(\d+)/.exec(await redis.info('server'));
    return found ? Number(found[1]) : null;
  } finally {
    redis.disconnect();
  }
}
