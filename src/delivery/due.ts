import type { Lane } from '../contract/message.ts';
import type { Db } from '../postgres/pool.ts';

/** At most so many messages of a lane have a job at once: pausing works at once, and a lost queue is soon refilled. */
export const maxJobs: Record<Lane, number> = { transactional: 20_000, campaign: 2_000 };

/** How long a job may stay unclaimed, beyond what its queue is behind, before the message gets another. */
const staleSeconds = 30;

/** What is due of one lane, oldest first. Campaigns are asked one by one: what waits in a paused one isn't even looked at. */
const dueOf: Record<Lane, string> = {
  transactional: `
    select id from messages_open
    where campaign_id is null and finished_at is null and job_at is null and next_at <= now()
      and state in ('queued', 'held')
    order by next_at limit $1 for update skip locked`,
  campaign: `
    select m.id from campaigns c cross join lateral (
      select id, next_at from messages_open
      where campaign_id = c.id and finished_at is null and job_at is null and next_at <= now()
        and state in ('queued', 'held')
      order by next_at limit $1 for update skip locked) m
    where c.state in ('running', 'done')
    order by m.next_at limit $1`,
};

/** Whether anything is due of a lane: one question, for when there mostly isn't. */
export async function lanesDue(db: Db): Promise<Set<Lane>> {
  const { rows } = await db.query<{ lane: Lane }>({
    name: 'lanes-due',
    text: `
      select 'transactional' as lane where exists (
        select from messages_open where campaign_id is null and finished_at is null and job_at is null
          and next_at <= now() and state in ('queued', 'held'))
      union all
      select 'campaign' where exists (
        select from campaigns c where c.state in ('running', 'done') and exists (
          select from messages_open where campaign_id = c.id and finished_at is null and job_at is null
            and next_at <= now() and state in ('queued', 'held')))`,
  });
  return new Set(rows.map(({ lane }) => lane));
}

/** Marks up to `limit` due messages of a lane as having a job, oldest first, and returns their ids. */
export async function takeDue(db: Db, lane: Lane, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: `take-due-${lane}`,
    text: `with due as (${dueOf[lane]})
      update messages_open m set job_at = now() from due where m.id = due.id returning m.id`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** The queue didn't take their jobs: they are due again at once. */
export async function releaseJobs(db: Db, ids: readonly string[]): Promise<void> {
  await db.query(
    `update messages_open set job_at = null where id in (
       select id from messages_open where id = any($1::uuid[]) and state in ('queued', 'held') for update skip locked)`,
    [ids],
  );
}

/** The lanes of messages whose job was lost with the queue, or never run, or waits in a long queue. */
export async function lanesStale(db: Db): Promise<Lane[]> {
  const { rows } = await db.query<{ lane: Lane }>({
    name: 'lanes-stale',
    text: `select distinct lane from messages_open
      where finished_at is null and state in ('queued', 'held') and job_at < now() - make_interval(secs => $1)`,
    values: [staleSeconds],
  });
  return rows.map(({ lane }) => lane);
}

/** Those of them that don't just wait in a queue which is so far behind get another job. Returns how many. */
export async function forgetStaleJobs(db: Db, lane: Lane, lagMs: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'forget-stale-jobs',
    text: `update messages_open set job_at = null where id in (
      select id from messages_open
      where lane = $1 and finished_at is null and state in ('queued', 'held') and job_at < now() - make_interval(secs => $2)
      for update skip locked)`,
    values: [lane, staleSeconds + lagMs / 1000],
  });
  return rowCount ?? 0;
}

/** Every queued message of a lane gets another job: for when the queue is known to be empty. */
export async function forgetJobs(db: Db, lane: Lane): Promise<number> {
  const { rowCount } = await db.query(
    `update messages_open set job_at = null where id in (
       select id from messages_open
       where lane = $1 and finished_at is null and state in ('queued', 'held') and job_at < now() - interval '3 seconds'
       for update skip locked)`,
    [lane],
  );
  return rowCount ?? 0;
}

export type Backlog = {
  readonly lane: Lane;
  readonly waiting: number;
  readonly oldestSeconds: number;
  /** Of them, those a worker has in hand now. */
  readonly inHand: number;
  readonly oldestInHandSeconds: number;
};

/**
 * Messages that are due and not sent yet, by lane, with the age of the oldest: waiting, or in some worker's hand. What waits in
 * a paused campaign isn't due.
 */
export async function backlog(db: Db): Promise<Backlog[]> {
  // Four questions, each answered by an index of its own: the table may hold millions that wait.
  const { rows } = await db.query<Backlog>(
    `select lane, coalesce(sum(count) filter (where not in_hand), 0)::int as waiting,
       coalesce(extract(epoch from now() - min(oldest)), 0)::float8 as "oldestSeconds",
       coalesce(sum(count) filter (where in_hand), 0)::int as "inHand",
       coalesce(extract(epoch from now() - min(oldest) filter (where in_hand)), 0)::float8 as "oldestInHandSeconds"
     from (
       select 'transactional' as lane, count(*), min(next_at) as oldest, false as in_hand from messages_open
       where campaign_id is null and finished_at is null and job_at is null and next_at <= now()
         and state in ('queued', 'held')
       union all
       select 'campaign', m.count, m.oldest, false from campaigns c cross join lateral (
         select count(*), min(next_at) as oldest from messages_open
         where campaign_id = c.id and finished_at is null and job_at is null and next_at <= now()
           and state in ('queued', 'held')) m
       where c.state in ('running', 'done')
       union all
       select lane, count(*), min(next_at), false from messages_open
       where finished_at is null and state in ('queued', 'held') and job_at is not null and next_at <= now() group by lane
       union all
       select lane, count(*), min(next_at), true from messages_open where finished_at is null and job_at is not null and state = 'sending' group by lane
     ) as parts group by lane having sum(count) > 0`,
  );
  return rows;
}
