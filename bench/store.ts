import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import { openProducer } from '../queues/producer.ts';
import { once } from '../src/core/once.ts';
import { prepare } from '../src/decision/prepare.ts';
import { type Claim, claimMessages, finishClaims } from '../src/delivery/claims.ts';
import { takeDue } from '../src/delivery/due.ts';
import { findMessage, listMessages } from '../src/message/messages.ts';
import { openPacker } from '../src/message/packing/packer.ts';
import { keepWeeks, retainWeeks } from '../src/message/weeks.ts';
import { type Db, openPool, transaction } from '../src/postgres/pool.ts';
import { templates } from '../templates/index.ts';
import { sentEnding } from '../test/message-rows.ts';
import { atMost, type Findings, short } from './report.ts';
import { type Sample, sampleMail } from './sample.ts';
import { type Services, tenant } from './services.ts';
import { median } from './statistics.ts';

/** Messages measured a round, in groups as workers make them. */
const measured = 500;
const group = 20;
const rounds = 3;
const mostGrowth = 1.3;
/** What was sent before is spread over so many days. */
const days = 399;

const steps = [
  'accept',
  'take',
  'claim',
  'finish',
  'find by id',
  'find by member',
  'newest',
] as const;
/** From accepting to its end. */
const lives = ['accept', 'take', 'claim', 'finish'] as const;
type Step = (typeof steps)[number];
/** Milliseconds and bytes of write-ahead log a message, or a look-up. */
type Figures = Readonly<Record<Step, { readonly ms: number; readonly wal: number }>>;

type Size = {
  readonly size: number;
  readonly figures: Figures;
  readonly storedBytes: number;
  readonly dropMs: number;
};

/** The store beside 10,000 and beside millions of messages that were sent: what a message costs mustn't grow with them. */
export async function measureStore(
  sizes: readonly number[],
  services: Services,
  progress: (line: string) => void,
): Promise<Findings> {
  const database = await services.freshDatabase();
  const pool = openPool(database.url);
  try {
    const sample = await sampleMail('mjml');
    const all: Size[] = [];
    let there = 0;
    for (const size of sizes) {
      await grow(pool, sample, size - there);
      there = size;
      progress(`${size.toLocaleString('en')} messages are there`);
      const runs: Figures[] = [];
      for (let round = 0; round < rounds; round += 1)
        runs.push(await measureRound(pool, sample, services));
      const dropMs = await timed(() => dropOldest(pool));
      all.push({ size, figures: medians(runs), storedBytes: await stored(pool), dropMs });
    }
    return findings(all);
  } finally {
    await pool.end();
    await database.drop();
  }
}

/** Sends some as workers do, and multiplies them. */
async function grow(pool: pg.Pool, sample: Sample, count: number): Promise<void> {
  const ids = await send(pool, sample, 200);
  await makeRoom(pool);
  const kept = await pool.query<{ names: string }>(
    `select string_agg(attname, ', ') as names from pg_attribute where attrelid = 'laurel.messages_open'::regclass
        and attnum > 0 and not attisdropped and attname not in ('id', 'idempotency_key', 'accepted_at', 'finished_at', 'filed_at', 'member_id')`,
  );
  const columns = kept.rows[0]?.names ?? '';
  const chunk = 100_000;
  for (let from = 0; from < count; from += chunk) {
    await pool.query(
      `with made as (
         select *, gen_random_uuid() as new_id, now() - random() * $3 * interval '1 day' as at, 'm-' || (random() * 1e5)::int as new_member
           from laurel.messages cross join generate_series(1, $2::int) where id = any($1)),
       keys as (
         insert into laurel.message_keys (tenant, key, message_id, request_hash)
         select tenant, 'key-' || new_id, new_id, md5(new_id::text) || md5(new_id::text) from made)
       insert into laurel.messages (id, idempotency_key, accepted_at, finished_at, filed_at, member_id, ${columns})
       select new_id, 'key-' || new_id, at, at, at, new_member, ${columns} from made`,
      [ids, Math.ceil(Math.min(chunk, count - from) / ids.length), days],
    );
  }
  await pool.query('vacuum analyze');
}

