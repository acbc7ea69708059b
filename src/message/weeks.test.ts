import { randomUUID } from 'node:crypto';

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { newMessage, sentEnding } from '../../test/message-rows.ts';
import { claimMessages, finishClaims, renewLeases } from '../delivery/claims.ts';
import { retried } from '../ledger/apply.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { cancelMessage, findMessage } from './messages.ts';
import { insertEach, insertMessages } from './new-messages.ts';
import { isFull, retainOnce, type Retention } from './retention.ts';
import { filedSince } from './rows/filed-since.ts';
import { forgetMessages } from './rows/forget.ts';
import { lookingAgain } from './rows/moved.ts';
import { readMessage } from './rows/stored-message.ts';
import { fileFinished, keepWeeks, retainWeeks } from './weeks.ts';

let database: FreshDatabase;
beforeAll(async () => void (database = await freshDatabase()));
afterAll(() => database.close());

const inTransaction = <T>(work: (db: Db) => Promise<T>) => transaction(database.pool, work);
const dayMs = 86_400_000;

/** Where they lie, and what is left of them. */
async function lie(ids: readonly string[]): Promise<(string | undefined)[]> {
  const { rows } = await database.pool.query<{ id: string; lies: string }>(
    `select id, case when tableoid = 'laurel.messages_open'::regclass then 'open' else 'week' end
        || case when data = '{}' then ' empty' else '' end as lies from laurel.messages where id = any($1)`,
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.id === id)?.lies);
}

/** Messages that ended so many days ago as one of before there were weeks: with what waits. */
async function ended(state: string, days: readonly number[]): Promise<string[]> {
  const rows = days.map(() => newMessage());
  await insertMessages(database.pool, rows);
  const ids = rows.map(({ id }) => id);
  await database.pool.query(
    `update laurel.messages_open m set state = $3, finished_at = now() - days * interval '1 day', accepted_at = now() - days * interval '1 day', next_at = now() - interval '500 days',
         decision = '{}', reason = 'why'
       from unnest($1::uuid[], $2::float8[]) as t (id, days) where m.id = t.id`,
    [ids, days, state],
  );
  return ids;
}

const kept: Retention = {
  dataDays: 90,
  decisionDays: 400,
  messageDays: 0,
  audienceDays: 90,
  auditDays: 400,
};

/** A round of retention, as a worker's: everything that is due, so many days from now. */
async function retain(changes: Partial<Retention> = {}, inDays = 0) {
  const now = new Date(Date.now() + inDays * dayMs);
  const retention = { ...kept, ...changes };
  await keepWeeks(inTransaction);
  while (isFull(await retainOnce(inTransaction, retention, now)));
  await fileFinished(inTransaction, retention, now, new AbortController().signal);
  return retainWeeks(inTransaction, retention, now);
}

const fileAll = () => retain({ dataDays: 0, decisionDays: 0 });

async function finish(id: string, state: 'sent' | 'failed' | 'held', at = new Date()) {
  const [claim] = await claimMessages(database.pool, [id], 60);
  expect(claim).toBeTruthy();
  const ending = { ...sentEnding({ id, token: claim?.token ?? '' }), state, at };
  const [mine] = await finishClaims(database.pool, [ending]);
  expect(mine).toBe(true);
}

it('what is sent lies in its week, what may be put back in line with what waits; a claim touches no index', async () => {
  const rows = [newMessage(), newMessage(), newMessage()];
  await insertMessages(database.pool, rows);
  const [sent = '', failed = '', held = ''] = rows.map(({ id }) => id);
  await finish(sent, 'sent');
  await finish(failed, 'failed');
  await finish(held, 'held');
  expect(await lie([sent, failed, held])).toEqual(['week', 'open', 'open']);
  expect(await findMessage(database.pool, 'main', sent)).toMatchObject({
    state: 'sent',
    response: '250 ok',
  });
});

