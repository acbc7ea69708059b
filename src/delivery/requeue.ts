import type { PauseReason } from '../contract/flow.ts';
import type { Db } from '../postgres/pool.ts';

/** How far back a pause of the transport looks for refusals that were everybody's. */
export const requeueSeconds = 300;
/** Refused, requeued and refused again so many times, a message is refused for itself. */
const mostTimes = 5;

export type Requeued = { readonly messages: number; readonly suppressions: number };

/**
 * Puts messages back in line that failed because the transport refused everybody, and undoes the suppressions their refusals wrote. Counted
 * with the pause. Messages that were put aside because they may have been sent stay so.
 * @param ids messages known to have failed by it
 * @param whole also whatever else was refused lately, by any process: the transport has just been found to be down
 * @param paused it is known to be: how often a message was requeued before doesn't matter then
 * @param holdSeconds a safety net: they become due when the transport goes again
 */
export async function requeueRefused(
  db: Db,
  ids: readonly string[],
  {
    whole,
    paused,
    holdSeconds,
  }: { readonly whole: boolean; readonly paused: boolean; readonly holdSeconds: number },
): Promise<Requeued> {
  const reason: PauseReason = 'transport-paused';
  const { rows } = await db.query<Requeued>(
    `with refused as (
       select id from messages_open where id = any($1::uuid[])
       union
       select id from messages_open m
        where $2 and state = 'failed' and finished_at > now() - make_interval(secs => $3)
          and (reason = 'tries-exhausted' or (reason like 'smtp-5%' and reason <> 'smtp-552') or exists (
            select from suppressions s where s.refused_message = m.id and s.counts_from > now()))
     ), locked as (
       -- In one order: several processes may be at it.
       select id from messages_open
        where id in (select id from refused) and state in ('failed', 'queued') and (taken_back < $6 or $7) and emptied_at is null
        order by id for update
     ), back as (
       update messages_open m
          set state = 'held', reason = $4, excused = true, taken_back = taken_back + 1, finished_at = null, token = null,
            job_at = null, next_at = now() + make_interval(secs => $5),
            -- Tries after which a copy may have arrived still count: each more is one more copy.
            tries = case when unknown_outcomes > 0 then tries else 0 end
         from locked where m.id = locked.id
       returning m.id
     ), undone as (
       delete from suppressions s using back where s.refused_message = back.id and s.reason = 'hard-bounce' returning s.tenant
     ), counted as (
       select (select count(*) from back)::int as messages, (select count(*) from undone)::int as suppressions
     ), noted as (
       update pauses set messages_taken_back = messages_taken_back + messages,
           suppressions_undone = suppressions_undone + suppressions
         from counted where flow like 'transport:%' and messages > 0)
     select messages, suppressions from counted`,
    [ids, whole, requeueSeconds, reason, holdSeconds, mostTimes, paused],
  );
  return rows[0] ?? { messages: 0, suppressions: 0 };
}
