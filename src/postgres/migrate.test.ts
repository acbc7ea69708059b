import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { migrate } from './migrate.ts';
import { openPool } from './pool.ts';

let database: FreshDatabase;
let pool: Pool;
let folder: string;
beforeEach(async () => {
  database = await freshDatabase();
  pool = database.pool;
  folder = mkdtempSync(join(tmpdir(), 'laurel-migrations-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.close();
});

const file = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
const tables = async () => {
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'laurel' and tablename like 'step_%' order by 1`,
  );
  return rows.map(({ name }) => name);
};

it('runs each file once, in the order of its number, in the schema laurel', async () => {
  file('910-second.sql', 'create table step_b (a int references step_a (a));');
  file('900-first.sql', 'create table step_a (a int primary key);');
  expect(await migrate(pool, folder)).toEqual(['900-first.sql', '910-second.sql']);
  expect(await tables()).toEqual(['step_a', 'step_b']);
  expect(await migrate(pool, folder)).toEqual([]);
});

it('runs a file that came later with a lower number, as when two branches meet', async () => {
  file('910-mine.sql', 'create table step_mine (a int);');
  await migrate(pool, folder);
  file('905-theirs.sql', 'create table step_theirs (a int);');
  expect(await migrate(pool, folder)).toEqual(['905-theirs.sql']);
});

it('runs each file once when several processes start together', async () => {
  file('900-first.sql', 'create table step_a (a int); select pg_sleep(0.2);');
  const pools = Array.from({ length: 4 }, () => openPool(database.url));
  const applied = await Promise.all(pools.map((one) => migrate(one, folder)));
  await Promise.all(pools.map((one) => one.end()));
  expect(applied.flat()).toEqual(['900-first.sql']);
});

it('keeps what came before a file that fails, and nothing of that file', async () => {
  file('900-good.sql', 'create table step_good (a int);');
  file('910-bad.sql', 'create table step_bad (a int); select nonsense;');
  await expect(migrate(pool, folder)).rejects.toMatchObject({
    code: 'migration-failed',
    message: expect.stringContaining('910-bad.sql'),
  });
  expect(await tables()).toEqual(['step_good']);
  file('910-bad.sql', 'create table step_mended (a int);');
  expect(await migrate(pool, folder)).toEqual(['910-bad.sql']);
});

it('refuses a file that was changed after it was applied, and does nothing', async () => {
  file('900-first.sql', 'create table step_a (a int);');
  await migrate(pool, folder);
  file('900-first.sql', 'create table step_a (a bigint);');
  file('910-next.sql', 'create table step_next (a int);');
  await expect(migrate(pool, folder)).rejects.toMatchObject({
    code: 'migration-changed',
    message: expect.stringContaining('900-first.sql'),
  });
  expect(await tables()).toEqual(['step_a']);
  file('900-first.sql', 'create table step_a (a int);');
  expect(await migrate(pool, folder)).toEqual(['910-next.sql']);
});

it('refuses files that share a number or have none', async () => {
  file('900-one.sql', '');
  file('900-two.sql', '');
  await expect(migrate(pool, folder)).rejects.toMatchObject({ code: 'migration-name' });
  rmSync(join(folder, '900-two.sql'));
  file('later.sql', '');
  await expect(migrate(pool, folder)).rejects.toMatchObject({ code: 'migration-name' });
});
