import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type pg from 'pg';

import { openQueueBackend } from '../queues/backend.ts';
import { closers } from '../src/app/closers.ts';
import { openTemplates } from '../src/app/templates.ts';
import type { Brand } from '../src/brand/brand.ts';
import { addAudience } from '../src/campaign/audience.ts';
import { changeCampaign, createCampaign } from '../src/campaign/campaigns.ts';
import { fanOutOnce } from '../src/campaign/fan-out.ts';
import { takeDue } from '../src/delivery/due.ts';
import {
  yearFiguresParameters,
  yearFiguresSelect,
  type YearOf,
} from '../src/ledger/figures/year-figures.ts';
import { openPool, transaction } from '../src/postgres/pool.ts';
import { yearInReview } from '../templates/year-in-review/template.ts';
import { atLeast, atMost, type Findings, spread } from './report.ts';
import { openBareQueue } from './runs/bare-queue.ts';
import { type Services, tenant } from './services.ts';
import { type Spread, spreadOf } from './statistics.ts';

const brandId = 'juniper';
const year = 2025;
/** Of so many members one round takes minutes, and differs less from the next. */
const roundsOf = (members: number) => (members < 1_000_000 ? 3 : 1);
const jobChunk = 500;
const bareChunk = 1_000;

/** Campaigns of several sizes, each against a script that does only that, and what they hold in memory against the first. */
export async function* measureFanOuts(
  sizes: readonly number[],
  services: Services,
): AsyncGenerator<Findings> {
  let first: number | undefined;
  for (const members of sizes) {
    const found = await measureFanOut(members, services);
    const { mostBytes } = found.figures;
    first ??= mostBytes;
    const lines = [`While ours ran its process held ${(mostBytes / 1e6).toFixed(0)} MB at most.`];
    const flat = atMost('Held in memory, against the first size', mostBytes / first, 1.3, '×');
    yield { ...found, lines, targets: [...(found.targets ?? []), flat] };
  }
}

