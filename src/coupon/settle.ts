import { filedSince } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import { only, recordOf, type Row, selected } from '../postgres/table.ts';
import { poolCodes } from './pool.ts';

/** Reserved codes looked at in one transaction. */
const batch = 1_000;

const reserved = only(poolCodes, 'tenant, brand, code');
export type Reserved = Readonly<Row<typeof reserved>>;

/**
 * Writes down what became of reserved codes, from what became of the messages that show them: committed once one was sent, or may
 * have been; free again when none of them will be.
 * @param db a transaction
 * @param after goes on behind this code; null from the first
 * @returns the last code looked at; null when all were
 */
export async function settleCoupons(db: Db, after: Reserved | null): Promise<Reserved | null> {
  const { rows } = await db.query<Reserved>({
    name: 'reserved-coupons',
    text: `
      select ${selected(reserved)} from pool_codes
      where member_id is not null and committed_at is null and ($1::text is null or (tenant, brand, code) > ($1, $2, $3))
      order by tenant, brand, code limit $4 for update skip locked`,
    values: [after?.tenant ?? null, after?.brand ?? null, after?.code ?? null, batch],
  });
  // A statement of its own: it must see what was noted while the codes were being locked.
  await db.query({
    name: 'settle-coupons',
    text: `
      with looked as (
        select c.tenant, c.brand, c.code, bool_or(m.state = 'sent' or m.unknown_outcomes > 0 or m.state = 'quarantined') as went,
          bool_or(m.state in ('queued', 'held', 'sending')) as may_go
        from jsonb_to_recordset($1) as c(${recordOf(reserved)})
        left join pool_code_messages n on (n.tenant, n.brand, n.code) = (c.tenant, c.brand, c.code)
        left join messages m on m.id = n.message_id and ${filedSince('n.message_id')}
        group by 1, 2, 3)
      update pool_codes p set committed_at = case when went then now() end,
        member_id = case when went then member_id end
      from looked l where (l.tenant, l.brand, l.code) = (p.tenant, p.brand, p.code) and (went or may_go is not true)`,
    values: [JSON.stringify(rows)],
  });
  return rows.length === batch ? (rows.at(-1) ?? null) : null;
}

/** Codes left of which somebody is told. */
const lowShare = 0.1;

/** Tells of pools that ran low or empty since, each once; one that was filled up may run low again. Returns how many. */
export async function tellLowPools(db: Db): Promise<number> {
  const { rowCount } = await db.query({
    name: 'tell-low-pools',
    text: `
      with pools as (
        select tenant, brand, offer_id, count(*) filter (where member_id is null) as free, count(*) as all_codes
        from pool_codes group by 1, 2, 3
      ), states as (
        select *, case when free = 0 then 'empty' when free < all_codes * $1::float8 then 'low' end as state from pools
      ), filled as (
        delete from pool_alerts a using states s
        where (a.tenant, a.brand, a.offer_id) = (s.tenant, s.brand, s.offer_id) and s.state is null
      ), told as (
        insert into pool_alerts as a (tenant, brand, offer_id, state)
        select tenant, brand, offer_id, state from states where state is not null
        on conflict (tenant, brand, offer_id) do update set state = excluded.state
          where a.state = 'low' and excluded.state = 'empty'
        returning *)
      insert into alerts (type, data)
      select 'coupons.' || t.state, jsonb_build_object('tenant', t.tenant, 'brand', t.brand, 'offerId', t.offer_id, 'free', s.free)
      from told t join states s on (t.tenant, t.brand, t.offer_id) = (s.tenant, s.brand, s.offer_id)`,
    values: [lowShare],
  });
  return rowCount ?? 0;
}
