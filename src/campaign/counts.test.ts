import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeEach, expect, it } from 'vitest';

import { freshDatabase } from '../../test/database.ts';
import { sentEnding } from '../../test/message-rows.ts';
import { claimMessages, type Ending, finishClaims, recoverClaims } from '../delivery/claims.ts';
import { requeueMessage } from '../message/messages.ts';
import { transaction } from '../postgres/pool.ts';
import { changeCampaign, takeBackCancelled } from './campaigns.ts';
import { campaignCounts, foldCampaignMoves } from './counts.ts';
import { pilotFigures } from './pilot.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());
const afresh = () => pool.query('truncate messages, campaigns cascade');
beforeEach(afresh);

const fold = () => transaction(pool, foldCampaignMoves);

async function campaigns(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await pool.query(
    `insert into campaigns (id, tenant, brand, template, parameters, state)
     select id, 'main', 'juniper', 'early-access', '{}', 'done' from unnest($1::uuid[]) as id`,
    [ids],
  );
  return ids;
}

const insert = (campaign: string | null, messages: number, state: string, reason: string | null) =>
  pool.query(
    `insert into messages_open (id, tenant, request_hash, lane, template, brand, member_id, data, campaign_id, state, reason, next_at, finished_at)
     select gen_random_uuid(), 'main', '', case when $1::uuid is null then 'transactional' else 'campaign' end, 'early-access', 'juniper', 'm-' || n, '{}', $1, $3, $4, now(),
       case when $3 = 'suppressed' then now() end
     from generate_series(1, $2) n`,
    [campaign, messages, state, reason],
  );

/** What a person would count. */
async function counted(campaign: string) {
  const { rows } = await pool.query<{ state: string; reason: string | null; count: number }>(
    `select state, case when state not in ('sent', 'queued', 'sending') then reason end as reason, count(*)::int as count
     from messages where campaign_id = $1 group by 1, 2`,
    [campaign],
  );
  return inOrder(rows);
}
const inOrder = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).toSorted();

const pick = async (where: string, limit: number) => {
  const { rows } = await pool.query<{ id: string; token: string }>(
    `select id, token from messages where ${where} order by md5(id::text) limit $1`,
    [limit],
  );
  return rows;
};

const endings = [
  ['sent', null],
  ['suppressed', 'no-consent'],
  ['suppressed', 'frequency-capped'],
  ['failed', 'smtp-550'],
  ['quarantined', 'unknown-outcome'],
  ['queued', 'smtp-451'],
  ['held', 'template-paused'],
  ['held', 'quiet-hours'],
] as const satisfies readonly (readonly [Ending['state'], string | null])[];

function endingOf(claim: { message: { id: string }; token: string }, n: number): Ending {
  const [state, reason] = endings[n % endings.length] ?? ['sent', null];
  return {
    ...sentEnding({ id: claim.message.id, token: claim.token }),
    state,
    reason,
    delayMs: 0,
  };
}

