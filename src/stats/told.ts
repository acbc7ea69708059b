import { filedSince } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import { countColumns } from './tables.ts';

/** One thing that was told of a message for the first time. */
type Told = { readonly id: string; readonly kind: string; readonly messageId: string | null };

/**
 * Adds what mail programs told of mails to the counts: each mail once of a kind, however many events say so.
 * @param db the transaction that kept these events
 * @param source who told them
 */
export async function countTold(
  db: Db,
  tenant: string,
  source: string,
  told: readonly Told[],
): Promise<void> {
  const about = told.filter(({ messageId }) => messageId !== null);
  if (about.length === 0) return;
  // Two that tell the same of a mail at once: the second sees what the first kept.
  await db.query({
    name: 'lock-told-messages',
    text: `select pg_advisory_xact_lock(hashtextextended(id, 210)) from (
      select distinct id from unnest($1::text[]) as id order by 1) as ids`,
    values: [about.map(({ messageId }) => messageId)],
  });
  await db.query({
    name: 'count-told',
    text: `
      with told as (
        select distinct r."messageId" as message_id, r.kind
        from jsonb_to_recordset($3) as r(id text, kind text, "messageId" uuid)
        where not exists (
          select from delivery_feedback f where f.message_id = r."messageId" and f.kind = r.kind and f.tenant = $1
            and not (f.source = $2 and f.id in (
              select o.id from jsonb_to_recordset($3) as o(id text, kind text, "messageId" uuid)))))
      insert into mail_stats as s (${countColumns})
      select m.tenant, date_trunc('hour', m.accepted_at, 'UTC'), m.brand, m.template, coalesce(m.campaign_id::text, ''),
        coalesce(t.trigger, ''), told.kind, '', count(*)
      from told join messages m on m.tenant = $1 and m.id = told.message_id and ${filedSince('told.message_id')}
      left join trigger_firings t on t.message_id = m.id
      group by 1, 2, 3, 4, 5, 6, 7
      order by 1, 2, 3, 4, 5, 6, 7
      on conflict (tenant, hour, brand, template, campaign, trigger, what, reason) do update set n = s.n + excluded.n`,
    values: [tenant, source, JSON.stringify(about)],
  });
}