/** From a campaign's audience to message rows with frozen figures and their jobs. */
async function measureFanOut(members: number, services: Services) {
  const open = closers();
  try {
    const database = await services.freshDatabase();
    open.add(database.drop);
    const pool = openPool(database.url);
    open.add(() => pool.end());
    const { brands } = await openTemplates();
    const brand = brands.get(brandId)?.brand;
    if (!brand) throw new Error(`there is no brand ${brandId}`);
    await makeMembers(pool, members);

    const { redisUrl } = services;
    const backend = await openQueueBackend({
      ...(redisUrl !== null && { redisUrl }),
      databaseUrl: database.url,
      prefix: `fanout-${process.pid}`,
    });
    open.add(backend.close);
    const bare = await openBareQueue({ redisUrl, databaseUrl: database.url });
    open.add(bare.close);

    const rounds = roundsOf(members);
    const took = { ours: [] as number[], bare: [] as number[], constant: [] as number[] };
    const held = openHeld(members);
    for (let round = 0; round < rounds; round += 1) {
      took.bare.push(await timed(() => bareFanOut(pool, bare.fill, figured(brand))));
      await pool.query('truncate messages');
      const campaignId = await startCampaign(pool);
      const queue = backend.openQueue(`fanout-${round}`);
      const ours = async () => {
        let made = 0;
        do {
          held.look(made);
          made = await fanOutOnce((work) => transaction(pool, work), {
            brandOf: (id) => brands.get(id)?.brand,
            templateOf: () => yearInReview,
            now: () => new Date(),
          });
        } while (made > 0);
        for (;;) {
          const ids = await takeDue(pool, 'campaign', jobChunk);
          if (ids.length === 0) break;
          held.look(ids.length);
          await queue.add(ids);
        }
      };
      await held.settle();
      const lookedMs = held.lookedMs();
      took.ours.push((await timed(ours)) - (held.lookedMs() - lookedMs));
      await queue.close();
      await expectMessages(pool, campaignId, members);
      await pool.query('truncate messages');
      took.constant.push(await timed(() => bareFanOut(pool, bare.fill, constant)));
      await pool.query('truncate messages');
    }
    return findings(
      { members, rounds, mostBytes: held.mostBytes() },
      took,
      redisUrl === null ? 'Postgres' : 'Redis',
    );
  } finally {
    await open.closeAll();
  }
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** What this process still holds once what nobody needs is collected: looked at twenty times on the way, off the clock. */
function openHeld(members: number) {
  let mostBytes = 0;
  let lookedMs = 0;
  let sinceLook = Infinity;
  return {
    /** What the round before held is let go: buffers are some time after the objects that had them. */
    settle: async () => {
      for (let time = 0; time < 3; time += 1) {
        if (typeof collect === 'function') collect();
        await sleep(100);
      }
    },
    /** @param done what was worked off since it was asked last */
    look: (done: number) => {
      sinceLook += done;
      if (sinceLook < members / 20) return;
      sinceLook = 0;
      const startedAt = performance.now();
      if (typeof collect === 'function') collect();
      const { heapUsed, external } = process.memoryUsage();
      mostBytes = Math.max(mostBytes, heapUsed + external);
      lookedMs += performance.now() - startedAt;
    },
    mostBytes: () => mostBytes,
    lookedMs: () => lookedMs,
  };
}

function findings(
  { members, rounds, mostBytes }: { members: number; rounds: number; mostBytes: number },
  took: {
    readonly ours: readonly number[];
    readonly bare: readonly number[];
    readonly constant: readonly number[];
  },
  queue: string,
): Findings & { readonly figures: { readonly mostBytes: number; readonly [of: string]: unknown } } {
  const rate = (times: readonly number[]): Spread =>
    spreadOf(times.map((ms) => (1000 * members) / ms));
  const ratio = (times: readonly number[]): Spread =>
    spreadOf(times.map((ms, round) => ms / (took.ours[round] ?? Number.NaN)));
  return {
    title: 'Campaign fan-out',
    note: `${members.toLocaleString('en')} members with 12 purchases in the year, a year in review each; jobs on ${queue}; ${rounds} rounds in turn`,
    table: [
      ['', 'members/s'],
      ['ours: chunks of rows with their cursor, then jobs', spread(rate(took.ours))],
      ['one INSERT … SELECT of the same figures + addBulk', spread(rate(took.bare))],
      ['one INSERT … SELECT of a constant + addBulk', spread(rate(took.constant))],
    ],
    targets: [
      atLeast('Fan-out, against INSERT … SELECT of the same rows + addBulk', ratio(took.bare), 0.6),
    ],
    figures: {
      members,
      mostBytes,
      millis: took,
      ratio: ratio(took.bare),
      ratioToConstant: ratio(took.constant),
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A year of purchases for everyone, straight into the tables. */
async function makeMembers(pool: pg.Pool, members: number): Promise<void> {
  await pool.query(
    `insert into purchases (tenant, order_id, member_id, brand, placed_at, channel, store, currency, total, saved, state)
     select $1, 'o-' || m || '-' || n, 'm-' || m, $2, make_timestamptz($4, 1 + n, 1 + m % 28, 9, 0, 0, 'UTC'), 'app',
       'Store ' || m % 7, 'EUR', 980, 40, 'placed'
     from generate_series(1, $3::int) m, generate_series(0, 11) n`,
    [tenant, brandId, members, year],
  );
  await pool.query(
    `insert into purchase_lines (tenant, order_id, n, member_id, product_id, category, quantity, unit_price, full_price)
     select tenant, order_id, n, member_id, (array['oat-latte', 'almond-croissant'])[n], (array['coffee', 'pastry'])[n], 1, 490, true
     from purchases, generate_series(1, 2) n where order_id like 'o-%'`,
  );
  await pool.query(
    `insert into points_entries (tenant, member_id, ledger_version, n, kind, points, qualifying, ref, at)
     select tenant, member_id, 1000 + row_number() over (partition by member_id), 0, 'earn', 9, 9, order_id, placed_at
     from purchases where order_id like 'o-%'`,
  );
  await pool.query(
    'create table audience as select distinct member_id from purchases where order_id like $1',
    ['o-%'],
  );
  await pool.query('vacuum analyze');
}

async function startCampaign(pool: pg.Pool): Promise<string> {
  const id = randomUUID();
  await createCampaign(pool, {
    id,
    tenant,
    brand: brandId,
    template: 'year-in-review',
    parameters: { year },
    idempotencyKey: id,
  });
  const { rows } = await pool.query<{ member_id: string }>('select member_id from audience');
  await addAudience(
    pool,
    id,
    rows.map(({ member_id }) => member_id),
  );
  await transaction(pool, (db) => changeCampaign(db, tenant, id, 'running'));
  return id;
}

type Source = { readonly text: string; readonly values: (members: readonly string[]) => unknown[] };

/** The same query as the campaign's. */
const figured = (brand: Brand): Source => {
  const of: YearOf = {
    tenant,
    brand: brandId,
    year,
    timeZone: brand.timeZone,
    currency: brand.programme.currency,
    locale: brand.defaultLocale,
  };
  return {
    text: yearFiguresSelect,
    values: (members) => yearFiguresParameters(of, members),
  };
};

/** Nothing to work out. */
const constant: Source = {
  text: `select unnest($1::text[]) as member_id, '{"year":2025,"purchases":12}'::jsonb as figures`,
  values: (members) => [members],
};

async function bareFanOut(
  pool: pg.Pool,
  fill: (jobs: readonly object[]) => Promise<void>,
  { text, values }: Source,
): Promise<void> {
  const audience = await pool.query<{ member_id: string }>('select member_id from audience');
  const { rows } = await pool.query<{ id: string }>(
    `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, state, next_at)
     select gen_random_uuid(), 'main', '', 'transactional', 'year-in-review', 'juniper', member_id,
       jsonb_build_object('figures', figures), 'queued', now()
     from (${text}) as figured returning id`,
    values(audience.rows.map(({ member_id }) => member_id)),
  );
  for (let from = 0; from < rows.length; from += bareChunk)
    await fill(rows.slice(from, from + bareChunk).map(({ id }) => ({ messageId: id })));
}

async function expectMessages(pool: pg.Pool, campaignId: string, expected: number): Promise<void> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from messages where campaign_id = $1 and job_at is not null',
    [campaignId],
  );
  if (rows[0]?.count !== expected)
    throw new Error(`made ${rows[0]?.count} of ${expected} messages`);
}
