import { randomBytes } from 'node:crypto';

import { Client, type Pool } from 'pg';
import { inject } from 'vitest';

import { openPool, type PoolOptions } from '../src/postgres/pool.ts';

export type FreshDatabase = {
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and drops the database, cutting whoever is still connected. */
  readonly close: () => Promise<void>;
};

/** A migrated, empty database of the caller's own. Open one per test file and `close` it in `afterAll`. */
export async function freshDatabase(options: PoolOptions = {}): Promise<FreshDatabase> {
  const { url: server, template } = inject('postgres');
  const name = template.replace('template', randomBytes(6).toString('hex'));
  await administer(server, `create database ${name} template ${template}`);
  const address = new URL(server);
  address.pathname = `/${name}`;
  const pool = openPool(address.href, { applicationName: 'test', ...options });
  return {
    url: address.href,
    pool,
    close: async () => {
      await pool.end();
      await administer(server, `drop database ${name} with (force)`);
    },
  };
}

async function administer(server: string, sql: string) {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The Redis of this run; null on a machine without one. */
export const redisUrl = (): string | null => inject('redisUrl');