/** Weeks as far back as the oldest message. */
async function makeRoom(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into laurel.messages_open (id, tenant, request_hash, lane, template, brand, data, state, next_at, finished_at)
     values ($1, $2, '', 'transactional', 'order-confirmation', 'juniper', '{}', 'failed', now(), now() - $3 * interval '1 day')`,
    [randomUUID(), tenant, days + 1],
  );
  await keepWeeks((work) => transaction(pool, work));
}

let accepted = 0;

async function accept(pool: pg.Pool, sample: Sample, count: number): Promise<string[]> {
  const producer = openProducer({ pool, templates, tenant, brands: ['juniper', 'kestrel'] });
  const ids: string[] = [];
  for (let at = 0; at < count; at += group) {
    const orders = Array.from({ length: Math.min(group, count - at) }, () =>
      sample.order((accepted += 1)),
    );
    ids.push(...(await producer.enqueueMany(orders)).map(({ id }) => id));
  }
  return ids;
}

async function send(pool: pg.Pool, sample: Sample, count: number): Promise<string[]> {
  const ids = await accept(pool, sample, count);
  await take(pool);
  await finish(pool, sample, await claim(pool, ids));
  return ids;
}

async function take(pool: pg.Pool): Promise<void> {
  while ((await takeDue(pool, 'transactional', 100)).length > 0);
}

async function claim(pool: pg.Pool, ids: readonly string[]): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (let at = 0; at < ids.length; at += group)
    claims.push(
      ...(await claimMessages(pool, ids.slice(at, at + group), 60)).flatMap((one) => one ?? []),
    );
  return claims;
}

const packerOf = once((pool: pg.Pool) => openPacker(pool));
/** As different as those of several members are. */
const decisionsOf = once(({ message, members, context }: Sample) =>
  members.map((profile) => prepare(message, { kind: 'member', profile }, context).decision),
);

async function finish(pool: pg.Pool, sample: Sample, claims: readonly Claim[]): Promise<void> {
  const decisions = decisionsOf(sample);
  for (let at = 0; at < claims.length; at += group) {
    await finishClaims(
      pool,
      claims.slice(at, at + group).map(({ message, token }, nth) => ({
        ...sentEnding({ id: message.id, token }),
        message,
        response: '250 2.0.0 Ok: queued as 4XyZ1234',
        templateVersion: '0123456789abcdef',
        decision: decisions[(at + nth) % decisions.length] ?? null,
      })),
      packerOf(pool),
    );
  }
}

async function measureRound(pool: pg.Pool, sample: Sample, services: Services): Promise<Figures> {
  const found = async (work: () => Promise<unknown>, wal = services.walBytes) => {
    const before = await wal();
    const ms = await timed(work);
    return { ms: ms / measured, wal: ((await wal()) - before) / measured };
  };
  let ids: string[] = [];
  let claims: Claim[] = [];
  const looked = async (work: (id: string, at: number) => Promise<unknown>) =>
    found(async () => {
      for (const [at, id] of ids.entries()) await work(id, at);
    });
  // What an earlier round left to be written belongs to that round.
  await pool.query('checkpoint');
  return {
    accept: await found(async () => void (ids = await accept(pool, sample, measured))),
    take: await found(() => take(pool)),
    claim: await found(async () => void (claims = await claim(pool, ids))),
    finish: await found(() => finish(pool, sample, claims)),
    'find by id': await looked((id) => findMessage(pool, tenant, id)),
    'find by member': await looked((_, at) =>
      listMessages(pool, tenant, { memberId: `m-${at * 97}`, limit: 20 }),
    ),
    newest: await looked(() => listMessages(pool, tenant, { limit: 20 })),
  };
}

async function dropOldest(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ until: Date }>(
    `select min(week) + interval '7 days' as until from laurel.message_weeks`,
  );
  const until = rows[0]?.until;
  if (!until) throw new Error('there is no week');
  const inTransaction = <T>(work: (db: Db) => Promise<T>) => transaction(pool, work);
  await retainWeeks(
    inTransaction,
    { dataDays: 1, decisionDays: 1, messageDays: 1 },
    new Date(until.getTime() + 86_400_000),
  );
}

/** Bytes a finished message takes: row, indexes and key. */
async function stored(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits
        where inhparent in ('laurel.messages'::regclass, 'laurel.message_keys'::regclass)
          and inhrelid <> 'laurel.messages_open'::regclass)::float8
       / (select count(*) from laurel.messages where filed_at is not null) as bytes`,
  );
  return rows[0]?.bytes ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const eachStep = (of: (step: Step) => { readonly ms: number; readonly wal: number }): Figures => ({
  accept: of('accept'),
  take: of('take'),
  claim: of('claim'),
  finish: of('finish'),
  'find by id': of('find by id'),
  'find by member': of('find by member'),
  newest: of('newest'),
});

const medians = (runs: readonly Figures[]): Figures =>
  eachStep((step) => ({
    ms: median(runs.map((run) => run[step].ms)),
    wal: median(runs.map((run) => run[step].wal)),
  }));

function findings(all: readonly Size[]): Findings {
  const [first] = all;
  const last = all.at(-1);
  const wal = (of: Size | undefined) =>
    of ? lives.reduce((sum, step) => sum + of.figures[step].wal, 0) : Number.NaN;
  return {
    title: 'Store',
    note: `${rounds} rounds of ${measured} messages in groups of ${group} beside so many that were sent in ${days} days; milliseconds a message (bytes of write-ahead log)`,
    table: [
      ['', ...all.map(({ size }) => size.toLocaleString('en')), 'last / first'],
      ...steps.map((step) => [
        step,
        ...all.map(({ figures: { [step]: of } }) => `${short(of.ms)} (${short(of.wal)})`),
        short((last?.figures[step].ms ?? Number.NaN) / (first?.figures[step].ms ?? Number.NaN)),
      ]),
      ['drop a week, in all', ...all.map(({ dropMs }) => short(dropMs)), ''],
      ['bytes stored a message', ...all.map(({ storedBytes }) => short(storedBytes)), ''],
    ],
    targets: [
      ...steps.map((step) =>
        atMost(
          `${step}, last size against first`,
          (last?.figures[step].ms ?? Number.NaN) / (first?.figures[step].ms ?? Number.NaN),
          mostGrowth,
          '×',
        ),
      ),
      atMost('Write-ahead log a message, from accepting to its end', wal(last), 4_500, 'bytes'),
      atMost('Stored a message', last?.storedBytes ?? Number.NaN, 1_800, 'bytes'),
    ],
    figures: all,
  };
}
