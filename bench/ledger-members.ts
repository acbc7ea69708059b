import { setTimeout } from 'node:timers/promises';

import type pg from 'pg';

import { applyEvents } from '../src/ledger/apply.ts';
import type { BrandOf } from '../src/ledger/batch.ts';
import type { LedgerEventInput } from '../src/ledger/events.ts';
import { tenant } from './services.ts';

/** The members that are made event by event; all others are copies of their rows. */
const originals = 50;
/** What is different in every copy: ids and what must be unique. */
const own = new Set(['member_id', 'order_id', 'id', 'canonical', 'ref', 'account', 'merged_into']);

/** The `n`th of the members that `growTo` makes. */
export const memberId = (n: number): string =>
  n < originals ? `b${n}` : `b${n % originals}-${Math.floor(n / originals)}`;

/** Members with a history: enrolled, asked for consent, two purchases. */
export async function makeOriginals(pool: pg.Pool, brandOf: BrandOf, brand: string): Promise<void> {
  const events = Array.from({ length: originals }, (_, n): LedgerEventInput[] => {
    const base = (id: string, at: string) => ({
      source: 'bench',
      id: `${n}-${id}`,
      at,
      memberId: `b${n}`,
    });
    return [
      {
        ...base('enrolled', '2024-01-05T09:00:00Z'),
        type: 'member.enrolled',
        brand,
        membershipNumber: `B${n}`,
        email: `b${n}@member.example`,
        firstName: 'Ana',
      },
      {
        ...base('consent', '2024-01-05T09:01:00Z'),
        type: 'consent.changed',
        purpose: 'marketing',
        granted: true,
      },
      ...[1, 2].map((order) =>
        purchase(base(`order-${order}`, `2025-0${order}-07T08:00:00Z`), `o${n}-${order}`),
      ),
    ];
  }).flat();
  const results = await applyEvents(pool, tenant, brandOf, events);
  const wrong = results.find(({ kind }) => kind !== 'applied');
  if (wrong) throw new Error(`the ledger did not take ${JSON.stringify(wrong)}`);
}

/** A purchase of a coffee, with its points. */
export const purchase = (
  base: { source: string; id: string; at: string; memberId: string },
  orderId: string,
): LedgerEventInput => ({
  ...base,
  type: 'order.placed',
  orderId,
  channel: 'store',
  store: 'Harbour',
  currency: 'EUR',
  total: 450,
  lines: [
    {
      productId: 'oat-latte',
      unitPrice: 450,
      fullPrice: true,
      category: 'coffee',
      attributes: ['oat-milk'],
    },
  ],
  pointsEarned: { points: 9 },
});

/** Copies the originals' rows, straight in the tables, until there are so many members. */
export async function growTo(pool: pg.Pool, to: number): Promise<void> {
  const last = to / originals - 1;
  for (const { table, columns } of await memberTables(pool)) {
    const values = columns.map((column) => {
      if (column === 'document' && table === 'profiles')
        return `jsonb_set(document, '{memberId}', to_jsonb(member_id || '-' || copy))`;
      return own.has(column) ? `${column} || '-' || copy` : column;
    });
    await pool.query(
      `insert into laurel.${table} (${columns.join(', ')})
       select ${values.join(', ')} from laurel.${table}, generate_series(1, $2::int) copy
        where tenant = $1 and member_id ~ '^b[0-9]+$'`,
      [tenant, last],
    );
  }
  // What loading left to do belongs to loading: a checkpoint begun by it would run on under the measurement.
  await pool.query('vacuum analyze');
  await pool.query('checkpoint');
  await untilVacuumed(pool);
}

async function untilVacuumed(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where backend_type = 'autovacuum worker'`,
    );
    if (rowCount === 0) return;
    await setTimeout(500);
  }
}

/** Tables of the ledger with a row or more a member. */
async function memberTables(pool: pg.Pool): Promise<{ table: string; columns: string[] }[]> {
  const { rows } = await pool.query<{ table: string; columns: string[] }>(
    `select c.table_name as table, array_agg(c.column_name::text order by ordinal_position) as columns
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'laurel' and t.table_type = 'BASE TABLE' and c.table_name not in ('messages', 'campaign_audience')
        and c.is_generated = 'NEVER' and c.is_identity = 'NO'
      group by 1 having bool_or(c.column_name = 'member_id') and bool_or(c.column_name = 'tenant')`,
  );
  return rows;
}
