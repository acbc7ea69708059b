import { YearFigures } from '../../contract/year-figures.ts';
import type { Db } from '../../postgres/pool.ts';

/** A brand's year: where its boundary lies, in which money it is told, in which language its products are named. */
export type YearOf = {
  readonly tenant: string;
  readonly brand: string;
  readonly year: number;
  /** The brand's: from midnight on 1 January there to midnight on the next. */
  readonly timeZone: string;
  readonly currency: string;
  /** The brand's default locale. */
  readonly locale: string;
};

/** Whose year it is, the orders that count (`mine`) and what was kept of them (`kept`): what every figure is made of. */
export const yearRows = `
with wanted as (
  select distinct coalesce(p.merged_into, said.member_id) as member_id
    from unnest($7::text[]) as said (member_id)
    left join lateral (
      select merged_into from laurel.profiles where tenant = $1 and member_id = said.member_id offset 0) as p on true),
accounts as materialized (
  select member_id, member_id as account from wanted
  union all
  select w.member_id, p.member_id from wanted w cross join lateral (
    select member_id from laurel.profiles where tenant = $1 and merged_into = w.member_id offset 0) as p),
bounds as (
  select make_timestamptz($3::int, 1, 1, 0, 0, 0, $4) as since, make_timestamptz($3::int + 1, 1, 1, 0, 0, 0, $4) as until),
mine as materialized (
  select a.member_id, p.member_id as account, p.order_id, p.placed_at, p.store, p.currency, p.total, p.saved, p.refunded
    from laurel.purchases p join accounts a on a.account = p.member_id, bounds
   where p.tenant = $1 and p.member_id = any(array(select account from accounts)) and p.brand = $2 and p.state = 'placed'
     and p.placed_at >= since and p.placed_at < until),
kept as materialized (
  select m.member_id, l.product_id, l.category, l.quantity - l.refunded_quantity as units, m.placed_at
    from mine m
    join laurel.purchase_lines l on l.tenant = $1 and l.member_id = m.account and l.order_id = m.order_id
   where l.kind = 'product' and l.quantity > l.refunded_quantity)`;

/**
 * The figures of a year, one row `(member_id, figures)` for each member of the ids given (accounts that are merged into one
 * another are one member, under the id she is known by), as a query that anyone can rerun: paste it into
 * psql with the parameters of `yearFiguresParameters`. For a campaign it is the source of an `insert … select`.
 *
 * - purchases: orders placed in the year, neither cancelled nor wholly refunded.
 * - spent: their totals less what was refunded of them; orders in another currency are counted but not summed.
 * - saved: saved through the programme on them, less the share that was refunded, rounded down order by order.
 * - pointsEarned, pointsSpent: earn and spend movements less what was reversed of them. Those of an order belong to the
 *   year it was placed in, whatever became of it: what wasn't taken or given back counts. Others belong to the year they
 *   happened.
 * - favourite: the product with the most units kept; among equals the one bought last. Null where its name is unknown.
 * - topCategory: the same by category as of the purchase.
 * - favouriteStore: the store of most of these orders; among equals the one visited last.
 * - busiestMonth: the month with the most of them, by the brand's time zone; among equals the first.
 * - byMonth: how many there were in each, January first.
 */
export const yearFiguresSelect = `
${yearRows},
sums as (
  select member_id, count(*) as purchases,
         sum(total - refunded) filter (where currency = $5) as spent,
         sum(case when total > 0 then div(saved::numeric * (total - refunded), total) else saved end)
           filter (where currency = $5) as saved
    from mine group by member_id),
points as (
  select a.member_id,
         sum(case when e.kind = 'earn' or e.kind = 'reverse' and e.points < 0 then e.points else 0 end) as earned,
         sum(case when e.kind = 'spend' then e.points when e.kind = 'reverse' and e.points > 0 then -e.points else 0 end)
           as spent
    from laurel.points_entries e
    join accounts a on a.account = e.member_id
    -- By its key alone: given the member as well, a planner without statistics reads all her orders for every entry.
    left join laurel.purchases p on p.tenant = e.tenant and p.order_id = e.ref, bounds
   where e.tenant = $1 and e.member_id = any(array(select account from accounts)) and e.kind in ('earn', 'spend', 'reverse')
     and coalesce(p.placed_at, e.at) >= since and coalesce(p.placed_at, e.at) < until
   group by a.member_id),
products as (
  select distinct on (member_id) member_id, product_id, sum(units) as units
    from kept group by member_id, product_id
   order by member_id, sum(units) desc, max(placed_at) desc, product_id),
categories as (
  select distinct on (member_id) member_id, category
    from kept where category is not null group by member_id, category
   order by member_id, sum(units) desc, max(placed_at) desc, category),
stores as (
  select distinct on (member_id) member_id, store
    from mine where store is not null group by member_id, store
   order by member_id, count(*) desc, max(placed_at) desc, store),
months as (
  select distinct on (member_id) member_id, extract(month from placed_at at time zone $4)::int as month
    from mine group by member_id, 2
   order by member_id, count(*) desc, 2),
by_month as (
  select member_id, array_agg(count order by month) as counts
    from (select members.member_id, month, count(mine.placed_at)
            from (select distinct member_id from mine) as members
           cross join generate_series(1, 12) as month
            left join mine on mine.member_id = members.member_id
             and extract(month from mine.placed_at at time zone $4) = month
           group by 1, 2) as counted
   group by member_id)
select w.member_id,
       jsonb_build_object(
         'year', $3::int,
         'purchases', coalesce(sums.purchases, 0),
         'spent', jsonb_build_object('amount', coalesce(sums.spent, 0), 'currency', $5::text),
         'saved', jsonb_build_object('amount', coalesce(sums.saved, 0), 'currency', $5::text),
         'pointsEarned', greatest(0, coalesce(points.earned, 0)),
         'pointsSpent', greatest(0, coalesce(points.spent, 0)),
         'favourite', case when named.name is not null then
            jsonb_build_object('name', named.name, 'count', products.units) end,
         'topCategory', categories.category,
         'favouriteStore', stores.store,
         'busiestMonth', months.month,
         'byMonth', coalesce(by_month.counts, array_fill(0, array[12]))) as figures
  from wanted w
  left join sums on sums.member_id = w.member_id
  left join points on points.member_id = w.member_id
  left join products on products.member_id = w.member_id
  left join categories on categories.member_id = w.member_id
  left join stores on stores.member_id = w.member_id
  left join months on months.member_id = w.member_id
  left join by_month on by_month.member_id = w.member_id
  left join lateral (
    select coalesce(p.document -> 'name' ->> $6, p.document -> 'name' ->> split_part($6, '-', 1)) as name
      from laurel.products p
     where p.tenant = $1 and p.brand = $2 and p.product_id = products.product_id) as named on true`;

/** The parameters `$1` to `$7` of `yearFiguresSelect`, in their order; further ones of a caller start at `$8`. */
export const yearFiguresParameters = (of: YearOf, memberIds: readonly string[]): unknown[] => [
  of.tenant,
  of.brand,
  of.year,
  of.timeZone,
  of.currency,
  of.locale,
  memberIds,
];

/** The figures of these members in one statement, by member. Members without purchases have figures of zero. */
export async function yearFigures(
  db: Db,
  of: YearOf,
  memberIds: readonly string[],
): Promise<Map<string, YearFigures>> {
  const { rows } = await db.query<{ member_id: string; figures: unknown }>(
    yearFiguresSelect,
    yearFiguresParameters(of, memberIds),
  );
  return new Map(rows.map(({ member_id, figures }) => [member_id, YearFigures.parse(figures)]));
}
