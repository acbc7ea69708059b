import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Pool, PoolClient } from 'pg';

import { PermanentError } from '../core/errors.ts';
import { isConnectionFault } from './pool.ts';

type Migration = { readonly name: string; readonly sql: string; readonly hash: string };

const ownFolder = join(import.meta.dirname, 'migrations');
/** Any constant does, as long as every process that migrates uses the same. */
const lockKey = 7_267_837;

/**
 * Brings the schema `laurel` up to date: each `NNN-name.sql` of `folder` runs once, in order, in its own
 * transaction. Processes that start together wait for each other. Returns the names it applied.
 * @throws PermanentError `migration-changed` when a file was edited after it was applied, `migration-failed`
 * when its SQL is refused (the earlier ones stay applied).
 */
export async function migrate(pool: Pool, folder = ownFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    const { rows: tables } = await client.query<{ name: string | null }>(
      `select to_regclass('laurel.migrations')::text as name`,
    );
    // Only where it is missing: `if not exists` asks for the right to create even where there is nothing to do.
    if (!tables[0]?.name) {
      await client.query('create schema if not exists laurel');
      await client.query(`create table laurel.migrations (
        name text primary key, hash text not null, applied_at timestamptz not null default now())`);
    }
    const { rows } = await client.query<{ name: string; hash: string }>(
      'select name, hash from laurel.migrations',
    );
    const applied = new Map(rows.map(({ name, hash }) => [name, hash]));
    const pending = migrations.filter((migration) => !isApplied(migration, applied));
    for (const migration of pending) await apply(client, migration);
    await client.query('select pg_advisory_unlock($1)', [lockKey]);
    broken = false;
    return pending.map(({ name }) => name);
  } finally {
    // Destroying the connection also gives back the lock.
    client.release(broken);
  }
}

/**
 * The names `migrate` would apply, in order. Changes nothing, not even on an empty database.
 * @throws PermanentError `migration-changed` as `migrate` does
 */
export async function pendingMigrations(pool: Pool, folder = ownFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const { rows: tables } = await pool.query<{ name: string | null }>(
    `select to_regclass('laurel.migrations')::text as name`,
  );
  if (!tables[0]?.name) return migrations.map(({ name }) => name);
  const { rows } = await pool.query<{ name: string; hash: string }>(
    'select name, hash from laurel.migrations',
  );
  const applied = new Map(rows.map(({ name, hash }) => [name, hash]));
  return migrations.filter((one) => !isApplied(one, applied)).map(({ name }) => name);
}

function isApplied({ name, hash }: Migration, applied: ReadonlyMap<string, string>): boolean {
  const before = applied.get(name);
  if (before === undefined) return false;
  if (before === hash) return true;
  throw new PermanentError(
    'migration-changed',
    `migration ${name} was changed after it was applied to this database; put the file back as it was and add a new one`,
  );
}

async function apply(client: PoolClient, { name, sql, hash }: Migration) {
  try {
    await client.query('begin');
    await client.query('set local search_path to laurel, public');
    await client.query(sql);
    await client.query('insert into laurel.migrations (name, hash) values ($1, $2)', [name, hash]);
    await client.query('commit');
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PermanentError('migration-failed', `migration ${name} failed: ${reason}`, {
      cause: error,
    });
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const numbers = new Set<string>();
  for (const name of names) {
    const number = /^(\d{3})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
    if (number === undefined || numbers.has(number)) {
      throw new PermanentError(
        'migration-name',
        `migration ${name} must be named NNN-name.sql with a number of its own`,
      );
    }
    numbers.add(number);
  }
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, hash: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
