import type { Decision } from '../contract/decision.ts';
import type { MessageState } from '../contract/message.ts';
import type { Db } from '../postgres/pool.ts';
import { allBut, type Row, selected } from '../postgres/table.ts';
import { dueChannel } from './rows/due-channel.ts';
import { filedSince } from './rows/filed-since.ts';
import { lookingAgain } from './rows/moved.ts';
import { messages } from './rows/tables.ts';
import { decisionColumns, type DecisionColumns, decisionOf } from './stored-decision.ts';

const shown = allBut(
  messages,
  'tenant, idempotencyKey, requestHash, name, data, parsedBy, sendAt, after, expiresAt, claims, token, decision, decided, packedData, packedDecision, ledgerVersion, trace',
);
const columns = `${selected(shown)}, ${decisionColumns}`;
type Shown = Readonly<Row<typeof shown>>;
type Stored = Shown & DecisionColumns;

/** What is known of one message: what `explain`, the API and support look at. */
export type MessageRecord = Shown & { readonly decision: Decision | null };

async function recordsOf(db: Db, rows: readonly Stored[]): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  for (const { decision, decided, packedDecision, ...row } of rows) {
    const whole = await decisionOf(db, { decision, decided, packedDecision });
    records.push({ ...row, decision: whole });
  }
  return records;
}

/** One message of a tenant; null where the tenant has no such message. */
export async function findMessage(
  db: Db,
  tenant: string,
  id: string,
): Promise<MessageRecord | null> {
  const { rows } = await db.query<Stored>({
    name: 'find-message',
    text: `select ${columns} from messages m where tenant = $1 and id = $2 and ${filedSince('$2')}`,
    values: [tenant, id],
  });
  const [record] = await recordsOf(db, rows);
  return record ?? null;
}

/** The accounts `$2` of the tenant `$1`, and all that are merged with them. */
const accountsOfMembers = `
  with members as (
    select unnest($2::text[]) as member_id
    union
    select merged_into from laurel.profiles
     where tenant = $1 and member_id = any($2) and merged_into is not null)
  select member_id from members
  union
  select p.member_id from members cross join lateral (
    select member_id from laurel.profiles where tenant = $1 and merged_into = members.member_id offset 0) as p`;

/** Which messages; left out: any. */
export type MessageFilter = {
  readonly memberId?: string | undefined;
  /** Any of these accounts. */
  readonly memberIds?: readonly string[] | undefined;
  readonly state?: MessageState | undefined;
  readonly template?: string | undefined;
  readonly brand?: string | undefined;
  /** Why it is in its state: a reason code. */
  readonly reason?: string | undefined;
  readonly campaignId?: string | undefined;
  /** Accepted at or after it, and before it. */
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
  /** Older than this message: the last one of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
};

/** A tenant's messages, newest first: of one member under all her accounts, and as the filter says. */
export async function listMessages(
  db: Db,
  tenant: string,
  filter: MessageFilter,
): Promise<MessageRecord[]> {
  const accounts = filter.memberIds ?? (filter.memberId === undefined ? null : [filter.memberId]);
  const given: readonly [condition: (place: string) => string, value: unknown][] = [
    [(n) => `state = ${n}`, filter.state],
    [(n) => `template = ${n}`, filter.template],
    [(n) => `brand = ${n}`, filter.brand],
    [(n) => `reason = ${n}`, filter.reason],
    [(n) => `campaign_id = ${n}`, filter.campaignId],
    [(n) => `accepted_at >= ${n}`, filter.since],
    [(n) => `accepted_at < ${n}`, filter.before],
    [
      (n) =>
        `(accepted_at, id) < (select accepted_at, id from messages m where tenant = $1 and id = ${n} and ${filedSince(n)})`,
      filter.after,
    ],
  ];
  const values: unknown[] = [tenant, accounts, filter.limit];
  const conditions = given.flatMap(([condition, value]) =>
    value === undefined ? [] : [`and ${condition(`$${values.push(value)}`)}`],
  );
  const { rows } = await db.query<Stored>(
    `select ${columns} from messages
     where tenant = $1 and ($2::text[] is null or member_id = any(array(${accountsOfMembers}))) ${conditions.join(' ')}
     order by accepted_at desc, id desc limit $3`,
    values,
  );
  return recordsOf(db, rows);
}

/** Takes back a message that hasn't begun to be sent. Returns false when it is too late, or there is none. */
export async function cancelMessage(db: Db, tenant: string, id: string): Promise<boolean> {
  const { rowCount } = await lookingAgain(() =>
    db.query(
      `update messages_open set state = 'cancelled', reason = 'cancelled', finished_at = now(), job_at = null
       where tenant = $1 and id = $2 and state in ('queued', 'held')`,
      [tenant, id],
    ),
  );
  return rowCount === 1;
}

/** Puts a failed or quarantined message back in line, with all its tries. Returns false where there is no such message. */
export async function requeueMessage(db: Db, tenant: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update messages_open set state = 'queued', reason = null, error = null, finished_at = null, tries = 0, claims = 0,
       next_at = now(), job_at = null, token = null
     where tenant = $1 and id = $2 and state in ('failed', 'quarantined') and emptied_at is null`,
    [tenant, id],
  );
  if (rowCount === 1) await db.query('select pg_notify($1, $2)', [dueChannel, '']);
  return rowCount === 1;
}
