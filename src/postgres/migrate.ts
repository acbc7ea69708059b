import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Pool, PoolClient } from 'pg';

import { PermanentError } from '../core/errors.ts';
import { isConnectionFault } from './pool.ts';

/*
 * A migration is a file of one of three kinds:
 *
 *   NNN-name.sql             one transaction.
 *   NNN-name.steps.sql       one statement, run again and again, a transaction each, until it changes nothing: for what takes long
 *                            while others work. It remembers by itself how far it has come, so it goes on where it was ended.
 *   NNN-name.concurrent.sql  statements outside of any transaction, each ending its line with a semicolon, that may all be repeated.
 */
type Kind = 'transaction' | 'steps' | 'concurrent';
type Migration = {
  readonly name: string;
  readonly kind: Kind;
  readonly sql: string;
  readonly hash: string;
};
type Progress = (line: string) => void;

const ownFolder = join(import.meta.dirname, 'migrations');
/** Any constant does, as long as every process that migrates uses the same. */
const lockKey = 7_267_837;

/**
 * Brings the schema `laurel` up to date: each migration in `folder` runs once, in order. Processes that start together wait for each other. Returns the names it applied.
 * @throws PermanentError `migration-changed` when a file was edited after it was applied, `migration-failed`
 * when its SQL is refused (the earlier ones stay applied).
 */
export async function migrate(
  pool: Pool,
  folder = ownFolder,
  progress: Progress = () => {},
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  let broken = true;
  try {
    await takeTurn(client, progress);
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
    for (const migration of pending) await apply(client, migration, progress);
    await client.query('select pg_advisory_unlock($1)', [lockKey]);
    broken = false;
    return pending.map(({ name }) => name);
  } finally {
    // Destroying the connection also gives back the lock.
    client.release(broken);
  }
}

/** Asks again rather than stands in line: an index made concurrently waits for every statement that began before it, also for one in line. */
async function takeTurn(client: PoolClient, progress: Progress) {
  for (let asked = 0; ; asked += 1) {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1) as mine',
      [lockKey],
    );
    if (rows[0]?.mine) return;
    if (asked === 0) progress('another process brings the database up to date; waiting for it');
    await sleep(100);
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

async function apply(client: PoolClient, { name, kind, sql, hash }: Migration, progress: Progress) {
  const note = () =>
    client.query('insert into laurel.migrations (name, hash) values ($1, $2)', [name, hash]);
  try {
    if (kind === 'transaction') await inOne(client, [() => client.query(sql), note]);
    else {
      if (kind === 'steps') await takeSteps(client, name, sql, progress);
      else for (const statement of sql.split(/;\s*\n/)) await client.query(statement);
      await note();
    }
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    await client.query('rollback');
    const reason = error instanceof Error ? error.message : String(error);
    throw new PermanentError('migration-failed', `migration ${name} failed: ${reason}`, {
      cause: error,
    });
  }
}

async function inOne(client: PoolClient, work: readonly (() => Promise<unknown>)[]) {
  await client.query('begin');
  await client.query('set local search_path to laurel, public');
  for (const one of work) await one();
  await client.query('commit');
}

async function takeSteps(client: PoolClient, name: string, sql: string, progress: Progress) {
  for (let step = 1; ; step += 1) {
    const changed: number[] = [];
    await inOne(client, [async () => changed.push((await client.query(sql)).rowCount ?? 0)]);
    if (changed.every((rows) => rows === 0)) return;
    progress(`${name}: step ${step} done`);
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const numbers = new Set<string>();
  for (const name of names) {
    const number = /^(\d{3})-[a-z0-9-]+(?:\.steps|\.concurrent)?\.sql$/.exec(name)?.[1];
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
      return {
        name,
        kind: kindOf(name),
        sql,
        hash: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

const kindOf = (name: string): Kind =>
  name.endsWith('.steps.sql')
    ? 'steps'
    : name.endsWith('.concurrent.sql')
      ? 'concurrent'
      : 'transaction';
