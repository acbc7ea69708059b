import { randomUUID } from 'node:crypto';

import { canonicalAddress } from '../../core/address.ts';
import { forgetMessages } from '../../message/rows/forget.ts';
import { forgetAddress } from '../../message/rows/guards.ts';
import type { Db } from '../../postgres/pool.ts';
import { only, readRows } from '../../postgres/table.ts';
import { heldOfAccounts } from '../held-events.ts';
import { purchases } from '../tables.ts';

/** Deleted: nobody's sums need them. */
const deleted = [
  'identities',
  'consents',
  'erasure_requests',
  'coupons',
  'bonuses',
  'redemptions',
  'tier_changes',
  'engagements',
  'reward_claims',
  'replaced_entries',
  'point_redemptions',
  'signals',
  'profile_accounts',
];

/**
 * Forgets an account of a member, within the transaction of the event that says so. What stays: that there was such an account
 * and that it is erased (so that nothing starts over with it); the ids of her events, without anything in them; the hash of
 * her addresses on the suppression list; and, so that the sums of brand and year remain, purchases and movements of points
 * under a random name that nothing leads to, with days instead of times.
 * @param timeZone the brand's, in which a day stays the day it was
 */
export async function eraseAccount(
  db: Db,
  tenant: string,
  account: string,
  timeZone: string,
): Promise<void> {
  const { current, former } = await addressesOf(db, tenant, account);
  for (const address of current) await forgetAddress(db, tenant, address);
  await forgetMessages(db, tenant, account, [...new Set([...current, ...former])]);
  await forgetHeldEvents(db, tenant, account);
  await disguise(db, tenant, account, timeZone);
  for (const table of deleted) {
    await db.query(`delete from laurel.${table} where tenant = $1 and member_id = $2`, [
      tenant,
      account,
    ]);
  }
  // What is yet to be told of her still is, but not of whom.
  await db.query(
    `update laurel.webhook_deliveries
        set member_id = null, subject = case when subject like 'message:%' then subject else 'erased:' || id end
      where tenant = $1 and member_id = $2`,
    [tenant, account],
  );
  await db.query('delete from laurel.profile_accounts where tenant = $1 and account = $2', [
    tenant,
    account,
  ]);
  await forgetEvents(db, tenant, account);
}

/** Those of a list of accounts who aren't erased. */
const others = (column: string) => `(
  select array_agg(other) from unnest(e.${column}) as other
   where exists (select from laurel.members m where m.tenant = $1 and m.member_id = other and m.status <> 'erased'))`;

/** Nothing is left in her events but that they were, and whose version they raised of those who aren't erased. */
async function forgetEvents(db: Db, tenant: string, account: string): Promise<void> {
  await db.query(
    `update laurel.events e
        set member_id = null, document = null, also = ${others('also')}, raised = ${others('raised')}
      where tenant = $1 and member_id = $2 and type <> 'member.erased'`,
    [tenant, account],
  );
  await db.query(
    `update laurel.events e set also = ${others('also')}, raised = ${others('raised')}
      where tenant = $1 and also @> array[$2] and member_id is null and document is null`,
    [tenant, account],
  );
}

/** What a webhook told of her, or of her orders, and could not be applied yet. */
async function forgetHeldEvents(db: Db, tenant: string, account: string): Promise<void> {
  await db.query(
    `delete from laurel.held_events h where h.tenant = $1 and (h.source, h.id) in (${heldOfAccounts})`,
    [tenant, [account]],
  );
}

/** The addresses that lead to her, and those that once did. Who has a former one now is somebody else's business. */
async function addressesOf(db: Db, tenant: string, account: string) {
  const { rows } = await db.query<{ address: string; current: boolean }>(
    `select canonical as address, true as current from laurel.identities
      where tenant = $1 and member_id = $2 and kind = 'email'
     union all
     select distinct document ->> 'email', false from laurel.events
      where tenant = $1 and member_id = $2 and document ->> 'email' is not null`,
    [tenant, account],
  );
  const of = (current: boolean) =>
    rows.flatMap((row) => (row.current === current ? canonicalAddress(row.address) : []));
  return { current: of(true), former: of(false) };
}

/** Gives purchases and points a member and order ids that nobody has ever heard of. */
async function disguise(db: Db, tenant: string, account: string, timeZone: string) {
  const alias = `erased:${randomUUID()}`;
  const placed = await readRows(
    db,
    only(purchases, 'orderId'),
    'where tenant = $1 and member_id = $2',
    [tenant, account],
  );
  const orders = placed.map(({ orderId }) => orderId);
  // What was told of them before anybody knew whose they are.
  await db.query(
    `update laurel.events e set document = null
       from laurel.purchases p cross join lateral jsonb_array_elements(p.told) as said (event)
      where p.tenant = $1 and p.member_id = $2 and e.tenant = $1 and e.source = said.event ->> 0
        and e.id = said.event ->> 1 and e.member_id is null`,
    [tenant, account],
  );
  const values = [tenant, account, alias, orders, orders.map(() => `erased:${randomUUID()}`)];
  const renamed = 'unnest($4::text[], $5::text[]) as renamed (was, now)';
  await db.query(
    `update laurel.purchase_lines l set member_id = $3, order_id = renamed.now from ${renamed}
      where l.tenant = $1 and l.member_id = $2 and l.order_id = renamed.was`,
    values,
  );
  await db.query(
    `update laurel.points_entries e
        set member_id = $3, lock = null, reason = null, active_at = null, expires_at = null, idle_at = null, source = null, id = null,
            ref = (select renamed.now from ${renamed} where renamed.was = e.ref),
            at = date_trunc('day', e.at, $6)
      where e.tenant = $1 and e.member_id = $2`,
    [...values, timeZone],
  );
  await db.query(
    `update laurel.purchases p set member_id = $3, order_id = renamed.now,
            placed_at = date_trunc('day', p.placed_at, $6), subject = null, starts_at = null, ends_at = null,
            paid_at = null, fulfilled_at = null, changed_at = null, earning = null,
            told = '[]'
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