type Step = (campaigns: readonly string[]) => Promise<unknown>;
const steps: Readonly<Record<string, (n: number) => Step>> = {
  insert:
    (n) =>
    ([one = '', other = '']) =>
      insert([one, other, null][n % 3] ?? null, 1 + (n % 7), 'queued', null),
  passOver:
    (n) =>
    ([one = '']) =>
      insert(one, 1 + (n % 3), 'suppressed', n % 2 === 0 ? 'holdout' : 'control-group'),
  claim: (n) => async () => {
    const found = await pick(`state in ('queued', 'held')`, 1 + (n % 9));
    await pool.query('update messages_open set next_at = now() where id = any($1)', [
      found.map(({ id }) => id),
    ]);
    await claimMessages(
      pool,
      found.map(({ id }) => id),
      15,
    );
  },
  finish: (n) => async () => {
    const found = await pick(`state = 'sending'`, 1 + (n % 9));
    await finishClaims(
      pool,
      found.map((one, index) => endingOf({ message: one, token: one.token }, n + index)),
    );
  },
  lose: (n) => async () => {
    await pool.query(
      `update messages_open set lease_until = now() - interval '1 s' where state = 'sending'`,
    );
    await recoverClaims(pool, n % 2 === 0 ? ['early-access'] : []);
  },
  requeue: (n) => async () => {
    for (const { id } of await pick(`state in ('failed', 'quarantined')`, 1 + (n % 5)))
      await requeueMessage(pool, 'main', id);
  },
  cancel:
    (n) =>
    async ([one = '', other = '']) => {
      await changeCampaign(pool, 'main', n % 2 === 0 ? one : other, 'cancelled');
      await takeBackCancelled(pool);
      await pool.query(`update campaigns set state = 'done'`);
    },
  file: () => () =>
    pool.query(
      `update messages set filed_at = now() where filed_at is null and state in ('sent', 'suppressed', 'cancelled')`,
    ),
  giveUp: (n) => () => abandoned((client) => client.query('rollback'), n),
  // As when its process is killed.
  die: (n) => () =>
    abandoned(
      (client) => client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => null),
      n,
    ),
  fold: () => fold,
  foldTwice: () => () => Promise.all([fold(), fold()]),
};

/** A transaction that moves messages and adds up, and is never committed. */
async function abandoned(end: (client: PoolClient) => Promise<unknown>, n: number) {
  const client = await pool.connect();
  client.on('error', () => undefined);
  try {
    await client.query('begin');
    await client.query(
      `update messages_open set state = 'failed', reason = 'given-up', finished_at = now()
        where id in (select id from messages_open order by md5(id::text) limit $1)`,
      [1 + (n % 9)],
    );
    await foldCampaignMoves(client);
    await end(client);
  } finally {
    client.release(true);
  }
}

const names = Object.keys(steps);
const numbers = fc.nat({ max: 1_000 });
const history = fc
  .tuple(
    numbers,
    fc.array(fc.tuple(fc.constantFrom(...names), numbers), { minLength: 5, maxLength: 40 }),
  )
  .map(([n, others]): [string, number][] => [
    ['insert', 6],
    ['claim', 8],
    ['finish', n],
    ...others,
  ]);
const stepOf = ([name, n]: readonly [string, number]): Step => {
  const step = steps[name];
  if (!step) throw new RangeError(name);
  return step(n);
};

it('is what a person would count, whatever happens to messages and processes', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(history, async (taken) => {
      await afresh();
      const ids = await campaigns(2);
      for (const [index, one] of taken.entries()) {
        await stepOf(one)(ids);
        seen.add(one[0]);
        if (index % 3 !== 2 && index < taken.length - 1) continue;
        for (const id of ids) {
          const counts = await campaignCounts(pool, id);
          expect(inOrder(counts)).toEqual(await counted(id));
          for (const { state } of counts) seen.add(state);
        }
      }
      // Added up, nothing is left, and nothing is another.
      while (await fold());
      expect((await pool.query('select from campaign_moves')).rowCount).toBe(0);
      for (const id of ids)
        expect(inOrder(await campaignCounts(pool, id))).toEqual(await counted(id));
    }),
    { numRuns: 40 },
  );
  const states = ['queued', 'sending', 'held', 'sent', 'suppressed', 'failed', 'quarantined'];
  expect([...seen].toSorted()).toEqual(expect.arrayContaining([...names, ...states, 'cancelled']));
}, 240_000);

