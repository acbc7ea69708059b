import { createHash } from 'node:crypto';

import type { z } from 'zod';

import type { Db } from '../../postgres/pool.ts';
import type { Identity, LedgerEventInput } from '../events.ts';
import { canonicalOf } from './identity.ts';

/** Who asks to be forgotten, as a system from outside knows them. */
export type ToErase = {
  readonly memberId: string | undefined;
  /** Of whoever has them, members too. */
  readonly identities: readonly z.output<typeof Identity>[];
  /**
   * Of somebody nobody has registered: what was bought as a guest under these, or in these orders. A member who has such an
   * address may be somebody else.
   */
  readonly guest: {
    readonly identities: readonly z.output<typeof Identity>[];
    readonly orderIds: readonly string[];
  };
};

/** The event that erases an account, and stays as the proof of it: whose word it was, and when. */
export function erasureOf(
  memberId: string,
  { source, id, at }: { readonly source: string; readonly id: string; readonly at: string },
): LedgerEventInput {
  const hash = createHash('sha256').update(memberId).digest('hex').slice(0, 12);
  return { type: 'member.erased', source, id: `${id}-${hash}`, at, memberId };
}

/** The accounts of whoever is meant that aren't erased yet. What is held of them without an account is deleted here. */
export async function accountsToErase(
  db: Db,
  tenant: string,
  { memberId, identities, guest }: ToErase,
): Promise<string[]> {
  const theirs = identities.map(canonicalOf);
  const guests = guest.identities.map(canonicalOf);
  const both = [...theirs, ...guests];
  await db.query(
    `delete from laurel.held_events
      where tenant = $1
        and (document ->> 'memberId' = $2 or canonical = any($3) or mentions && $3 or order_id = any($4))`,
    [tenant, memberId ?? null, both.map(({ canonical }) => canonical), guest.orderIds],
  );
  const { rows } = await db.query<{ id: string }>(
    `with named as (
       select i.member_id from laurel.identities i
         join unnest($3::text[], $4::text[]) as t (kind, canonical) using (kind, canonical) where i.tenant = $1
     ), guests as (
       select i.member_id from laurel.identities i
         join unnest($5::text[], $6::text[]) as t (kind, canonical) using (kind, canonical) where i.tenant = $1
       union
       select member_id from laurel.purchases where tenant = $1 and order_id = any($7)
     )
     select member_id as id from laurel.members m
      where tenant = $1 and status <> 'erased'
        and (member_id = $2 or member_id in (select member_id from named)
             or (status = 'unregistered' and merged_into is null and member_id in (select member_id from guests)))
      order by member_id`,
    [
      tenant,
      memberId ?? null,
      theirs.map(({ kind }) => kind),
      theirs.map(({ canonical }) => canonical),
      guests.map(({ kind }) => kind),
      guests.map(({ canonical }) => canonical),
      guest.orderIds,
    ],
  );
  return rows.map(({ id }) => id);
}
