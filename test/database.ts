import { randomBytes } from 'node:crypto';

import { Client, type Pool } from 'pg';
import { inject } from 'vitest';

import { loadFixtures } from '../fixtures/load.ts';
import { openPool, type PoolOptions } from '../src/postgres/pool.ts';
import { fixturesOf } from './fixtures-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server, and the name of a migrated database on it to copy. */
    postgres: { readonly url: string; readonly template: string };
    /** Null on a machine without Redis. */
    redisUrl: string | null;
  }
}

export type FreshDatabase = {
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and drops the database, cutting whoever is still connected. */
  readonly close: () => Promise<void>;
};

/** A migrated, empty database of the caller's own. Open one per test file and `close` it in `afterAll`. */
export async function freshDatabase(options: PoolOptions = {}): Promise<FreshDatabase> {
  return copyOf(inject('postgres').template, options);
}

/**
 * The same with two brands' fixtures in it, of tenant `main`. They are loaded once a run: to copy a database takes less than
 * one of its thousands of events.
 */
export async function fixtureDatabase(options: PoolOptions = {}): Promise<FreshDatabase> {
  const { url: server, template } = inject('postgres');
  const name = fixturesOf(template);
  await administer(server, async (db) => {
    await db.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await db.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 1) return;
    const loading = await copyOf(template, {});
    await loadFixtures(loading.pool, 'main', ['juniper', 'kestrel']);
    await loading.pool.end();
    // Only what is whole gets the name.
    await db.query(`alter database ${loading.name} rename to ${name}`);
  });
  return copyOf(name, options);
}

async function copyOf(
  origin: string,
  options: PoolOptions,
): Promise<FreshDatabase & { name: string }> {
  const { url: server, template } = inject('postgres');
  const name = template.replace('template', randomBytes(6).toString('hex'));
  // As files: half the work of a copy through the log, which nothing here is recovered from.
  await administer(server, (db) =>
    db.query(`create database ${name} template ${origin} strategy file_copy`),
  );
  const address = new URL(server);
  address.pathname = `/${name}`;
  const pool = openPool(address.href, { applicationName: 'test', ...options });
  return {
    name,
    url: address.href,
    pool,
    close: async () => {
      await pool.end();
      await administer(server, (db) => db.query(`drop database ${name} with (force)`));
    },
  };
}

async function administer(server: string, work: (db: Client) => Promise<unknown>) {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** The Redis of this run; null on a machine without one. */
export const redisUrl = (): string | null => inject('redisUrl');