it('is right while many move messages and several add up at once', async () => {
  const ids = await campaigns(2);
  for (const id of ids) await insert(id, 300, 'queued', null);
  const stop = new AbortController();
  const folding = [0, 1].map(async () => {
    while (!stop.signal.aborted) await fold();
  });
  const reading = (async () => {
    let readings = 0;
    for (; !stop.signal.aborted; readings += 1)
      for (const id of ids) {
        const counts = await campaignCounts(pool, id);
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(300);
        expect(counts.every(({ count }) => count > 0)).toBe(true);
      }
    return readings;
  })();
  await Promise.all(
    Array.from({ length: 4 }, async (_, worker) => {
      for (let round = 0; round < 40; round += 1) {
        // Two workers never get a job for the same message.
        const own = `hashtext(id::text) & 3 = ${worker}`;
        const found = await pick(`state in ('queued', 'held') and ${own}`, 1 + (round % 9));
        const claims = await claimMessages(
          pool,
          found.map(({ id }) => id),
          15,
        );
        // Only what it holds itself.
        await finishClaims(
          pool,
          claims.flatMap((claim, index) => (claim ? [endingOf(claim, round + index)] : [])),
        );
      }
    }),
  );
  stop.abort();
  await Promise.all(folding);
  expect(await reading).toBeGreaterThan(5);
  for (const id of ids) expect(inOrder(await campaignCounts(pool, id))).toEqual(await counted(id));
}, 120_000);

it('finds out what campaigns had before there were counts, while their messages move on', async () => {
  const file = '../postgres/migrations/215-count-campaigns.steps.sql';
  const sql = await readFile(join(import.meta.dirname, file), 'utf8');
  const ids = await campaigns(3);
  for (const id of ids) await insert(id, 200, 'queued', null);
  await insert(ids[0] ?? '', 50, 'suppressed', 'holdout');
  for (let n = 0; n < 20; n += 1)
    for (const name of ['claim', 'finish']) await stepOf([name, n])(ids);
  await pool.query(`delete from migration_steps where name = 'campaign-counts'`);
  await pool.query('delete from campaign_counts');
  await pool.query('delete from campaign_moves');
  let taken = 0;
  await Promise.all([
    (async () => {
      while (
        await transaction(pool, async (db) => {
          await db.query('set local search_path to laurel, public');
          return (await db.query(sql)).rowCount;
        })
      )
        taken += 1;
    })(),
    (async () => {
      for (let n = 0; n < 20; n += 1) {
        for (const name of ['claim', 'finish']) await stepOf([name, n])(ids);
        await fold();
      }
    })(),
  ]);
  expect(taken).toBe(3);
  for (const id of ids) expect(inOrder(await campaignCounts(pool, id))).toEqual(await counted(id));
});

it('looks at no message but those in hand, however many there are', async () => {
  const [id = ''] = await campaigns(1);
  await insert(id, 20_000, 'queued', null);
  while (await fold());
  await pool.query('vacuum analyze messages_open, campaign_moves, campaign_counts');
  await stepOf(['claim', 8])([id]);
  const before = await reads();
  expect(await campaignCounts(pool, id)).toEqual([
    { state: 'queued', reason: null, count: 19_991 },
    { state: 'sending', reason: null, count: 9 },
  ]);
  expect((await reads()) - before).toBeLessThan(100);
});

/** Rows of messages that were read so far, by whatever way. */
async function reads(): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ n: number }>(
    `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_user_tables where relname = 'messages_open'`,
  );
  return rows[0]?.n ?? 0;
}

it('tells a pilot’s figures by what is counted', async () => {
  const [id = '', other = ''] = await campaigns(2);
  await insert(id, 40, 'queued', null);
  await insert(other, 5, 'queued', null);
  for (let n = 0; n < 30; n += 1)
    for (const name of ['claim', 'finish']) await stepOf([name, n])([id]);
  const { rows } = await pool.query<{ mails: number; failures: number }>(
    `select count(*) filter (where state in ('sent', 'failed', 'quarantined'))::int as mails,
       count(*) filter (where state in ('failed', 'quarantined'))::int as failures
     from messages where campaign_id = $1`,
    [id],
  );
  expect(rows[0]?.failures).toBeGreaterThan(0);
  expect(await pilotFigures(pool, 'main', id)).toEqual({
    ...rows[0],
    complaints: 0,
    unsubscribes: 0,
  });
});