it('whoever is told of messages is told of each change once, also where a message is filed with it', async () => {
  const types = ['accepted', 'sent', 'failed', 'cancelled'].map((end) => `message.${end}`);
  const listen = (endpoints: readonly object[]) =>
    database.pool.query('select laurel.set_webhook_endpoints($1)', [JSON.stringify(endpoints)]);
  await listen([{ tenant: 'main', name: 'shop', types }]);
  const rows = [newMessage(), newMessage(), newMessage()];
  await insertMessages(database.pool, rows);
  const [sent = '', failed = '', cancelled = ''] = rows.map(({ id }) => id);
  await finish(sent, 'sent');
  await finish(failed, 'failed');
  await cancelMessage(database.pool, 'main', cancelled);
  await fileAll();
  expect(await lie([sent, failed, cancelled])).toEqual(['week', 'open', 'week']);
  const told = await database.pool.query<{ told: string }>(
    `select string_agg(type, ' ' order by id) as told from laurel.webhook_deliveries
      where subject = any($1) group by subject order by array_position($1, subject)`,
    [rows.map(({ id }) => `message:${id}`)],
  );
  expect(told.rows.map((row) => row.told)).toEqual(
    ['sent', 'failed', 'cancelled'].map((end) => `message.accepted message.${end}`),
  );
  await listen([]);
  await database.pool.query('truncate laurel.webhook_deliveries');
  // A week made while nobody listens tells nobody either.
  await ended('sent', [70]);
  await fileAll();
  const { rows: on } = await database.pool.query(
    `select from pg_trigger where tgname like 'webhooks\\_%' and tgenabled <> 'D'`,
  );
  expect(on).toEqual([]);
});

it('a repeated request meets its message, also when that is long gone', async () => {
  const first = newMessage();
  const again = { ...first, id: randomUUID() };
  await insertMessages(database.pool, [first]);
  await finish(first.id, 'sent');
  expect(await insertEach(database.pool, [again])).toEqual([{ id: first.id, created: false }]);
  await database.pool.query('delete from laurel.messages where id = $1', [first.id]);
  expect(await insertEach(database.pool, [again])).toEqual([{ id: first.id, created: false }]);
  expect(await insertEach(database.pool, [{ ...again, requestHash: 'other' }])).toMatchObject([
    { name: 'IdempotencyConflict' },
  ]);
});

it('files what was there before, week by week and without a gap, and leaves what may be put back in line', async () => {
  const old = await ended('sent', [3, 10, 40, 200, 399, 450]);
  const others = await ended('failed', [10, 200]);
  expect(new Set(await lie(old))).toEqual(new Set(['open']));
  await fileAll();
  expect(new Set(await lie(old))).toEqual(new Set(['week']));
  expect(new Set(await lie(others))).toEqual(new Set(['open']));
  const { rows } = await database.pool.query<{ gaps: number; weeks: number }>(
    `select count(*)::int as weeks, count(*) filter (where before is not null and week - before <> interval '7 days')::int as gaps
       from (select week, lag(week) over (order by week) as before from laurel.message_weeks) as w`,
  );
  expect(rows[0]?.gaps).toBe(0);
  expect(rows[0]?.weeks).toBeGreaterThan(57);
  expect(await keepWeeks(inTransaction)).toBe(0);
});

/** What is left of each message: `id` what stays for ever, `why` its decision, `data` what it was made from. */
async function left(ids: readonly string[]): Promise<(string | undefined)[]> {
  const { rows } = await database.pool.query<{ id: string; left: string }>(
    `select id, concat_ws(' ', case when idempotency_key is not null and template = 'order-confirmation' and reason = 'why'
        and state <> 'queued' and accepted_at is not null and finished_at is not null then 'id' end,
        case when decision is not null and member_id is not null and email is not null then 'why' end,
        case when data <> '{}' and name is not null then 'data' end) as left from laurel.messages where id = any($1)`,
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.id === id)?.left);
}

