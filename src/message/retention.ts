import type { Db } from '../postgres/pool.ts';
import { filedSince } from './rows/filed-since.ts';

/** Days after which things are removed; 0 keeps them for ever. */
export type Retention = {
  /** What finished messages were made from: their data and the name they were sent to. */
  readonly dataDays: number;
  /** Decisions, addresses and servers' answers of finished messages. Their id, key, template, end and times stay. */
  readonly decisionDays: number;
  /** What stays of sent, suppressed and cancelled messages then. It goes by whole weeks, no sooner than the rest of them. */
  readonly messageDays: number;
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

const emptied = {
  'message data': {
    set: `data = '{}', packed_data = null, name = null`,
    unless: `data = '{}' and packed_data is null and name is null`,
  },
  decisions: {
    set: `data = '{}', name = null, email = null, member_id = null, about = '{}', decision = null, decided = null, packed_data = null,
       packed_decision = null, ledger_version = null, sent_to = null,
       response = null, error = null, emptied_at = now()`,
    unless: 'emptied_at is not null',
  },
} as const;

/** Goes on where it stopped: what finishes later has a later time. Rows already empty are passed over. */
const emptying = (
  { set, unless }: (typeof emptied)[keyof typeof emptied],
  table: 'messages_open' | 'messages',
  time: 'finished_at' | 'filed_at',
) => `
  with old as (
    select id, ${time} as until from ${table}
     where ${time} >= $3 and ${time} < $1 and not (${unless}) order by ${time} limit $2 for update)
  update ${table} m set ${set} from old where m.id = old.id and m.${time} = old.until returning old.until`;

/** Tasks that go through the weeks. They don't come back to what they have passed. */
export const weekTasks = { data: 'data of weeks', decisions: 'decisions of weeks' } as const;

const deleting = (table: string, where: string) =>
  `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit $2)) returning null::timestamptz as until`;

const ofEndedCampaigns = `campaign_id in (select id from campaigns where state in ('done', 'cancelled') and finished_at < $1)`;

const tasks: readonly Task[] = [
  {
    name: 'message data',
    days: ({ dataDays }) => dataDays,
    follows: 'finished messages',
    sql: emptying(emptied['message data'], 'messages_open', 'finished_at'),
  },
  {
    name: weekTasks.data,
    days: ({ dataDays }) => dataDays,
    follows: 'finished messages',
    sql: emptying(emptied['message data'], 'messages', 'filed_at'),
  },
  {
    name: 'decisions',
    days: ({ decisionDays }) => decisionDays,
    follows: 'finished messages',
    sql: emptying(emptied.decisions, 'messages_open', 'finished_at'),
  },
  {
    name: weekTasks.decisions,
    days: ({ decisionDays }) => decisionDays,
    follows: 'finished messages',
    sql: emptying(emptied.decisions, 'messages', 'filed_at'),
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
    const before = cutoff(now, task.days(retention));
    if (before) removed.set(task.name, await transaction((db) => runTask(db, task, before)));
  }
  return removed;
}

/** What ended before it is that many days old; null where it is kept for ever. */
export const cutoff = (now: Date, days: number): Date | null =>
  days === 0 ? null : new Date(now.getTime() - days * 86_400_000);

/** Whether no other process is at it until the end of this transaction. */
export async function alone(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ mine: boolean }>(
    'select pg_try_advisory_xact_lock($1) as mine',
    [lockKey],
  );
  return rows[0]?.mine === true;
}

async function runTask(db: Db, { name, sql, follows }: Task, before: Date): Promise<number> {
  if (!(await alone(db))) return 0;
  if (follows === 'age') return (await db.query(sql, [before, batch])).rowCount ?? 0;
  const { rows: progress } = await db.query<{ until: Date }>(
    'select until from retention_progress where task = $1',
    [name],
  );
  const from = progress[0]?.until ?? '-infinity';
  const { rows } = await db.query<{ until: Date }>(sql, [before, batch, from]);
  // Fewer than a batch: everything before then is done.
  const until =
    rows.length < batch ? before : new Date(Math.max(...rows.map((row) => row.until.getTime())));
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
    `select m.id from unnest($1::uuid[]) as u (id) join messages m on m.id = u.id and ${filedSince('u.id')} where m.emptied_at is not null`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
