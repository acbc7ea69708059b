import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { saveAccepts } from '../message/save-accepts.ts';
import { openProducer } from './producer.ts';

let database: FreshDatabase;
let shop: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  shop = new Pool({ connectionString: database.url });
  await shop.query('create table public.orders (id text primary key)');
});
afterAll(async () => {
  await shop.end();
  await database.close();
});

const message = (orderId: string) => ({
  template: 'delivered',
  brand: 'juniper',
  to: { memberId: 'ana' },
  data: { orderId, deliveredAt: '2026-05-04T18:30:00+02:00' },
  idempotencyKey: `delivered-${orderId}`,
});

const rowOf = async (id: string) => {
  const { rows } = await shop.query<{ about: string[]; template: string }>(
    'select about, template from laurel.messages where id = $1',
    [id],
  );
  return rows[0];
};

it('says that nothing is accepted before an installation has run', async () => {
  const producer = openProducer({ database: shop });
  await expect(producer.enqueue(message('J-0'))).rejects.toThrow(/nothing is accepted yet/);
});

it('accepts by name and schema from the database, and says which field is wrong', async () => {
  await saveAccepts(database.pool, templates, [
    { id: 'juniper', trades: ['orders'] },
    { id: 'kestrel', trades: ['orders', 'bookings'] },
  ]);
  const producer = openProducer({ database: shop });
  const { id, created } = await producer.enqueue(message('J-1'));
  expect(created).toBe(true);
  expect(await rowOf(id)).toEqual({ about: ['order:J-1'], template: 'delivered' });
  expect((await producer.enqueue(message('J-1'))).created).toBe(false);
  const wrong = { ...message('J-2'), data: { orderId: 'J 2', deliveredAt: 'today', colour: 1 } };
  const error: unknown = await producer.enqueue(wrong).catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/data\.orderId/);
  expect(String(error)).toMatch(/data\.deliveredAt/);
  expect(String(error)).toMatch(/data\.colour: is not a known field/);
  await expect(producer.enqueue({ ...message('J-3'), template: 'deliverd' })).rejects.toThrow(
    /there is no template "deliverd"/,
  );
});

it('is part of a transaction of the shop’s own, whose search path stays what it was', async () => {
  const producer = openProducer({ database: shop });
  const client = await shop.connect();
  const place = async (id: string, end: 'commit' | 'rollback') => {
    await client.query('begin');
    await client.query('insert into orders values ($1)', [id]);
    const accepted = await producer.enqueue(message(id), { db: client });
    await client.query('select id from orders');
    await client.query(end);
    return accepted.id;
  };
  try {
    expect(await rowOf(await place('J-10', 'commit'))).toBeDefined();
    expect(await rowOf(await place('J-11', 'rollback'))).toBeUndefined();
  } finally {
    client.release();
  }
  const { rows } = await shop.query('select id from orders');
  expect(rows).toEqual([{ id: 'J-10' }]);
});
