import type { Db } from '../../postgres/pool.ts';

/** Whose orders these are, by order: the account each was placed under. Orders nobody has placed yet are left out. */
export async function orderOwners(
  db: Db,
  tenant: string,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (orderIds.length === 0) return new Map();
  const { rows } = await db.query<{ orderId: string; memberId: string }>(
    `select order_id as "orderId", member_id as "memberId" from laurel.purchases
      where tenant = $1 and order_id = any($2) and placed_at is not null and member_id is not null`,
    [tenant, orderIds],
  );
  return new Map(rows.map(({ orderId, memberId }) => [orderId, memberId]));
}