it('keeps and removes to the day what retention promises, in whichever week and table a message lies', async () => {
  const ages = Array.from({ length: 40 }, (_, n) => (n * 430) / 39 + 0.01);
  const made = await Promise.all(
    ['sent', 'suppressed', 'cancelled', 'failed', 'quarantined'].map((state) => ended(state, ages)),
  );
  const seen = new Map<string, number>();
  let rewritten = 0;
  let inWeeks = 0;
  // What is old already is emptied before it is filed, what is filed is emptied when it gets old.
  for (const inDays of [0, 3.5, 100, 400]) {
    rewritten += (await retain({}, inDays)).get('weeks written anew') ?? 0;
    for (const ids of made) {
      inWeeks += (await lie(ids)).filter((where) => where?.startsWith('week')).length;
      for (const [index, found] of (await left(ids)).entries()) {
        const age = (ages[index] ?? 0) + inDays;
        const promised = age > 400 ? 'id' : age > 90 ? 'id why' : 'id why data';
        expect(found, `${age} days old`).toBe(promised);
        seen.set(promised, (seen.get(promised) ?? 0) + 1);
      }
    }
  }
  expect(Math.min(...seen.values())).toBeGreaterThan(50);
  expect(inWeeks).toBeGreaterThan(400);
  expect(rewritten).toBeGreaterThan(10);
  const { rows } = await database.pool.query(
    `select from laurel.messages m where filed_at is not null and filed_at <> greatest(finished_at, accepted_at)`,
  );
  expect(rows).toEqual([]);
});

it('a week is written anew once for what it was emptied of, and holds the same', async () => {
  const ids = await ended('sent', [120, 121, 122]);
  await fileAll();
  await database.pool.query(`update laurel.message_weeks set written_at = week`);
  await database.pool.query('truncate laurel.retention_progress');
  const sums = () =>
    database.pool.query(
      `select id, to_jsonb(m) as row from laurel.messages m where id = any($1) order by id`,
      [ids],
    );
  while (isFull(await retainOnce(inTransaction, kept, new Date())));
  const before = (await sums()).rows;
  expect(
    (await retainWeeks(inTransaction, kept, new Date())).get('weeks written anew'),
  ).toBeGreaterThan(40);
  expect((await sums()).rows).toEqual(before);
  expect((await retainWeeks(inTransaction, kept, new Date())).get('weeks written anew')).toBe(0);
});

it('drops a week only when all of it is older than everything that is kept, and where that is wanted', async () => {
  await database.pool.query('truncate laurel.retention_progress');
  const ids = await ended('sent', [500, 520]);
  await retain();
  expect(await left(ids)).toEqual(['id', 'id']);
  // As long as decisions are kept, their messages are.
  await retain({ messageDays: 30, decisionDays: 510 });
  expect((await left(ids))[0]).toBe('id');
  await retain({ messageDays: 30, decisionDays: 0 });
  expect((await left(ids))[0]).toBe('id');
  await retain({ messageDays: 490, decisionDays: 90 });
  expect((await left(ids))[1]).toBe(undefined);
  const { rows } = await database.pool.query<{ gone: number; early: number }>(
    `select count(*) filter (where finished_at < now() - interval '497 days')::int as gone,
       (select count(*)::int from laurel.message_weeks where week + interval '7 days' <= now() - interval '490 days') as early
       from laurel.messages`,
  );
  expect(rows).toEqual([{ gone: 0, early: 0 }]);
  const again = await insertEach(database.pool, [newMessage({ idempotencyKey: `key-${ids[1]}` })]);
  expect(again).toEqual([{ id: ids[1], created: false }]);
});

