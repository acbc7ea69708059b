import type { CouponOfPool } from '../contract/coupon.ts';
import type { Db } from '../postgres/pool.ts';
import type { PoolKey } from './pool.ts';

/** The member's own account `$3` of the tenant `$1`, and those that were merged into it. */
const accounts =
  '(select $3::text union all select member_id from laurel.profiles where tenant = $1 and merged_into = $3)';

export type MemberCouponKey = Omit<PoolKey, 'offerId'> & {
  readonly memberId: string;
  readonly offerIds: readonly string[];
};

/** What there is of each offer's pool for a member. Changes nothing. */
export async function readCoupons(
  db: Db,
  { tenant, brand, memberId, offerIds }: MemberCouponKey,
): Promise<Map<string, CouponOfPool>> {
  const { rows } = await db.query<{
    offer: string;
    code: string | null;
    used: boolean;
    left: boolean;
  }>({
    name: 'read-coupons',
    text: `
      select o.offer, c.code,
        exists (select from laurel.coupons u where u.tenant = $1 and u.code = c.code
          and (u.used_at is not null or u.disabled_at is not null or u.expiry_date <= now())) as used,
        exists (select from pool_codes f where f.tenant = $1 and f.brand = $2 and f.offer_id = o.offer and f.member_id is null) as left
      from unnest($4::text[]) as o(offer)
      left join lateral (
        select code from pool_codes where tenant = $1 and brand = $2 and offer_id = o.offer and member_id in ${accounts}
        order by committed_at, code limit 1) c on true`,
    values: [tenant, brand, memberId, offerIds],
  });
  return new Map(
    rows.map(({ offer, code, used, left }): [string, CouponOfPool] => {
      if (code !== null)
        return [offer, used ? { kind: 'none', why: 'used' } : { kind: 'code', code }];
      return [offer, left ? { kind: 'available' } : { kind: 'none', why: 'empty' }];
    }),
  );
}

/**
 * Reserves a code of each of these offers for a member, and notes that the message shows it: the member's own again where there
 * is one. An offer whose pool ran empty meanwhile is left out of the answer.
 * @param db a transaction
 */
export async function reserveCoupons(
  db: Db,
  { tenant, brand, memberId, offerIds }: MemberCouponKey,
  messageId: string,
): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  // In one order, so that two messages to the same member wait for each other.
  for (const offerId of offerIds.toSorted()) {
    const code =
      (await ownCode(db, { tenant, brand, offerId }, memberId)) ??
      (await takeCode(db, { tenant, brand, offerId }, memberId));
    if (code !== undefined) codes.set(offerId, code);
  }
  await db.query({
    name: 'note-coupon-messages',
    text: `with others as (
        delete from pool_code_messages where message_id = $3 and code <> all($4::text[]))
      insert into pool_code_messages (tenant, brand, message_id, code) select $1, $2, $3, unnest($4::text[])
      on conflict do nothing`,
    values: [tenant, brand, messageId, [...codes.values()]],
  });
  return codes;
}

/** Locked, so that it isn't released before the message is noted. */
async function ownCode(
  db: Db,
  { tenant, brand, offerId }: PoolKey,
  memberId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ code: string }>({
    name: 'own-coupon',
    text: `select code from pool_codes where tenant = $1 and brand = $2 and offer_id = $4 and member_id in ${accounts}
      order by committed_at, code limit 1 for update`,
    values: [tenant, brand, memberId, offerId],
  });
  return rows[0]?.code;
}

/** One that nobody has, and that wasn't redeemed by somebody who got it elsewhere. */
async function takeCode(
  db: Db,
  { tenant, brand, offerId }: PoolKey,
  memberId: string,
): Promise<string | undefined> {
  // Two messages to one member at once: the second waits, and finds the first's code.
  await db.query({
    name: 'lock-coupon-member',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 171))',
    values: [[tenant, brand, offerId, memberId].join('\n')],
  });
  const own = await ownCode(db, { tenant, brand, offerId }, memberId);
  if (own !== undefined) return own;
  const { rows } = await db.query<{ code: string }>({
    name: 'take-coupon',
    text: `
      update pool_codes set member_id = $4
      where (tenant, brand, code) = (
        select tenant, brand, code from pool_codes c
        where tenant = $1 and brand = $2 and offer_id = $3 and member_id is null
          and not exists (select from laurel.coupons u where u.tenant = $1 and u.code = c.code)
        order by code limit 1 for update skip locked)
      returning code`,
    values: [tenant, brand, offerId, memberId],
  });
  return rows[0]?.code;
}
