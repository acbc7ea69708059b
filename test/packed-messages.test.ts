import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { orderConfirmations, type Orders } from '../bench/orders.ts';
import type { MessageRequest } from '../queues/producer.ts';
import { exportMember } from '../src/members/export.ts';
import { findMessage, listMessages } from '../src/message/messages.ts';
import { retainOnce } from '../src/message/retention.ts';
import { forgetMessages } from '../src/message/rows/forget.ts';
import { readMessage } from '../src/message/rows/stored-message.ts';
import { readFixtures } from '../src/personas/fixtures.ts';
import { type Db, transaction } from '../src/postgres/pool.ts';
import { openWorld, type World } from './world.ts';

const tenant = 'main';
const mails = 1_100;
const measured = 900;
let world: World;
let pool: World['app']['pool'];
/** What was asked for, by id. */
const asked = new Map<string, MessageRequest>();

/** Bytes of the relations in which messages and their keys lie, tidied. */
async function bytes(): Promise<number> {
  // As long as anybody may still see what a row was before, tidying up keeps that, too.
  const { rows: now } = await pool.query<{ at: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::xid::text as at',
  );
  await vi.waitFor(
    async () => {
      const { rows: looking } = await pool.query(
        `select pid, backend_xmin, left(query, 80) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and (age(backend_xmin) > age($1::xid) or age(backend_xid) > age($1::xid))`,
        [now[0]?.at],
      );
      expect(looking).toEqual([]);
    },
    { timeout: 30_000 },
  );
  await pool.query('vacuum full');
  const { rows } = await pool.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(inhrelid))::float8 as bytes from pg_inherits
      where inhparent in ('laurel.messages'::regclass, 'laurel.message_keys'::regclass) and pg_relation_size(inhrelid) > 0`,
  );
  return rows[0]?.bytes ?? Number.NaN;
}

/** Sends so many more, and waits until the last has left. */
async function send(order: Orders, count: number): Promise<void> {
  const some = Array.from({ length: count }, (_, at) => order(asked.size + at));
  for (const [at, { id }] of (await world.app.producer.enqueueMany(some)).entries()) {
    const request = some[at];
    if (request) asked.set(id, request);
  }
  for (;;) {
    const { rows } = await pool.query(
      `select from messages where state in ('queued', 'held', 'sending') limit 1`,
    );
    if (rows.length === 0) return;
    await sleep(100);
  }
}

let bytesAMail: number;
beforeAll(async () => {
  world = await openWorld('postgres');
  pool = world.app.pool;
  const { personas } = await readFixtures('fixtures', 'juniper', []);
  const members = personas.flatMap(({ memberId }) => (memberId ? [{ memberId }] : []));
  const order = await orderConfirmations(members);
  // The first ones are those from which it is learned what all have in common.
  await send(order, mails - measured);
  const before = await bytes();
  await send(order, measured);
  bytesAMail = ((await bytes()) - before) / measured;
}, 120_000);
afterAll(() => world.close());

/** How a message is stored, by a reader of bytes: no text of these in its row, however that is read. */
async function stored(id: string) {
  const { rows } = await pool.query<{ data: number; decision: number; row: string }>(
    `select coalesce(octet_length(packed_data), 0) as data, coalesce(octet_length(packed_decision), 0) as decision,
       to_jsonb(m)::text as row from messages m where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`there is no message ${id}`);
  return row;
}

const idOf = (memberId: string): string => {
  for (const [id, { to }] of asked) if ('memberId' in to && to.memberId === memberId) return id;
  throw new Error(`there is no message to ${memberId}`);
};

it('a mail needs 1.8 kB at most: its row, all indexes, its key', async () => {
  const { rows } = await pool.query<{ n: number; packed: number; sent: number }>(
    `select count(*)::int as n, count(packed_data)::int as packed, (count(*) filter (where state = 'sent'))::int as sent from messages`,
  );
  expect(rows[0]?.n).toBe(mails);
  expect(rows[0]?.sent).toBeGreaterThan(0.8 * mails);
  expect(rows[0]?.packed).toBe(rows[0]?.sent);
  expect(bytesAMail).toBeLessThan(1_800);
  expect(bytesAMail).toBeGreaterThan(500);
});

