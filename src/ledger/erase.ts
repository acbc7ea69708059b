import { randomUUID } from 'node:crypto';

import { canonicalAddress } from '../core/address.ts';
import type { Db } from '../postgres/pool.ts';
import { forgetMessages } from '../stores/forget.ts';
import { suppressAddress } from '../stores/guards.ts';

/** Deleted: nobody's sums need them. */
const deleted = [
  'identities',
  'consents',
  'coupons',
  'bonuses',
  'redemptions',
  'tier_changes',
  'engagements',
  'reward_claims',
  'waiting_events',
  'signals',
  'profile_accounts',
];

/**
 * Forgets a member with every account of hers, within the transaction of the event that says so. What stays: that there were
 * such account ids and that they are erased (so that nothing starts over with them); the ids of her events, without anything
 * in them; the hash of her addresses on the suppression list; and, so that the sums of brand and year remain, purchases and
 * movements of points under a random name that nothing leads to, with days instead of times.
 * @param timeZone the brand's, in which a day stays the day it was
 * @returns her accounts, all of them erased now
 */
export async function eraseMember(
  db: Db,
  tenant: string,
  memberId: string,
  timeZone: string,
): Promise<string[]> {
  const accounts = await accountsOf(db, tenant, memberId);
  const { current, former } = await addressesOf(db, tenant, accounts);
  for (const address of current) {
    await suppressAddress(db, tenant, {
      address,
      reason: 'erased',
      scope: 'all',
      source: 'erased',
    });
  }
  await forgetMessages(db, tenant, accounts, [...new Set([...current, ...former])]);
  for (const account of accounts) await disguise(db, tenant, account, timeZone);
  for (const table of deleted) {
    await db.query(`delete from laurel.${table} where tenant = $1 and member_id = any($2)`, [
      tenant,
      accounts,
    ]);
  }
  await db.query('delete from laurel.profile_accounts where tenant = $1 and account = any($2)', [
    tenant,
    accounts,
  ]);
  await db.query(
    `update laurel.events set member_id = null, document = null
      where tenant = $1 and member_id = any($2) and type <> 'member.erased'`,
    [tenant, accounts],
  );
  await blank(db, tenant, accounts);
  return accounts;
}

/** Every account of the person this one belongs to. */
async function accountsOf(db: Db, tenant: string, memberId: string): Promise<string[]> {
  const { rows } = await db.query<{ account: string }>(
    `with recursive hers (account) as (
       select $2::text
       union
       select case when m.member_id = h.account then m.merged_into else m.member_id end
         from hers h join laurel.members m on m.tenant = $1
          and (m.member_id = h.account and m.merged_into is not null or m.merged_into = h.account))
     select account from hers order by account`,
    [tenant, memberId],
  );
  return rows.map(({ account }) => account);
}

/** The addresses that lead to her, and those that once did. Who has a former one now is somebody else's business. */
async function addressesOf(db: Db, tenant: string, accounts: readonly string[]) {
  const { rows } = await db.query<{ address: string; current: boolean }>(
    `select canonical as address, true as current from laurel.identities
      where tenant = $1 and member_id = any($2) and kind = 'email'
     union all
     select distinct document ->> 'email', false from laurel.events
      where tenant = $1 and member_id = any($2) and document ->> 'email' is not null`,
    [tenant, accounts],
  );
  const of = (current: boolean) =>
    rows.flatMap((row) => (row.current === current ? canonicalAddress(row.address) : []));
  return { current: of(true), former: of(false) };
}

/** Gives purchases and points a member and order ids that nobody has ever heard of. */
async function disguise(db: Db, tenant: string, account: string, timeZone: string) {
  const alias = `erased:${randomUUID()}`;
  const { rows } = await db.query<{ orderId: string }>(
    'select order_id as "orderId" from laurel.purchases where tenant = $1 and member_id = $2',
    [tenant, account],
  );
  const orders = rows.map(({ orderId }) => orderId);
  const values = [tenant, account, alias, orders, orders.map(() => `erased:${randomUUID()}`)];
  const renamed = 'unnest($4::text[], $5::text[]) as renamed (was, now)';
  await db.query(
    `update laurel.purchase_lines l set member_id = $3, order_id = renamed.now from ${renamed}
      where l.tenant = $1 and l.member_id = $2 and l.order_id = renamed.was`,
    values,
  );
  await db.query(
    `update laurel.points_entries e
        set member_id = $3, lock = null, reason = null, active_at = null, expires_at = null, idle_at = null,
            ref = (select renamed.now from ${renamed} where renamed.was = e.ref),
            at = date_trunc('day', e.at, $6)
      where e.tenant = $1 and e.member_id = $2`,
    [...values, timeZone],
  );
  await db.query(
    `update laurel.purchases p set member_id = $3, order_id = renamed.now,
            placed_at = date_trunc('day', p.placed_at, $6), subject = null, starts_at = null, ends_at = null,
            paid_at = null, fulfilled_at = null, earning = null
       from ${renamed} where p.tenant = $1 and p.member_id = $2 and p.order_id = renamed.was`,
    [...values, timeZone],
  );
  await db.query(
    `insert into laurel.members (tenant, member_id, brand, membership_number, status, enrolled_at, as_of)
     select tenant, $3, brand, '', 'erased', 'epoch', 'epoch' from laurel.members
      where tenant = $1 and member_id = $2`,
    [tenant, account, alias],
  );
}

/** What is left of her accounts, and of what was disputed between her and others. */
async function blank(db: Db, tenant: string, accounts: readonly string[]): Promise<void> {
  await db.query(
    `update laurel.members o
        set disputes = coalesce((select jsonb_agg(d) from jsonb_array_elements(o.disputes) as d
                                  where not d ->> 'with' = any($2)), '[]')
      where o.tenant = $1 and o.member_id in (
        select d ->> 'with' from laurel.members m, jsonb_array_elements(m.disputes) as d
         where m.tenant = $1 and m.member_id = any($2))`,
    [tenant, accounts],
  );
  await db.query(
    `update laurel.members
        set status = 'erased', membership_number = '', email = null, first_name = null, last_name = null,
            locale = null, time_zone = null, preferences = null, field_times = '{}', disputes = '[]',
            merged_into = null
      where tenant = $1 and member_id = any($2)`,
    [tenant, accounts],
  );
}
