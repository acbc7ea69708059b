import { afterAll, beforeAll, expect, it } from 'vitest';

import { openTcpProxy, throughPort } from '../../test/chaos/tcp-proxy.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { isConnectionFault, isOverdue, openPool, transaction } from './pool.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query('create table note (text text not null unique)');
});
afterAll(() => database.close());

const count = async () => {
  const { rows } = await database.pool.query<{ count: number }>('select count(*) from note');
  return rows[0]?.count;
};

it('reads integers as numbers, exact decimals as text, moments as dates and days as days', async () => {
  const { rows } = await database.pool.query(
    `select 12400::bigint as points, array[1, null]::bigint[] as list, 12.50::numeric as price,
       '2026-03-01 10:00+02'::timestamptz as moment, '2026-03-01'::date as day`,
  );
  expect(rows[0]).toEqual({
    points: 12400,
    list: [1, null],
    price: '12.50',
    moment: new Date('2026-03-01T08:00:00Z'),
    day: '2026-03-01',
  });
});

it('refuses an integer that a number cannot hold, rather than rounding it', async () => {
  await expect(database.pool.query('select 9007199254740993::bigint')).rejects.toThrow(RangeError);
});

it('looks for tables in the schema laurel, also when the address sets options of its own', async () => {
  const pool = openPool(`${database.url}?options=-c%20work_mem%3D8MB`);
  const { rows } = await pool.query(
    `select current_schema() as schema, current_setting('work_mem') as memory`,
  );
  await pool.end();
  expect(rows[0]).toEqual({ schema: 'laurel', memory: '8MB' });
});

it('keeps what a transaction did when it succeeds, and nothing when it throws', async () => {
  await transaction(database.pool, (db) => db.query(`insert into note values ('kept')`));
  const failing = transaction(database.pool, async (db) => {
    await db.query(`insert into note values ('lost')`);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await count()).toBe(1);
});

it('does not claim to have committed when a failed query was swallowed', async () => {
  const before = await count();
  const swallowing = transaction(database.pool, async (db) => {
    await db.query(`insert into note values ('half')`);
    await db.query('select nonsense').catch(() => {});
  });
  await expect(swallowing).rejects.toThrow('rolled back');
  expect(await count()).toBe(before);
});

it('outlives the server cutting its connections, in use or idle', async () => {
  const idleErrors: Error[] = [];
  const pool = openPool(database.url, { max: 2, onIdleError: (error) => idleErrors.push(error) });
  const cutOff = async () => {
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
  };
  const interrupted = transaction(pool, async (db) => {
    await db.query('select 1');
    await cutOff();
    await db.query('select 1');
  });
  await expect(interrupted).rejects.toSatisfy(isConnectionFault);

  await pool.query('select 1');
  await cutOff();
  await expect.poll(() => idleErrors.length).toBeGreaterThan(0);
  await expect(pool.query('select 1')).resolves.toBeDefined();
  await pool.end();
});

it('gives up on a lock that another session keeps, and goes on', async () => {
  const pool = openPool(database.url, { max: 1, statementMs: 300 });
  await database.pool.query('create table held (id int)');
  await transaction(database.pool, async (db) => {
    await db.query('lock table held in access exclusive mode');
    await expect(pool.query('select * from held')).rejects.toSatisfy(isOverdue);
    const work = transaction(pool, (other) => other.query('insert into held values (1)'));
    await expect(work).rejects.toSatisfy(isOverdue);
  });
  await expect(pool.query('select * from held')).resolves.toMatchObject({ rows: [] });
  await pool.end();
});

it('gives up on a server that says nothing any more: that is the way to it', async () => {
  const proxy = await openTcpProxy(Number(new URL(database.url).port));
  const pool = openPool(throughPort(database.url, proxy.port), { max: 1, statementMs: 100 });
  await pool.query('listen anything');
  expect(proxy.deafen()).toBe(1);
  await expect(pool.query('select 1')).rejects.toSatisfy(isConnectionFault);
  await pool.end();
  await proxy.close();
});

it('tells a server that cannot be reached from a query that is wrong', async () => {
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/nothing');
  await expect(nowhere.query('select 1')).rejects.toSatisfy(isConnectionFault);
  await nowhere.end();
  const wrong = await database.pool.query('select nonsense').catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(Error);
  expect(isConnectionFault(wrong)).toBe(false);
});