it('is shown as it was asked for and decided, one by one, in lists and in a member’s export', async () => {
  let [looked, offers] = [0, 0];
  for (const [id, request] of asked) {
    if (looked >= 200) break;
    const record = await findMessage(pool, tenant, id);
    if (record?.state !== 'sent') continue;
    const message = await readMessage(pool, tenant, id);
    // Its schema fills in what was left out.
    expect(message?.data).toMatchObject(request.data ?? {});
    expect(record.decision).toMatchObject({ kind: 'send', reason: 'allowed' });
    expect(record.decision?.blocks.length).toBeGreaterThan(2);
    offers += record.decision?.offers.length ?? 0;
    looked += 1;
  }
  expect(looked).toBe(200);
  expect(offers).toBeGreaterThan(1_000);
  const listed = await listMessages(pool, tenant, { limit: 50 });
  for (const { id, decision } of listed)
    expect(decision).toEqual((await findMessage(pool, tenant, id))?.decision);
  expect(listed[0]).not.toHaveProperty('packedDecision');

  const memberId = 'noah-reyes';
  const { messages } = await transaction(pool, (db) =>
    exportMember(db, tenant, memberId, [memberId], new Date()),
  );
  expect(messages.length).toBeGreaterThan(5);
  for (const exported of messages) {
    const id = String(exported['id']);
    expect(exported['data']).toEqual((await readMessage(pool, tenant, id))?.data);
    expect(exported['decision']).toEqual((await findMessage(pool, tenant, id))?.decision);
    expect(Object.keys(exported).filter((name) => name.includes('packed'))).toEqual([]);
  }
});

const retain = (dataDays: number, decisionDays: number) =>
  retainOnce(
    <Result>(work: (db: Db) => Promise<Result>) => transaction(pool, work),
    { dataDays, decisionDays, messageDays: 0, audienceDays: 0, auditDays: 0 },
    new Date(Date.now() + 100 * 86_400_000),
  );

describe('what is old or forgotten', () => {
  it('of a member who is erased, nothing is left packed', async () => {
    const id = idOf('noah-reyes');
    expect(await stored(id)).toMatchObject({ data: expect.any(Number) });
    expect((await stored(id)).decision).toBeGreaterThan(100);
    await transaction(pool, (db) =>
      forgetMessages(db, tenant, 'noah-reyes', ['noah.reyes@mail.example']),
    );
    const { data, decision, row } = await stored(id);
    expect({ data, decision }).toEqual({ data: 0, decision: 0 });
    expect(row).not.toContain('noah');
    expect((await findMessage(pool, tenant, id))?.decision).toBe(null);
    expect((await readMessage(pool, tenant, id))?.data).toEqual({});
  });

  it('nor where a process of the release before erases, which doesn’t know of it', async () => {
    const id = idOf('june-abbott');
    await pool.query(
      `update messages m set member_id = null, data = '{}', about = '{}', sent_to = null, response = null, decision = null,
         decided = null, emptied_at = now() where id = $1`,
      [id],
    );
    expect(await stored(id)).toMatchObject({ data: 0, decision: 0 });
  });

  it('the data goes first, the decision later', async () => {
    const id = idOf('ida-novak');
    const before = await findMessage(pool, tenant, id);
    while ((await retain(90, 400)).get('data of weeks') === 1_000);
    expect((await stored(id)).data).toBe(0);
    expect((await findMessage(pool, tenant, id))?.decision).toEqual(before?.decision);
    expect((await readMessage(pool, tenant, id))?.data).toEqual({});
    while ((await retain(80, 90)).get('decisions of weeks') === 1_000);
    expect(await stored(id)).toMatchObject({ data: 0, decision: 0 });
    expect((await findMessage(pool, tenant, id))?.decision).toBe(null);
    const { rows } = await pool.query(
      'select from messages where packed_data is not null or packed_decision is not null',
    );
    expect(rows).toEqual([]);
  });
});
