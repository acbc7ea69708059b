import type pg from 'pg';

import { closers } from '../src/app/closers.ts';
import { openTemplates } from '../src/app/templates.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import type { BrandOf } from '../src/ledger/batch.ts';
import { openPool } from '../src/postgres/pool.ts';
import { readProfiles } from '../src/profile/ledger.ts';
import { growTo, makeOriginals, memberId, purchase } from './ledger-members.ts';
import { atMost, type Findings, spread } from './report.ts';
import { type Services, tenant } from './services.ts';
import { type Spread, spreadOf } from './statistics.ts';

const brandId = 'juniper';
const rounds = 5;
const batches = 6;
const eventsABatch = 100;
const readsABatch = 50;
const readBatches = 40;

/** How many a second, and CPU microseconds each of this process and the database together. */
type Cost = { readonly rate: Spread; readonly micros: Spread };
type Size = { readonly members: number } & Readonly<Record<Kind, Cost>>;

/** What is done in a round at one size, each so many times. */
type Work = { readonly work: () => Promise<void>; readonly count: number };

/**
 * What an event and a profile cost as members grow, against a bare insert and a bare read by key: each size in a database
 * of its own, the sizes measured in turn, so that whatever else the machine does falls on all of them.
 */
export async function measureLedger(
  sizes: readonly number[],
  services: Services,
  progress: (line: string) => void,
): Promise<Findings> {
  const open = closers();
  try {
    const { brands } = await openTemplates();
    const brandOf: BrandOf = (id) => brands.get(id)?.brand;
    const measured: { members: number; works: Works; costs: Costs }[] = [];
    for (const members of sizes) {
      progress(`making ${members.toLocaleString('en')} members`);
      const database = await services.freshDatabase();
      open.add(database.drop);
      const pool = openPool(database.url);
      open.add(() => pool.end());
      await pool.query(
        'create table bare (id bigint generated always as identity primary key, document jsonb)',
      );
      await makeOriginals(pool, brandOf, brandId);
      await growTo(pool, members);
      const costs: Costs = {
        apply: noCosts(),
        insert: noCosts(),
        read: noCosts(),
        bare: noCosts(),
      };
      measured.push({ members, works: worksAt(pool, brandOf, members), costs });
    }
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      for (const { works, costs } of measured)
        for (const what of kinds) {
          // What another size pushed out of memory is read again before it counts.
          await works[what].work();
          const { rate, micros } = await costOf(works[what], services);
          costs[what].rates.push(rate);
          costs[what].micros.push(micros);
        }
    }
    return findings(
      measured.map(({ members, costs }) => ({
        members,
        apply: costFrom(costs.apply),
        insert: costFrom(costs.insert),
        read: costFrom(costs.read),
        bare: costFrom(costs.bare),
      })),
    );
  } finally {
    await open.closeAll();
  }
}

const kinds = ['apply', 'insert', 'read', 'bare'] as const;
type Kind = (typeof kinds)[number];
type Works = Readonly<Record<Kind, Work>>;
type Costs = Readonly<Record<Kind, { rates: number[]; micros: number[] }>>;
const noCosts = (): Costs[Kind] => ({ rates: [], micros: [] });
const costFrom = ({ rates, micros }: Costs[Kind]): Cost => ({
  rate: spreadOf(rates),
  micros: spreadOf(micros),
});

function worksAt(pool: pg.Pool, brandOf: BrandOf, members: number): Works {
  let next = 0;
  const anyone = () => memberId(Math.floor(Math.random() * members));
  const apply = async () => {
    for (let batch = 0; batch < batches; batch += 1) {
      const events = Array.from({ length: eventsABatch }, () => {
        const id = `${members}-${(next += 1)}`;
        return purchase(
          { source: 'bench-run', id, at: '2025-06-01T08:00:00Z', memberId: anyone() },
          `run-${id}`,
        );
      });
      const results = await applyEvents(pool, tenant, brandOf, events);
      if (results.some(({ kind }) => kind !== 'applied'))
        throw new Error('an event was not applied');
    }
  };
  const document = JSON.stringify(
    purchase({ source: 's', id: 'i', at: '2025-06-01T08:00:00Z', memberId: 'm' }, 'o'),
  );
  const insert = async () => {
    for (let event = 0; event < batches * eventsABatch; event += 1)
      await pool.query({
        name: 'bare-insert',
        text: 'insert into bare (document) values ($1)',
        values: [document],
      });
  };
  const keys = () => Array.from({ length: readsABatch }, anyone);
  const now = new Date('2025-06-01T09:00:00Z');
  const read = async () => {
    for (let batch = 0; batch < readBatches; batch += 1) {
      const readings = await readProfiles(
        pool,
        now,
        brandOf,
        keys().map((id) => ({ tenant, memberId: id })),
      );
      if (readings.some((one) => !('kind' in one) || one.kind !== 'member'))
        throw new Error('a profile was not read');
    }
  };
  const bare = async () => {
    for (let batch = 0; batch < readBatches; batch += 1)
      await pool.query({
        name: 'bare-read',
        text: 'select document from laurel.profiles where tenant = $1 and member_id = any($2)',
        values: [tenant, keys()],
      });
  };
  return {
    apply: { work: apply, count: batches * eventsABatch },
    insert: { work: insert, count: batches * eventsABatch },
    read: { work: read, count: readBatches * readsABatch },
    bare: { work: bare, count: readBatches * readsABatch },
  };
}

async function costOf({ work, count }: Work, services: Services) {
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return user + system + 1000 * (services.cpu().postgres ?? 0);
  };
  const startedAt = performance.now();
  const before = cpu();
  await work();
  return {
    rate: (1000 * count) / (performance.now() - startedAt),
    micros: (cpu() - before) / count,
  };
}

function findings(sizes: readonly Size[]): Findings {
  const [first] = sizes;
  const last = sizes.at(-1);
  if (!first || !last) throw new Error('nothing was measured');
  // By CPU: what else the machine does meanwhile doesn't count.
  const grown = (what: Kind) => last[what].micros.median / first[what].micros.median;
  // More members are more pages, and a page that isn't in memory costs a bare read by key as well.
  const beyond = (what: Kind) => grown(what) / Math.max(1, grown('bare'));
  const plain = (what: Kind) => `${grown(what).toFixed(2)} ×`;
  const from = `${first.members.toLocaleString('en')} to ${last.members.toLocaleString('en')} members`;
  return {
    title: 'Ledger',
    note: `a second; ${rounds} rounds in turn, random members; purchases in batches of ${eventsABatch}, profiles ${readsABatch} a statement; the bare insert is one row a statement`,
    table: [
      ['members', 'events applied', 'bare inserts', 'profiles read', 'bare reads by key'],
      ...sizes.flatMap(({ members, apply, insert, read, bare }) => [
        [
          members.toLocaleString('en'),
          ...[apply, insert, read, bare].map(({ rate }) => spread(rate)),
        ],
        ['  CPU µs each', ...[apply, insert, read, bare].map(({ micros }) => spread(micros))],
      ]),
    ],
    targets: [
      atMost(
        `An event's cost, from ${from}: ${plain('apply')}; beyond the bare read's ${plain('bare')}`,
        beyond('apply'),
        1.5,
        '×',
      ),
      atMost(
        `A profile's cost, from ${from}: ${plain('read')}; beyond the bare read's ${plain('bare')}`,
        beyond('read'),
        1.5,
        '×',
      ),
    ],
    figures: sizes,
  };
}
