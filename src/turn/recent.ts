import type { RecentMail } from '../contract/timing.ts';
import type { Db } from '../postgres/pool.ts';

/** Whose mails are asked for: a member's of one brand, under all their accounts, besides one message. */
export type RecentKey = {
  readonly tenant: string;
  readonly brand: string;
  readonly memberId: string;
  readonly messageId: string;
  /** Sent after it, or on their way. */
  readonly since: Date;
};

/**
 * Commercial mails that members got or are to get, per key.
 * @param templates the commercial ones
 */
export async function readRecent(
  db: Db,
  keys: readonly RecentKey[],
  templates: readonly string[],
): Promise<RecentMail[][]> {
  const { rows } = await db.query<RecentMail & { n: number }>({
    name: 'read-recent-mails',
    text: `
      with wanted as (
        select * from jsonb_to_recordset($1) as w(n int, tenant text, brand text, "memberId" text, "messageId" uuid, since timestamptz)
      ), accounts as (
        select n, "memberId" as member_id from wanted
        union
        select n, p.member_id from wanted w join laurel.profiles p on p.tenant = w.tenant and p.merged_into = w."memberId"
      )
      select w.n, m.id as "messageId", m.template, case when m.state = 'sent' then m.finished_at end as at,
        t.message_id is not null as "hasTurn"
      from wanted w join accounts a on a.n = w.n
      join messages m on m.tenant = w.tenant and m.member_id = a.member_id and (m.filed_at is null or m.filed_at > w.since)
      left join send_turns t on t.message_id = m.id
      where m.brand = w.brand and m.template = any($2) and m.id <> w."messageId"
        and (m.state in ('queued', 'held', 'sending') or (m.state = 'sent' and m.finished_at > w.since))`,
    values: [JSON.stringify(keys.map((key, n) => ({ ...key, n }))), templates],
  });
  const each = keys.map((): RecentMail[] => []);
  for (const { n, ...mail } of rows) each[n]?.push(mail);
  return each;
}
