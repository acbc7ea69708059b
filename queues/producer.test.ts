import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { IdempotencyConflict, InvalidInput } from '../src/core/errors.ts';
import { dueChannel } from '../src/message/rows/due-channel.ts';
import { transaction } from '../src/postgres/pool.ts';
import { templates } from '../templates/index.ts';
import { receiptFor } from '../test/chaos/ground.ts';
import { freshDatabase, type FreshDatabase } from '../test/database.ts';
import { openProducer, type Producer } from './producer.ts';

let database: FreshDatabase;
let producer: Producer;
beforeAll(async () => {
  database = await freshDatabase();
  producer = openProducer({ pool: database.pool, templates, brands: ['juniper', 'kestrel'] });
});
afterAll(() => database.close());

const countMessages = async () => {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::int as count from messages',
  );
  return rows[0]?.count ?? 0;
};

describe('inside the caller’s own transaction', () => {
  it('order and mail commit together', async () => {
    const id = await transaction(database.pool, async (db) => {
      const accepted = await producer.enqueue(receiptFor(1), { db });
      expect(await countMessages()).toBe(0);
      return accepted.id;
    });
    const { rows } = await database.pool.query('select state, about from messages where id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ state: 'queued', about: ['order:C1'] }]);
  });

  it('a rolled back order leaves no mail', async () => {
    const before = await countMessages();
    const failing = transaction(database.pool, async (db) => {
      await producer.enqueue(receiptFor(2), { db });
      throw new Error('the card was declined');
    });
    await expect(failing).rejects.toThrow('the card was declined');
    expect(await countMessages()).toBe(before);
  });
});

it('refuses a template the brand does not have, naming the field and what there is', async () => {
  const coffee = openProducer({
    templates,
    pool: database.pool,
    brands: [{ id: 'juniper', trades: ['orders'] }],
  });
  const error = await coffee
    .enqueue({ ...receiptFor(9), brand: 'juniper', template: 'flight-booking' })
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidInput);
  expect(error instanceof InvalidInput && error.problems).toContainEqual({
    path: 'template',
    message: expect.stringMatching(
      /^"juniper" has no "flight-booking"; it has order-confirmation, .*welcome/,
    ),
  });
});

describe('idempotency', () => {
  it('the same key and body is the same message, however the fields are ordered', async () => {
    const request = { ...receiptFor(3), idempotencyKey: 'order-3' };
    const reordered = Object.fromEntries(Object.entries(request).toReversed());
    const first = await producer.enqueue(request);
    const [second] = await producer.enqueueMany([reordered]);
    expect(first.created).toBe(true);
    expect(second).toEqual({ id: first.id, created: false });
  });

  it('fifty at once with one key are one message', async () => {
    const request = { ...receiptFor(4), idempotencyKey: 'order-4' };
    const accepted = await Promise.all(Array.from({ length: 50 }, () => producer.enqueue(request)));
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(accepted.filter(({ created }) => created)).toHaveLength(1);
  });

  it('the same key with another body is a conflict', async () => {
    await producer.enqueue({ ...receiptFor(5), idempotencyKey: 'order-5' });
    await expect(producer.enqueue({ ...receiptFor(6), idempotencyKey: 'order-5' })).rejects.toThrow(
      IdempotencyConflict,
    );
  });

  it('twice in one batch is one message', async () => {
    const request = { ...receiptFor(7), idempotencyKey: 'order-7' };
    const accepted = await producer.enqueueMany([request, request]);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
  });

  it('a conflict anywhere in a batch keeps nothing of it', async () => {
    const before = await countMessages();
    const conflicting = { ...receiptFor(8), idempotencyKey: 'order-5' };
    await expect(producer.enqueueMany([receiptFor(9), conflicting])).rejects.toThrow(
      IdempotencyConflict,
    );
    expect(await countMessages()).toBe(before);
  });
});

it('names every wrong field of every message of a batch, and keeps none of it', async () => {
  const before = await countMessages();
  const wrong = [
    receiptFor(10),
    { ...receiptFor(11), template: 'order-conformation' },
    { ...receiptFor(12), to: { email: 'a@b,c@d' }, brand: 'juniper' },
    { ...receiptFor(13), data: { orderId: 'C13', totals: { subtotal: '3.90' } } },
  ];
  const refused = await producer.enqueueMany(wrong).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InvalidInput);
  const paths = refused instanceof InvalidInput ? refused.problems.map(({ path }) => path) : [];
  expect(paths).toContain('[1].template');
  expect(paths).toContain('[2].to.email');
  expect(paths).toContain('[3].data.totals.subtotal');
  expect(await countMessages()).toBe(before);
});

it('a brand must be named where there are several', async () => {
  const request = { ...receiptFor(14), brand: undefined };
  await expect(producer.enqueue(request)).rejects.toThrow('brand: is needed here');
});

const oneOf = (n: number) => ({ ...receiptFor(500 + n), idempotencyKey: `together-${n % 20}` });
const wrong = (n: number) => ({ ...receiptFor(900 + n), templateVersion: 'abcdef012345' });
const isOfVersion = ({ problems }: InvalidInput) =>
  problems.every(({ path }) => path === 'templateVersion');

describe('what comes at once is stored together', () => {
  it('and each is answered as if it were alone', async () => {
    const requests = Array.from({ length: 90 }, (_, n) => (n % 9 === 8 ? wrong(n) : oneOf(n % 40)));
    const ends = await Promise.allSettled(requests.map((request) => producer.enqueue(request)));

    const ids = new Map<string, Set<string>>();
    const seen = { made: 0, known: 0, conflict: 0, unknownVersion: 0 };
    for (const [at, end] of ends.entries()) {
      const key = Reflect.get(requests[at] ?? {}, 'idempotencyKey');
      if (end.status === 'fulfilled') {
        seen[end.value.created ? 'made' : 'known'] += 1;
        ids.set(key, (ids.get(key) ?? new Set()).add(end.value.id));
      } else if (end.reason instanceof IdempotencyConflict) seen.conflict += 1;
      else if (end.reason instanceof InvalidInput && isOfVersion(end.reason))
        seen.unknownVersion += 1;
      else throw end.reason;
    }
    // A message a key, whichever of its bodies was first.
    expect([...ids.values()].map(({ size }) => size)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(seen).toMatchObject({ made: 20, unknownVersion: 10 });
    expect(seen.known).toBeGreaterThan(20);
    expect(seen.conflict).toBeGreaterThan(20);
  });

  it('and the relays are told of it after it is there, a few times for many', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      let heard = 0;
      client.on('notification', () => (heard += 1));
      await client.query(`listen ${dueChannel}`);
      await Promise.all(
        Array.from({ length: 300 }, (_, n) => producer.enqueue(receiptFor(2_000 + n))),
      );
      await vi.waitFor(() => expect(heard).toBeGreaterThan(0), 5_000);
      expect(heard).toBeLessThan(100);
    } finally {
      await client.end();
    }
  });
});
