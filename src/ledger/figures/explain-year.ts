import type { YearFigures } from '../../contract/year-figures.ts';
import type { Db } from '../../postgres/pool.ts';
import { type YearOf, yearFigures, yearFiguresParameters, yearRows } from './year-figures.ts';

type Row = Readonly<Record<string, unknown>>;

/** What some figures are made of: the query, with its parameters put in, and its rows. */
export type Made = {
  readonly figures: readonly (keyof YearFigures)[];
  /** How they follow from the rows. */
  readonly how: string;
  /** As it can be pasted into psql, with `search_path` set to `laurel`. */
  readonly sql: string;
  readonly rows: readonly Row[];
};

export type ExplainedYear = {
  readonly figures: YearFigures;
  readonly made: readonly Made[];
  /** Orders of the year that don't count, and why. */
  readonly leftOut: readonly Row[];
};

/** All parameters are named in each query, so that each can be run with the same. */
const named = `where ($5::text || $6::text) is not null`;

const queries: readonly (Pick<Made, 'figures' | 'how'> & { readonly select: string })[] = [
  {
    figures: ['purchases', 'spent', 'saved', 'favouriteStore', 'busiestMonth', 'byMonth'],
    how: 'purchases: the rows · spent, saved: the sum of those columns, in the brand’s currency · favouriteStore, busiestMonth: what most rows say; among equals the store visited last, the first month · byMonth: rows by month',
    select: `select order_id as "order", placed_at as "placedAt", extract(month from placed_at at time zone $4)::int as month, store, currency,
       total, refunded, case when currency = $5 then total - refunded end as spent,
       case when currency <> $5 then null when total > 0 then div(saved::numeric * (total - refunded), total)::bigint else saved end as saved
       from mine ${named} order by placed_at, order_id`,
  },
  {
    figures: ['favourite', 'topCategory'],
    how: 'what most units say; among equals the one bought last',
    select: `select product_id as product, category, units, placed_at as "placedAt" from kept ${named} order by placed_at, product_id`,
  },
  {
    figures: ['pointsEarned', 'pointsSpent'],
    how: 'the sums of those columns, never below zero; an order’s points belong to the year it was placed in',
    select: `select e.at, e.kind, e.points, e.ref, coalesce(p.placed_at, e.at) as "countsAt",
         case when e.kind = 'earn' or e.kind = 'reverse' and e.points < 0 then e.points else 0 end as earned,
         case when e.kind = 'spend' then e.points when e.kind = 'reverse' and e.points > 0 then -e.points else 0 end as spent
       from laurel.points_entries e join accounts a on a.account = e.member_id
       left join laurel.purchases p on p.tenant = e.tenant and p.order_id = e.ref, bounds
       ${named} and e.tenant = $1 and e.kind in ('earn', 'spend', 'reverse')
         and coalesce(p.placed_at, e.at) >= since and coalesce(p.placed_at, e.at) < until
       order by e.at, e.ledger_version, e.n`,
  },
];

const leftOut = `select p.order_id as "order", p.placed_at as "placedAt", p.state as why, p.total, p.refunded
  from laurel.purchases p join accounts a on a.account = p.member_id, bounds
  ${named} and p.tenant = $1 and p.brand = $2 and p.state <> 'placed' and p.placed_at >= since and p.placed_at < until
  order by p.placed_at, p.order_id`;

/**
 * The figures of a member's year and all they are made of: each query is a part of the one that campaigns run.
 * @returns null where nobody of that id is known
 */
export async function explainYear(
  db: Db,
  of: YearOf,
  memberId: string,
): Promise<ExplainedYear | null> {
  const { rows: known } = await db.query(
    'select 1 from laurel.members where tenant = $1 and member_id = $2 and brand = $3',
    [of.tenant, memberId, of.brand],
  );
  if (known.length === 0) return null;
  const parameters = yearFiguresParameters(of, [memberId]);
  const [figures] = (await yearFigures(db, of, [memberId])).values();
  if (!figures) return null;
  const made: Made[] = [];
  for (const { select, ...one } of queries) {
    const text = `${yearRows}\n${select}`;
    const { rows } = await db.query(text, parameters);
    made.push({ ...one, sql: filledIn(text, parameters), rows });
  }
  const { rows } = await db.query(`${yearRows}\n${leftOut}`, parameters);
  return { figures, made, leftOut: rows };
}

/** A statement with its parameters in place, for people to paste. */
const filledIn = (sql: string, parameters: readonly unknown[]): string =>
  `${sql.trim().replace(/\$(\d+)/g, (_, place: string) => literal(parameters[Number(place) - 1]))};`;

function literal(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]`;
  const text = String(value);
  return text.includes('\\')
    ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
