import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

it('runs what no transaction may hold up when several processes start together', async () => {
  file('900-first.sql', 'create table step_a (a int);');
  // Long enough for the others to stand in line when the index waits for whatever began before it.
  file(
    '901-index.concurrent.sql',
    'select pg_sleep(0.3);\ncreate index concurrently step_a_a on laurel.step_a (a);\n',
  );
  const pools = Array.from({ length: 4 }, () => openPool(database.url));
  const applied = await Promise.all(pools.map((one) => migrate(one, folder)));
  await Promise.all(pools.map((one) => one.end()));
  expect(applied.flat()).toEqual(['900-first.sql', '901-index.concurrent.sql']);
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

it('takes steps until there is nothing left to do, and goes on where it was ended', async () => {
  await pool.query(
    `create table laurel.step_rows as select n, false as done from generate_series(1, 25) n;
     create table laurel.step_divisor as select 0 as d`,
  );
  file(
    '900-rows.steps.sql',
    `update step_rows set done = n < 25 or 1 / (select d from step_divisor) = 1
      where n in (select n from step_rows where not done order by n limit 10)`,
  );
  const told: string[] = [];
  const run = () => migrate(pool, folder, (line) => told.push(line));
  await expect(run()).rejects.toMatchObject({ code: 'migration-failed' });
  expect(told.splice(0)).toEqual([
    '900-rows.steps.sql: step 1 done',
    '900-rows.steps.sql: step 2 done',
  ]);
  await pool.query('update laurel.step_divisor set d = 1');
  expect(await run()).toEqual(['900-rows.steps.sql']);
  expect(told).toEqual(['900-rows.steps.sql: step 1 done']);
});

it('runs what no transaction may hold statement by statement', async () => {
  file('900-a.sql', 'create table step_a (a int);');
  file(
    '901-index.concurrent.sql',
    'drop index concurrently if exists laurel.step_a_a;\ncreate index concurrently step_a_a on laurel.step_a (a);\n',
  );
  expect(await migrate(pool, folder)).toEqual(['900-a.sql', '901-index.concurrent.sql']);
  const { rows } = await pool.query(
    `select indisvalid as valid from pg_index where indexrelid = 'laurel.step_a_a'::regclass`,
  );
  expect(rows).toEqual([{ valid: true }]);
});

const ours = join(import.meta.dirname, 'migrations');

/** What there is in the schema laurel, but for the order of columns and the names of weeks. */
async function schemaOf(db: Pool): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, pg_get_expr(d.adbin, d.adrelid)) as line
       from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'laurel'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
     union all select indexdef from pg_indexes where schemaname = 'laurel'
     union all select concat_ws(' ', conrelid::regclass, contype, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'laurel'::regnamespace
     union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
     union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'laurel'::regnamespace
     union all select concat_ws(' ', relname, relkind, reloptions, pg_get_expr(relpartbound, oid)) from pg_class
      where relnamespace = 'laurel'::regnamespace and relkind in ('r', 'p')`,
  );
  return rows.map(({ line }) => line).toSorted();
}

it('brings messages into weeks also where later migrations came first, with what was sent', async () => {
  const old = await freshDatabase();
  try {
    await old.pool.query('drop schema laurel cascade');
    for (const name of readdirSync(ours))
      if (!/^16[0-5]-|^21[2-5]-|^22[23]-/.test(name))
        copyFileSync(join(ours, name), join(folder, name));
    await migrate(old.pool, folder);
    await old.pool.query(
      `insert into laurel.messages (id, tenant, idempotency_key, request_hash, lane, template, brand, data, state, next_at, finished_at)
       select gen_random_uuid(), 'main', case when n % 3 > 0 then 'key-' || n end, 'hash-' || n, 'transactional', 'welcome', 'juniper', '{"n": 1}',
         case when n % 2 = 0 then 'sent' else 'queued' end, now(), case when n % 2 = 0 then now() end from generate_series(1, 12000) n`,
    );
    const before = await old.pool.query(
      'select md5(string_agg(id::text, $1 order by id)) as ids from laurel.messages',
      [''],
    );
    const keyed = `select id, idempotency_key as key from laurel.messages where idempotency_key is not null order by 1`;
    const keys = await old.pool.query(keyed);
    expect(await migrate(old.pool)).toEqual(
      readdirSync(ours)
        .filter((name) => /^16[0-5]-|^21[2-5]-|^22[23]-/.test(name))
        .toSorted(),
    );
    expect(
      (
        await old.pool.query(
          'select md5(string_agg(id::text, $1 order by id)) as ids from laurel.messages',
          [''],
        )
      ).rows,
    ).toEqual(before.rows);
    expect(keys.rowCount).toBe(8000);
    expect((await old.pool.query(keyed)).rows).toEqual(keys.rows);
    expect(
      (await old.pool.query('select message_id as id, key from laurel.message_keys order by 1'))
        .rows,
    ).toEqual(keys.rows);
    const [here, fresh] = await Promise.all([schemaOf(old.pool), schemaOf(pool)]);
    expect(here.filter((line) => !fresh.includes(line))).toEqual([]);
    expect(fresh.filter((line) => !here.includes(line))).toEqual([]);
    expect(here.length).toBeGreaterThan(1_000);
  } finally {
    await old.close();
  }
});
