import type pg from 'pg';

import { localAt } from '../../core/calendar.ts';
import { type Db, transaction } from '../../postgres/pool.ts';

/** Fewer members than this say nothing about where one stands. */
const fewest = 20;
const hourMs = 3_600_000;
const longestMs = hourMs;
/** Older figures are no longer told. */
const staleAfterHours = 72;

/** One refresh at a time, in whatever process. */
const lockKey = 5_757;

/**
 * Counts anew how spending is distributed over the members of each brand, from their profile rows, where the figures are
 * older than `maxAgeHours`. Reads every row of the brand once. Returns how many brands were counted.
 */
export async function refreshPercentiles(
  pool: pg.Pool,
  brands: readonly { readonly id: string; readonly timeZone: string }[],
  now: Date,
  maxAgeHours = 24,
): Promise<number> {
  return transaction(pool, async (db) => {
    const { rows } = await db.query<{ locked: boolean }>(
      'select pg_try_advisory_xact_lock($1) as locked',
      [lockKey],
    );
    if (!rows[0]?.locked) return 0;
    // Reading every member of a large brand takes longer than a statement usually may.
    await db.query(`set local statement_timeout = ${longestMs}`);
    let counted = 0;
    for (const brand of brands) counted += await count(db, brand, now, maxAgeHours);
    return counted;
  });
}

async function count(
  db: Db,
  { id, timeZone }: { readonly id: string; readonly timeZone: string },
  now: Date,
  maxAgeHours: number,
): Promise<number> {
  const { year, month } = localAt(now.getTime(), timeZone);
  const { rowCount } = await db.query({
    query_timeout: longestMs,
    text: `insert into laurel.spend_quantiles (tenant, brand, quantiles, members, computed_at)
     select tenant, $1,
            percentile_disc((select array_agg(step * 0.05::float8 order by step) from generate_series(1, 19) as step))
              within group (order by spent),
            count(*), $3
       from (
         select p.tenant, coalesce((
                  select sum(paid::bigint)
                    from jsonb_array_elements_text(p.document -> 'spend' -> 1) with ordinality as m (paid, n)
                   where (p.document -> 'spend' ->> 0)::int - n + 1 between $2 - 11 and $2), 0)::bigint as spent
           from laurel.profiles p
          where p.brand = $1 and p.document ? 'spend'
            and not exists (select from laurel.spend_quantiles q
                             where q.tenant = p.tenant and q.brand = $1 and q.computed_at > $4)) as members
      group by tenant
     on conflict (tenant, brand) do update set
       quantiles = excluded.quantiles, members = excluded.members, computed_at = excluded.computed_at`,
    values: [
      id,
      (year - 2000) * 12 + month - 1,
      now,
      new Date(now.getTime() - maxAgeHours * hourMs),
    ],
  });
  return rowCount ?? 0;
}

/** What a brand's members spent, as of when. */
export type Distribution = {
  readonly quantiles: readonly number[];
  readonly members: number;
  /** Epoch milliseconds. */
  readonly computedAt: number;
};

/**
 * The share of members who spent less, in steps of 5, and never more than is true: 80 means that at least 80 % did. Null
 * where it isn't known: no figures, too old ones, or too few members.
 */
export function percentileOf(
  spent: number,
  distribution: Distribution | null,
  now: number,
): number | null {
  if (!distribution || distribution.members < fewest) return null;
  if (now - distribution.computedAt > staleAfterHours * hourMs) return null;
  return 5 * distribution.quantiles.filter((one) => one < spent).length;
}
