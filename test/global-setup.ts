import { Pool } from 'pg';
import type { TestProject } from 'vitest/node';

import { startEmbedded } from '../src/postgres/embedded.ts';
import { isAlive } from '../src/postgres/embedded/leases.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { openPool } from '../src/postgres/pool.ts';
import { fixturesOf } from './fixtures-database.ts';
import { testFolder } from './folder.ts';
import { startRedis } from './redis.ts';

const prefix = 'laurel_test_';

/** One Postgres and one Redis for the whole run. `TEST_DATABASE_URL` and `REDIS_URL_TEST` name others to use. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given
    ? { url: given, close: async () => {} }
    : await startEmbedded({
        folder: testFolder,
        log: console.warn,
        durable: false,
        maxConnections: 400,
      });
  const redis = await startRedis(process.env['REDIS_URL_TEST']);

  const admin = new Pool({ connectionString: server.url, max: 1 });
  admin.on('error', () => {}); // idle while the tests run, and some of them stop servers
  if (!given) await dropLeftovers(admin);
  const template = `${prefix}${process.pid}_template`;
  await admin.query(`drop database if exists ${template}`);
  await admin.query(`create database ${template}`);
  const url = new URL(server.url);
  url.pathname = `/${template}`;
  const pool = openPool(url.href);
  await migrate(pool);
  await pool.end();

  provide('postgres', { url: server.url, template });
  provide('redisUrl', redis.url);
  return async () => {
    await admin.query(`drop database ${template} with (force)`);
    await admin.query(`drop database if exists ${fixturesOf(template)} with (force)`);
    await admin.end();
    await server.close();
    await redis.close();
  };
}

/** Runs that were killed leave their databases behind. */
async function dropLeftovers(admin: Pool) {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database where starts_with(datname, $1)`,
    [prefix],
  );
  for (const { name } of rows) {
    const pid = Number(name.slice(prefix.length).split('_')[0]);
    if (!isAlive(pid)) await admin.query(`drop database if exists ${name} with (force)`);
  }
}
