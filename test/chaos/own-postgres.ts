import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, type Pool } from 'pg';

import { loadFixtures } from '../../fixtures/load.ts';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';

/** A Postgres of a run's own, which may be stopped and killed: nobody else is on it. */
export type OwnPostgres = {
  /** A database with schema and fixtures. `close` drops it. */
  readonly freshDatabase: () => Promise<{
    readonly url: string;
    readonly pool: Pool;
    readonly close: () => Promise<void>;
  }>;
  readonly stop: () => Promise<void>;
  /** Brings it back on the port it had; resolves when it answers. */
  readonly start: () => Promise<void>;
  /** Ends it, by its fast shutdown or with kill -9, and resolves when it answers again. */
  readonly restart: (how: 'shutdown' | 'kill') => Promise<void>;
  readonly close: () => Promise<void>;
};

const template = 'chaos_template';

/** @param durable false is quicker, and still keeps everything when a process is killed */
export async function openOwnPostgres({
  durable,
}: {
  readonly durable: boolean;
}): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-chaos-postgres-'));
  const startServer = () => startEmbedded({ folder, log: () => {}, durable, maxConnections: 200 });
  let server = await startServer();
  const { url } = server;
  let databases = 0;
  await ask(url, `create database ${template}`);
  const pool = openPool(named(url, template));
  await migrate(pool);
  await loadFixtures(pool, 'main', ['juniper', 'kestrel']);
  await pool.end();

  return {
    freshDatabase: async () => {
      databases += 1;
      const name = `chaos_${databases}`;
      await ask(url, `create database ${name} template ${template} strategy file_copy`);
      const own = openPool(named(url, name), { applicationName: 'chaos' });
      return {
        url: named(url, name),
        pool: own,
        close: async () => {
          await own.end();
          await ask(url, `drop database ${name} with (force)`);
        },
      };
    },
    stop: () => server.close(),
    start: async () => {
      server = await startServer();
      if (server.url !== url) throw new Error('Postgres came back on another port');
    },
    restart: async (how) => {
      const before = await postmasterOf(url);
      process.kill(before, how === 'shutdown' ? 'SIGINT' : 'SIGKILL');
      // Whoever uses the embedded server looks after it: nothing is started here.
      while ((await postmasterOf(url).catch(() => before)) === before) await sleep(50);
    },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function postmasterOf(url: string): Promise<number> {
  const [row] = await ask<{ note: string }>(url, `select pg_read_file('postmaster.pid') as note`);
  return Number(row?.note.split('\n')[0]);
}

async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {}); // whoever awaits the query hears of it
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

function named(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
