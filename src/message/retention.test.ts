import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { freshDatabase } from '../../test/database.ts';
import { newMessage } from '../../test/message-rows.ts';
import { transaction } from '../postgres/pool.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';
import { fileName } from '../transports/outbox.ts';
import { requeueMessage } from './messages.ts';
import { insertMessages } from './new-messages.ts';
import { emptiedAmong, isFull, retainOnce, type Retention } from './retention.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());

const now = new Date('2026-06-01T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const retention: Retention = {
  dataDays: 90,
  decisionDays: 400,
  messageDays: 0,
  audienceDays: 90,
  auditDays: 400,
};
const retain = (changes: Partial<Retention> = {}) =>
  retainOnce((work) => transaction(pool, work), { ...retention, ...changes }, now);

/** Messages that ended so many days ago; null: still waiting. */
async function messages(state: string, finished: readonly (number | null)[]): Promise<string[]> {
  const ids = finished.map(() => randomUUID());
  await insertMessages(
    pool,
    ids.map((id) => newMessage({ id })),
  );
  await pool.query(
    `update messages m set state = case when days is null then 'queued' else $3 end, sent_to = email, decision = '{}',
            finished_at = $4::timestamptz - days * interval '1 day'
       from unnest($1::uuid[], $2::int[]) as t (id, days) where m.id = t.id`,
    [ids, finished, state, now],
  );
  return ids;
}

const left = async (ids: readonly string[]) => {
  const { rows } = await pool.query<{ left: string }>(
    `select concat_ws(' ', idempotency_key is not null, data <> '{}', name, email, member_id, decision) as left
       from messages where id = any($1) order by array_position($1, id)`,
    [ids],
  );
  return rows.map((row) => row.left);
};

it('empties what is old: first what it was made from, then whom it went to and why; never its key', async () => {
  const ids = await messages('sent', [1, 91, 401, null]);
  await retain();
  expect(await left(ids)).toEqual([
    't t Ana ana@mail.example ana {}',
    't f ana@mail.example ana {}',
    't f',
    't t Ana ana@mail.example ana {}',
  ]);
});

it('goes on with what ended later, in batches, and for ever means for ever', async () => {
  const many = await messages(
    'suppressed',
    Array.from({ length: 1_200 }, () => 95),
  );
  // The cursor is past this time already for messages of another test; these came at the very same instant.
  await pool.query('truncate retention_progress');
  const first = await retain();
  expect(isFull(first)).toBe(true);
  expect(isFull(await retain())).toBe(false);
  expect(new Set(await left(many))).toEqual(new Set(['t f ana@mail.example ana {}']));
  const kept = await messages('sent', [4_000]);
  await pool.query('truncate retention_progress');
  await retain({ dataDays: 0, decisionDays: 0 });
  expect(await left(kept)).toEqual(['t t Ana ana@mail.example ana {}']);
});

it('an emptied message is not put back in line', async () => {
  const [id = ''] = await messages('failed', [500]);
  await pool.query('truncate retention_progress');
  expect(await requeueMessage(pool, 'main', id)).toBe(true);
  await pool.query(`update messages set state = 'failed', finished_at = $2 where id = $1`, [
    id,
    daysAgo(500),
  ]);
  await retain();
  expect(await requeueMessage(pool, 'main', id)).toBe(false);
});

it('forgets audiences of campaigns that are over, and who looked at whom', async () => {
  const campaign = randomUUID();
  await pool.query(
    `with c as (insert into campaigns (id, tenant, brand, template, parameters, state, finished_at)
       values ($1, 'main', 'juniper', 'year-in-review', '{}', 'done', $2)),
     l as (insert into member_audit (tenant, actor, action, member_id, at)
       values ('main', 'cli', 'view', 'ana', $4), ('main', 'cli', 'view', 'ana', $3)) select`,
    [campaign, daysAgo(91), daysAgo(89), daysAgo(401)],
  );
  await pool.query(
    `insert into campaign_audience (campaign_id, position, member_id) values ($1, 1, 'ana')`,
    [campaign],
  );
  const removed = await retain();
  expect(Object.fromEntries(removed)).toMatchObject({ audiences: 1, audit: 1 });
});

it('one process at a time', async () => {
  const other = await pool.connect();
  try {
    await other.query('begin');
    await other.query('select pg_advisory_xact_lock(7267838)');
    await messages('sent', [92]);
    expect([...(await retain()).values()].every((count) => count === 0)).toBe(true);
  } finally {
    await other.query('rollback');
    other.release();
  }
});

it('removes old mails from an outbox folder, and those of emptied messages', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-sweep-'));
  try {
    expect(await sweepOutbox(join(folder, 'nowhere'), daysAgo(30), async () => new Set())).toBe(0);
    await mkdir(folder, { recursive: true });
    const ids = await messages('sent', [1, 401, 2]);
    await pool.query('truncate retention_progress');
    await retain();
    const names = ids.map(fileName);
    for (const name of [...names, 'notes.txt']) await writeFile(join(folder, name), 'x');
    await utimes(join(folder, names[0] ?? ''), daysAgo(31), daysAgo(31));
    await utimes(join(folder, 'notes.txt'), daysAgo(99), daysAgo(99));
    await utimes(join(folder, names[2] ?? ''), daysAgo(3), daysAgo(3));
    expect(await sweepOutbox(folder, daysAgo(30), (some) => emptiedAmong(pool, some))).toBe(2);
    expect(new Set(await readdir(folder))).toEqual(new Set([names[2], 'notes.txt']));
  } finally {
    await rm(folder, { recursive: true });
  }
});
