import { filedAfter } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import type { Stats, StatsQuery } from './read.ts';

/** All accounts of a person as `a.account`, where `member` is an expression for one of them that wasn't merged away. */
export const accountsOf = (tenant: string, member: string): string => `
  (select ${member} as account union all
   select o.member_id from laurel.profiles o where o.tenant = ${tenant} and o.merged_into = ${member}) a`;

/** Whether account `a` spent points or used a coupon from `since` on, before `until`: expressions all. */
export const redeemed = (tenant: string, since: string, until: string): string => `(
  exists (select from laurel.points_entries e where e.tenant = ${tenant} and e.member_id = a.account and e.kind = 'spend'
    and e.at >= ${since} and e.at < ${until})
  or exists (select from laurel.coupons u where u.tenant = ${tenant} and u.member_id = a.account
    and u.used_at >= ${since} and u.used_at < ${until}))`;

/** What members did within so many days after mails that were sent to them. */
export type After = {
  readonly days: number;
  /** Mails sent to members who are still known: what the others are parts of. */
  readonly mails: number;
  /** Followed by points spent or a coupon used. */
  readonly redeemed: number;
  /** Followed by a purchase that was kept. */
  readonly bought: number;
};

/**
 * What followed the mails that were accepted in a time, by brand and name as in `readStats`. Nothing says that a mail brought it
 * about: that is what holdouts are for. Counted when it is asked for, mail by mail.
 */
export async function readAfter(
  db: Db,
  tenant: string,
  { by, since, before, brand, name }: Pick<StatsQuery, 'brand' | 'name'> & Omit<Stats, 'lines'>,
  days: number,
): Promise<ReadonlyMap<string, After>> {
  const named = { template: 'm.template', campaign: 'm.campaign_id::text', trigger: 't.trigger' };
  const { rows } = await db.query<Omit<After, 'days'> & { brand: string; name: string }>({
    name: `read-after-by-${by}`,
    text: `
      with mails as (
        select m.brand, ${named[by]} as name, m.member_id, m.finished_at as since, m.finished_at + make_interval(days => $6) as until
        from messages m left join trigger_firings t on t.message_id = m.id
        where m.tenant = $1 and m.accepted_at >= $2 and m.accepted_at < $3 and ${filedAfter('$2')} and m.state = 'sent' and m.member_id is not null
          and ($4::text is null or m.brand = $4) and ${named[by]} is not null and ($5::text is null or ${named[by]} = $5))
      select brand, name, count(*)::int as mails,
        count(*) filter (where exists (
          select from ${accountsOf('$1', 'mails.member_id')} where ${redeemed('$1', 'mails.since', 'mails.until')}))::int as redeemed,
        count(*) filter (where exists (
          select from ${accountsOf('$1', 'mails.member_id')}
            join laurel.purchases p on p.tenant = $1 and p.member_id = a.account and p.state = 'placed'
             and p.placed_at >= mails.since and p.placed_at < mails.until))::int as bought
      from mails group by 1, 2`,
    values: [tenant, since, before, brand ?? null, name ?? null, days],
  });
  return new Map(
    rows.map(({ brand: of, name: what, ...one }) => [`${of}\n${what}`, { days, ...one }]),
  );
}
