import { type Db, isOverdue } from '../postgres/pool.ts';
import { alone, batch, cutoff, type Retention, weekTasks } from './retention.ts';

/*
 * What waits, is in hand or could be put back in line lies in `messages_open`. What is finished for good is filed: `filed_at`, the
 * time it ended, puts it into the partition of its week, in which only erasure and retention change it.
 *
 *   messages_open ──finishClaims, fileFinished──▶ week ──emptied row by row──▶ written anew, small ──▶ dropped
 *
 * Two that wait for a message while it moves: the second gets an error, `moved to another partition`, and looks again.
 */

type Transaction = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

/** Weeks there must be ahead, so that a process that can't make one for a long time still files. */
const weeksAhead = 8;
/** A partition waits so long for its lock, and everybody behind it; then it is tried again another time. */
const lockMs = 2_000;
/** Writing a week anew may take so long. */
const longMs = 3_600_000;

/** Makes the partitions of the weeks to come, and of those past of which something is to be filed. Returns how many. */
export async function keepWeeks(transaction: Transaction): Promise<number> {
  const missing = await transaction(async (db) => {
    const { rows } = await db.query<{ week: Date }>(
      `with kept as (select min(week) as since, max(week) as until from message_weeks)
       select week from kept, generate_series(
           least(kept.since, date_trunc('week', (select min(finished_at) from messages_open), 'UTC')),
           date_trunc('week', now(), 'UTC') + make_interval(weeks => $1), interval '7 days') as week
        where week < kept.since or week > kept.until
        -- Away from those there are, so that an end in between leaves no gap.
        order by case when week > kept.until then week - kept.until else kept.since - week end`,
      [weeksAhead],
    );
    return rows;
  });
  let made = 0;
  for (const { week } of missing) {
    // Each after the one before, so that there is no gap where it ends.
    if (!(await unlessBusy(transaction, (db) => db.query('select add_message_week($1)', [week]))))
      break;
    made += 1;
  }
  return made;
}

/**
 * Files what is finished for good and lies with what waits: what was cancelled there, and everything from before there were weeks.
 * What somebody has in hand this instant, and what must be emptied first, is left for another time. Returns how many.
 */
export async function fileFinished(
  transaction: Transaction,
  retention: Pick<Retention, 'dataDays' | 'decisionDays'>,
  now: Date,
  stop: AbortSignal,
): Promise<number> {
  let all = 0;
  let from: Date | null = null;
  do {
    const after: Date | null = from;
    const step: Filed | null = await transaction((db) => fileBatch(db, retention, now, after));
    all += step?.filed ?? 0;
    from = step?.until ?? null;
  } while (from !== null && !stop.aborted);
  return all;
}

type Filed = { readonly filed: number; readonly until: Date };

/**
 * @param from when the last of the batch before ended
 * @returns null when none is left
 */
async function fileBatch(
  db: Db,
  { dataDays, decisionDays }: Pick<Retention, 'dataDays' | 'decisionDays'>,
  now: Date,
  from: Date | null,
): Promise<Filed | null> {
  if (!(await alone(db))) return null;
  const { rows } = await db.query<{ filed: number; until: Date | null }>({
    name: 'file-finished',
    text: `
      with passed as (
        select greatest($3, (select until from retention_progress where task = $4)) as data,
          greatest($5, (select until from retention_progress where task = $6)) as decisions,
          (select min(week) from message_weeks) as since, (select max(week) + interval '7 days' from message_weeks) as until
      ), old as (
        select m.id, m.finished_at from messages_open m, passed
         where finished_at >= coalesce($2, '-infinity'::timestamptz) and finished_at >= passed.since and finished_at < passed.until
           and (state in ('sent', 'suppressed', 'cancelled') or emptied_at is not null)
           and (finished_at >= passed.data or m.data = '{}' and m.packed_data is null and m.name is null)
           and (finished_at >= passed.decisions or emptied_at is not null)
         order by finished_at limit $1 for update of m skip locked
      ), filed as (
        update messages m set filed_at = greatest(m.finished_at, m.accepted_at), request_hash = ''
          from old where m.id = old.id and m.filed_at is null returning m.id
      )
      select (select count(*)::int from filed) as filed, (select max(finished_at) from old) as until`,
    values: [
      batch,
      from,
      cutoff(now, dataDays) ?? '-infinity',
      weekTasks.data,
      cutoff(now, decisionDays) ?? '-infinity',
      weekTasks.decisions,
    ],
  });
  const [row] = rows;
  return row && row.until !== null && row.filed > 0 ? { filed: row.filed, until: row.until } : null;
}

