import type pg from 'pg';

import { applyEvents } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import { erasureOf } from '../ledger/identity/accounts-to-erase.ts';
import { emptiedAmong } from '../message/retention.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';
import { audit } from './audit.ts';
import type { Parts } from './members.ts';

/** Whom a source told of. */
export type KnownFrom = {
  /** Members, and accounts nobody registered, of whom nobody else told anything. */
  readonly alone: readonly string[];
  /** And those of whom others did too, with who they are. */
  readonly others: readonly { readonly memberId: string; readonly sources: readonly string[] }[];
  /** Events of the source that are held. */
  readonly held: number;
};

/** What Laurel itself notes of a member, a redemption or an erasure, is no other source. */
const ownSource = 'laurel';

/** Each by the account they are known by; the erased are left out. */
export async function knownFrom(db: pg.Pool, tenant: string, source: string): Promise<KnownFrom> {
  const { rows } = await db.query<{ memberId: string; sources: string[] }>(
    `with recursive up (account, parent) as (
       select m.member_id, m.merged_into from laurel.members m
        where m.tenant = $1 and m.member_id in (
          select member_id from laurel.events where tenant = $1 and source = $2 and member_id is not null)
       union
       select m.member_id, m.merged_into from up
         join laurel.members m on m.tenant = $1 and m.member_id = up.parent
     ), parts (root, account) as (
       select account, account from up where parent is null
       union
       select parts.root, m.member_id from parts
         join laurel.members m on m.tenant = $1 and m.merged_into = parts.account
     )
     select root as "memberId", coalesce(array_agg(distinct e.source order by e.source)
              filter (where e.source not in ($2, $3)), '{}') as sources
       from parts
       join laurel.members m on m.tenant = $1 and m.member_id = root and m.status <> 'erased'
       left join laurel.events e on e.tenant = $1 and e.member_id = account
      group by root order by root`,
    [tenant, source, ownSource],
  );
  const { rows: held } = await db.query<{ count: number }>(
    'select count(*)::int as count from laurel.held_events where tenant = $1 and source = $2',
    [tenant, source],
  );
  return {
    alone: rows.filter(({ sources }) => sources.length === 0).map(({ memberId }) => memberId),
    others: rows.filter(({ sources }) => sources.length > 0),
    held: held[0]?.count ?? 0,
  };
}

/** So many are erased in one transaction. */
const batch = 50;

/**
 * Erases all whom a source alone told of, each noted and by an event of the source that stays as the proof, and drops what
 * is held of it. Done again it goes on where it was stopped.
 * @returns how many were erased
 */
export async function redactSource(
  { pool, brands, now, config }: Parts,
  tenant: string,
  { source, actor }: { readonly source: string; readonly actor: string },
): Promise<number> {
  const { alone } = await knownFrom(pool, tenant, source);
  const at = now().toISOString();
  let erased = 0;
  for (let from = 0; from < alone.length; from += batch) {
    const some = alone.slice(from, from + batch);
    const events = some.map((memberId) => erasureOf(memberId, { source, id: 'redacted', at }));
    const results = await applyEvents(pool, tenant, brandsOf(brands), events);
    for (const [n, memberId] of some.entries()) {
      if (results[n]?.kind !== 'applied') continue;
      erased += 1;
      await audit(pool, tenant, memberId, { actor, action: 'erase' });
    }
  }
  await pool.query('delete from laurel.held_events where tenant = $1 and source = $2', [
    tenant,
    source,
  ]);
  await sweepOutbox(config.outboxFolder, null, (ids) => emptiedAmong(pool, ids));
  return erased;
}
