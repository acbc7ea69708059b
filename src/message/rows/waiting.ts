import type { Db } from '../../postgres/pool.ts';
import { dueChannel } from './due-channel.ts';

/** An event that was just applied, and the version it brought its member to. */
export type AppliedEvent = {
  readonly source: string;
  readonly id: string;
  readonly memberId: string | null;
  readonly ledgerVersion: number;
};

/**
 * Makes the messages that wait for these events due, within the transaction that applies them: they leave with it or not at
 * all. One a worker is looking at this instant is left out; it looks again by itself. Returns how many were woken.
 */
export async function wakeWaiting(
  db: Db,
  tenant: string,
  applied: readonly AppliedEvent[],
): Promise<number> {
  if (applied.length === 0) return 0;
  const { rows } = await db.query<{ woken: number }>({
    name: 'wake-waiting',
    text: `
      with waiting as (
        select m.id from unnest($2::text[], $3::text[]) as e (source, event_id)
          join messages_open m on m.tenant = $1 and m.after ->> 'source' = e.source and m.after ->> 'eventId' = e.event_id
         where m.state = 'held' and m.reason = 'waiting-for-event'
        union
        select m.id from unnest($4::text[], $5::bigint[]) as e (member_id, version)
          join messages_open m on m.tenant = $1 and m.member_id = e.member_id
         where m.state = 'held' and m.reason = 'waiting-for-event' and m.after ? 'ledgerVersion'
           and (m.after ->> 'ledgerVersion')::bigint <= e.version
      ), locked as (
        select id from messages_open where id in (select id from waiting) and state = 'held' order by id
        for update skip locked
      ), woken as (
        update messages_open m set next_at = now(), job_at = null from locked where m.id = locked.id returning m.id
      )
      select count(*)::int as woken, case when count(*) > 0 then pg_notify($6, '') end from woken`,
    values: [
      tenant,
      applied.map(({ source }) => source),
      applied.map(({ id }) => id),
      applied.map(({ memberId }) => memberId),
      applied.map(({ ledgerVersion }) => ledgerVersion),
      dueChannel,
    ],
  });
  return rows[0]?.woken ?? 0;
}