it('what another process holds for long is left for another time, and keeps nothing else', async () => {
  await database.pool.query(`update laurel.message_weeks set written_at = week`);
  const [id = ''] = await ended('failed', [95]);
  await database.pool.query('truncate laurel.retention_progress');
  const client = await database.pool.connect();
  try {
    await client.query('begin; lock table laurel.messages in access share mode');
    expect((await retain({ dataDays: 94 })).get('weeks written anew')).toBe(0);
    expect(await left([id])).toEqual(['id why']);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

it('a look-up by id asks the weeks since it was made', async () => {
  await ended('sent', [380]);
  await fileAll();
  const weeks = async (id: string) => {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, costs off, timing off, summary off) select from laurel.messages m where id = '${id}' and ${filedSince(`'${id}'`)}`,
    );
    return rows.filter((row) => row['QUERY PLAN'].includes(' messages_2')).length;
  };
  expect(await weeks(uuidv7())).toBeLessThan(12);
  expect(await weeks(uuidv7({ msecs: Date.now() - 200 * dayMs }))).toBeLessThan(42);
  expect(await weeks(randomUUID())).toBeGreaterThan(60);
  const sent = newMessage({ id: uuidv7() });
  await insertMessages(database.pool, [sent]);
  await finish(sent.id, 'sent');
  expect(await findMessage(database.pool, 'main', sent.id)).toMatchObject({ state: 'sent' });
});

it('forgets whoever is erased wherever it lies, and the keys with it', async () => {
  const rows = [
    newMessage({ memberId: 'eve' }),
    newMessage({ memberId: 'eve' }),
    newMessage({ memberId: null, email: 'eve@mail.example' }),
  ];
  await insertMessages(database.pool, rows);
  const [sent = '', waiting = '', addressed = ''] = rows.map(({ id }) => id);
  await finish(sent, 'sent');
  await finish(addressed, 'sent');
  await inTransaction((db) => forgetMessages(db, 'main', 'eve', ['eve@mail.example']));
  expect(await lie([sent, waiting, addressed])).toEqual(['week empty', 'open empty', 'week empty']);
  const { rowCount } = await database.pool.query(
    'select from laurel.message_keys where message_id = any($1)',
    [[sent, waiting, addressed]],
  );
  expect(rowCount).toBe(0);
  await fileAll();
  expect(await lie([waiting])).toEqual(['week empty']);
});

it('whoever waits for a message that is filed meanwhile looks again', async () => {
  const one = newMessage({ memberId: 'ivy' });
  await insertMessages(database.pool, [one]);
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(
      `update laurel.messages set state = 'sent', finished_at = now(), filed_at = now() where id = $1 and filed_at is null`,
      [one.id],
    );
    const waiting = [
      cancelMessage(database.pool, 'main', one.id),
      claimMessages(database.pool, [one.id], 60),
      // As the ledger forgets: all of it is done again.
      retried(() => inTransaction((db) => forgetMessages(db, 'main', one.memberId ?? '', []))),
    ] as const;
    const wait = async (): Promise<void> => {
      const { rows } = await database.pool.query<{ blocked: number }>(
        `select count(*)::int as blocked from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`,
      );
      if ((rows[0]?.blocked ?? 0) < waiting.length) return wait();
    };
    await wait();
    await client.query('commit');
    expect(await Promise.all(waiting)).toEqual([false, [null], undefined]);
    expect(await lie([one.id])).toEqual(['week empty']);
  } finally {
    client.release();
  }
});

it('looks again a bounded number of times', async () => {
  const moved = Object.assign(
    new Error('tuple to be locked was already moved to another partition'),
    {
      code: '40001',
    },
  );
  let looks = 0;
  await expect(
    lookingAgain(() => {
      looks += 1;
      return Promise.reject(moved);
    }),
  ).rejects.toBe(moved);
  expect(looks).toBe(10);
});

it('is found whatever clock ended it: none is filed before it was accepted', async () => {
  // There are weeks from before.
  await ended('sent', [20]);
  await fileAll();
  const id = uuidv7();
  await insertMessages(database.pool, [newMessage({ id })]);
  await finish(id, 'sent', new Date(Date.now() - 10 * dayMs));
  expect(await readMessage(database.pool, 'main', id)).toMatchObject({ id });
});

it('leases are renewed of what is in hand while others are being filed', async () => {
  let renewed = 0;
  for (let round = 0; round < 10; round += 1) {
    const rows = Array.from({ length: 300 }, () => newMessage());
    await insertMessages(database.pool, rows);
    const ids = rows.map(({ id }) => id);
    const claims = (await claimMessages(database.pool, ids, 60)).flatMap((claim) => claim ?? []);
    const tokens = claims.map(({ token }) => token);
    const finishing = Array.from({ length: 30 }, (_, nth) =>
      finishClaims(
        database.pool,
        claims
          .slice(nth * 10, (nth + 1) * 10)
          .map(({ token, message: { id } }) => sentEnding({ id, token })),
      ),
    );
    const renewing = Array.from({ length: 20 }, () => renewLeases(database.pool, tokens, 60));
    await Promise.all(finishing);
    for (const mine of await Promise.all(renewing)) renewed += mine.size;
  }
  expect(renewed).toBeGreaterThan(100);
});