/**
 * Drops the weeks of which nothing is to stay, and gives back the room of those that were emptied. What somebody else holds for
 * long is left for another time. Returns how many of what.
 */
export async function retainWeeks(
  transaction: Transaction,
  retention: WeekRetention,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const each = async (weeks: readonly Week[], change: (db: Db, week: Week) => Promise<void>) => {
    let changed = 0;
    for (const week of weeks) {
      // Whoever holds one mostly holds all: each more would keep everybody waiting.
      if (!(await unlessBusy(transaction, (db) => change(db, week)))) break;
      changed += 1;
    }
    return changed;
  };
  return new Map([
    [
      'weeks of messages',
      await each(await transaction((db) => oldWeeks(db, retention, now)), dropWeek),
    ],
    [
      'weeks written anew',
      await each(await transaction((db) => emptiedWeeks(db, retention)), rewriteWeek),
    ],
  ]);
}

type WeekRetention = Pick<Retention, 'dataDays' | 'decisionDays' | 'messageDays'>;
type Week = { readonly week: Date; readonly until: Date; readonly name: string };

/** Does it unless another process is at it, or somebody holds a lock for long. Returns whether it was done. */
async function unlessBusy(
  transaction: Transaction,
  work: (db: Db) => Promise<unknown>,
): Promise<boolean> {
  try {
    return await transaction(async (db) => {
      if (!(await alone(db))) return false;
      await db.query(`set local lock_timeout = ${lockMs}`);
      await work(db);
      return true;
    });
  } catch (error) {
    if (isOverdue(error)) return false;
    throw error;
  }
}

const week = `week, week + interval '7 days' as until, message_week_name(week) as name`;

/** Those of which nothing is kept any longer. */
async function oldWeeks(
  db: Db,
  { dataDays, decisionDays, messageDays }: WeekRetention,
  now: Date,
): Promise<readonly Week[]> {
  const days = [dataDays, decisionDays, messageDays];
  if (days.includes(0)) return [];
  const { rows } = await db.query<Week>(
    `select ${week} from message_weeks where week + interval '7 days' <= $1 order by week`,
    [cutoff(now, Math.max(...days))],
  );
  return rows;
}

/** Those that were emptied of something from the first message to the last, since their tables were written. */
async function emptiedWeeks(
  db: Db,
  { dataDays, decisionDays }: WeekRetention,
): Promise<readonly Week[]> {
  const { rows } = await db.query<Week>(
    `select ${week} from message_weeks where exists (
       select from retention_progress p join (values ($1, $2::int), ($3, $4)) as kept (task, days) using (task)
        where days > 0 and p.until >= week + interval '7 days' and written_at < week + make_interval(days => 7 + days))
     order by week`,
    [weekTasks.data, dataDays, weekTasks.decisions, decisionDays],
  );
  return rows;
}

async function dropWeek(db: Db, { name, week: of }: Week): Promise<void> {
  await db.query(`drop table laurel.${name}`);
  await db.query('delete from message_weeks where week = $1', [of]);
}

/** Writes the week anew in one pass, and the room of what was removed is free at once. Whoever would change a message of it waits. */
async function rewriteWeek(db: Db, { name, week: from, until }: Week): Promise<void> {
  const { rows } = await db.query<{ columns: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
      where attrelid = 'laurel.messages'::regclass and attnum > 0 and not attisdropped`,
  );
  const columns = rows[0]?.columns ?? '';
  const range = [from, until].map((at) => `'${at.toISOString()}'`);
  const long = (text: string) => db.query({ text, query_timeout: longMs });
  await db.query(`lock table laurel.${name} in share row exclusive mode`);
  await db.query(`set local statement_timeout = ${longMs}`);
  await db.query('select make_message_week($1)', [`${name}_new`]);
  // So that attaching it needn't read it.
  await db.query(
    `alter table laurel.${name}_new add constraint filed check (filed_at is not null and filed_at >= ${range[0]} and filed_at < ${range[1]})`,
  );
  await long(`insert into laurel.${name}_new (${columns}) select ${columns} from laurel.${name}`);
  await long(`select index_message_week('${name}_new')`);
  await db.query(`drop table laurel.${name}`);
  await db.query(`alter table laurel.${name}_new rename to ${name}`);
  await db.query(
    `alter table laurel.messages attach partition laurel.${name} for values from (${range[0]}) to (${range[1]})`,
  );
  await db.query(`alter table laurel.${name} drop constraint filed`);
  await db.query('update message_weeks set written_at = now() where week = $1', [from]);
}
