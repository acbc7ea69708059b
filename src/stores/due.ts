import type { Lane } from '../core/message.ts';
import type { Db } from '../postgres/pool.ts';

/** At most so many messages of a lane have a job at once: pausing works at once, and a lost queue is soon refilled. */
export const maxJobs: Record<Lane, number> = { transactional: 20_000, campaign: 2_000 };

/** How long a job may stay unclaimed before the message gets another (adding one that still exists does nothing). */
const staleSeconds = 30;

/** Marks up to `limit` due messages of a lane as having a job, oldest first, and returns their ids. */
export async function takeDue(db: Db, lane: Lane, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'take-due',
    text: `
      with due as (
        select id from messages m
        where lane = $1 and state in ('queued', 'held') and job_at is null and next_at <= now()
          and (campaign_id is null or exists (
            select from campaigns c where c.id = m.campaign_id and c.state in ('running', 'done')))
        order by next_at limit $2 for update skip locked
      )
      update messages m set job_at = now() from due where m.id = due.id returning m.id`,
    values: [lane, limit],
  });
  return rows.map(({ id }) => id);
}

/** The queue didn't take their jobs: they are due again at once. */
export async function giveBack(db: Db, ids: readonly string[]): Promise<void> {
  await db.query(
    `update messages set job_at = null where id = any($1::uuid[]) and state in ('queued', 'held')`,
    [ids],
  );
}

/** Messages whose job was lost with the queue, or never run, get another. Returns how many. */
export async function forgetStaleJobs(db: Db): Promise<number> {
  const { rowCount } = await db.query({
    name: 'forget-stale-jobs',
    text: `update messages set job_at = null
      where state in ('queued', 'held') and job_at < now() - make_interval(secs => $1)`,
    values: [staleSeconds],
  });
  return rowCount ?? 0;
}

/** Every queued message of a lane gets another job: for when the queue is known to be empty. */
export async function forgetJobs(db: Db, lane: Lane): Promise<number> {
  const { rowCount } = await db.query(
    `update messages set job_at = null
     where lane = $1 and state in ('queued', 'held') and job_at < now() - interval '3 seconds'`,
    [lane],
  );
  return rowCount ?? 0;
}

export type Backlog = {
  readonly lane: Lane;
  readonly waiting: number;
  readonly oldestSeconds: number;
};

/** Messages that are due and not sent yet, by lane, with the age of the oldest. */
export async function backlog(db: Db): Promise<Backlog[]> {
  const { rows } = await db.query<Backlog>(
    `select lane, count(*)::int as waiting,
       coalesce(extract(epoch from now() - min(next_at)), 0)::float8 as "oldestSeconds"
     from messages where state in ('queued', 'held') and next_at <= now() group by lane`,
  );
  return rows;
}
