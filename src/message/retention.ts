import type { Db } from '../postgres/pool.ts';

/** Days after which things are removed; 0 keeps them for ever. */
export type Retention = {
  /** What finished messages were made from: their data and the name they were sent to. */
  readonly dataDays: number;
  /** Decisions, addresses and servers' answers of finished messages. Their id, key, template, end and times stay. */
  readonly decisionDays: number;
  /** Audiences of campaigns that are over. */
  readonly audienceDays: number;
  /** Who looked at whose data. */
  readonly auditDays: number;
};

export const batch = 1_000;
/** Any constant does, as long as every process uses the same: one works at a time. */
const lockKey = 7_267_838;

type Task = {
  readonly name: string;
  /** 0: not done at all. */
  readonly days: (retention: Retention) => number;
  /** `$1` is the cutoff, `$2` the size of a batch; a message task gets the time it has come to as `$3`. */
  readonly sql: string;
  readonly follows: 'finished messages' | 'age';
};

/** Goes on where it stopped: what finishes later has a later time. Rows already empty are passed over. */
const emptying = (set: string, unless: string) => `
  with old as (
    select id, finished_at from messages
     where finished_at >= $3 and finished_at < $1 and not (${unless}) order by finished_at limit $2 for update)
  update messages m set ${set} from old where m.id = old.id returning old.finished_at as until`;

const deleting = (table: string, where: string) =>
  `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit $2)) returning null::timestamptz as until`;

const ofEndedCampaigns = `campaign_id in (select id from campaigns where state in ('done', 'cancelled') and finished_at < $1)`;

const tasks: readonly Task[] = [
  {
    name: 'message data',
    days: ({ dataDays }) => dataDays,
    follows: 'finished messages',
    sql: emptying(`data = '{}', name = null`, `data = '{}' and name is null`),
  },
  {
    name: 'decisions',
    days: ({ decisionDays }) => decisionDays,
    follows: 'finished messages',
    sql: emptying(
      `data = '{}', name = null, email = null, member_id = null, about = '{}', decision = null, decided = null, sent_to = null,
       response = null, error = null, emptied_at = now()`,
      'emptied_at is not null',
    ),
  },
  {
    name: 'audiences',
    days: ({ audienceDays }) => audienceDays,
    follows: 'age',
    sql: deleting('campaign_audience', ofEndedCampaigns),
  },
  {
    name: 'exclusions',
    days: ({ audienceDays }) => audienceDays,
    follows: 'age',
    sql: deleting('campaign_exclusions', ofEndedCampaigns),
  },
  {
    name: 'turns in groups',
    days: ({ audienceDays }) => audienceDays,
    follows: 'age',
    sql: deleting('campaign_group_members', ofEndedCampaigns),
  },
  {
    name: 'triggers',
    days: ({ decisionDays }) => decisionDays,
    follows: 'age',
    sql: deleting('trigger_firings', `noted_at < $1 and state <> 'waiting'`),
  },
  {
    name: 'feedback',
    days: ({ decisionDays }) => decisionDays,
    follows: 'age',
    sql: deleting('delivery_feedback', 'told_at < $1'),
  },
  {
    name: 'audit',
    days: ({ auditDays }) => auditDays,
    follows: 'age',
    sql: deleting('member_audit', 'at < $1'),
  },
];

/**
 * Removes what is too old, a batch of each kind in a transaction of its own, so that nothing waits for it. Does nothing while
 * another process is at it.
 * @returns how many rows of what; there may be more, see `isFull`
 */
export async function retainOnce(
  transaction: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
  retention: Retention,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const removed = new Map<string, number>();
  for (const task of tasks) {
    const days = task.days(retention);
    if (days === 0) continue;
    const cutoff = new Date(now.getTime() - days * 86_400_000);
    removed.set(task.name, await transaction((db) => runTask(db, task, cutoff)));
  }
  return removed;
}

async function runTask(db: Db, { name, sql, follows }: Task, cutoff: Date): Promise<number> {
  const { rows: lock } = await db.query<{ mine: boolean }>(
    'select pg_try_advisory_xact_lock($1) as mine',
    [lockKey],
  );
  if (lock[0]?.mine !== true) return 0;
  if (follows === 'age') return (await db.query(sql, [cutoff, batch])).rowCount ?? 0;
  const { rows: progress } = await db.query<{ until: Date }>(
    'select until from retention_progress where task = $1',
    [name],
  );
  const from = progress[0]?.until ?? '-infinity';
  const { rows } = await db.query<{ until: Date }>(sql, [cutoff, batch, from]);
  // Fewer than a batch: everything before the cutoff is done.
  const until =
    rows.length < batch ? cutoff : new Date(Math.max(...rows.map((row) => row.until.getTime())));
  await db.query(
    `insert into retention_progress as p (task, until) values ($1, $2)
     on conflict (task) do update set until = greatest(p.until, excluded.until)`,
    [name, until],
  );
  return rows.length;
}

/** A batch that is full: there may be more. */
export const isFull = (removed: ReadonlyMap<string, number>): boolean =>
  [...removed.values()].some((count) => count >= batch);

/** Which of these messages were emptied, so that what else is kept of them goes too. */
export async function emptiedAmong(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    'select id from messages where id = any($1::uuid[]) and emptied_at is not null',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
