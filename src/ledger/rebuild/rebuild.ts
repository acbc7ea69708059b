import type pg from 'pg';

import { PermanentError } from '../../core/errors.ts';
import { type Db, transaction } from '../../postgres/pool.ts';
import { only, readRows } from '../../postgres/table.ts';
import type { BrandOf } from '../batch.ts';
import { members } from '../tables.ts';
import { type Difference, differences, readTables, replaceRows } from './rebuild-tables.ts';
import { replay } from './replay.ts';

/** Accounts at a time. */
const chunk = 100;

/** Has nothing to compute, and nothing to compare with. */
const erased = 'was erased';

export type Rebuilt = {
  /** Accounts looked at so far. */
  readonly accounts: number;
  readonly differences: readonly Difference[];
  /** Accounts that can't be computed anew, and why: events without their contents, or linked with such. */
  readonly incomplete: readonly { readonly memberId: string; readonly why: string }[];
};

/**
 * Computes every account anew from its events, some at a time, and compares what comes out with what is stored: facts,
 * links and profiles. The events are applied to an empty tenant by the same code that applied them first, in a transaction
 * that is rolled back; readers and writers go on meanwhile. With `store` what differs is replaced.
 *
 * @param of `memberIds`: only these and whom they are connected with. `store`: false changes nothing.
 */
export async function* rebuild(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  of: { readonly memberIds?: readonly string[]; readonly store: boolean },
): AsyncGenerator<Rebuilt> {
  const done = new Set<string>();
  let after = '';
  for (;;) {
    const wanted =
      of.memberIds ??
      (
        await readRows(
          pool,
          only(members, 'memberId'),
          `where tenant = $1 and member_id > $2 and status <> 'erased' order by member_id limit $3`,
          [tenant, after, chunk],
        )
      ).map(({ memberId }) => memberId);
    const fresh = wanted.filter((id) => !done.has(id));
    if (fresh.length > 0) {
      const result = await rebuildSome(pool, tenant, brandOf, fresh, of.store);
      for (const id of result.accounts) done.add(id);
      yield { ...result, accounts: result.accounts.length };
    }
    if (of.memberIds || wanted.length < chunk) return;
    after = wanted.at(-1) ?? '';
    for (const id of done) if (id <= after) done.delete(id);
  }
}

async function rebuildSome(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  wanted: readonly string[],
  store: boolean,
) {
  return transaction(pool, async (db) => {
    // One state of everything, however long it takes.
    await db.query('set transaction isolation level repeatable read');
    const accounts = await connected(db, tenant, wanted);
    const gone = await erasedAmong(db, tenant, accounts);
    const broken = await withoutContents(db, tenant, accounts, gone);
    const also = await connected(db, tenant, [...broken.keys()]);
    const incomplete = also.flatMap((memberId) => {
      const why = broken.get(memberId) ?? 'was linked with an account that cannot be computed';
      return why === erased ? [] : [{ memberId, why }];
    });
    const whole = accounts.filter((id) => !also.includes(id) && !gone.has(id));
    if (store)
      await db.query(
        'select from laurel.members where tenant = $1 and member_id = any($2) order by member_id for update',
        [tenant, whole],
      );
    const stored = await readTables(db, tenant, whole);
    await db.query('savepoint scratch');
    const { refused, rows } = await replay(db, tenant, brandOf, whole, gone);
    await db.query('rollback to savepoint scratch');
    const found = [...refused, ...differences(whole, stored, rows)];
    if (store && found.length > 0) {
      if (refused.length > 0)
        throw new PermanentError('cannot-rebuild', `${refused[0]?.path} is no longer accepted`);
      const differing = [...new Set(found.map(({ memberId }) => memberId))];
      await replaceRows(db, tenant, differing, rows);
    }
    return { accounts, differences: found, incomplete };
  });
}

/** These accounts, and all that any event of theirs changed as well, or that changed them. */
async function connected(db: Db, tenant: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `with recursive connected (id) as (
       select unnest($2::text[])
       union
       select next.id from connected c cross join lateral (
         select unnest(e.also) as id from laurel.events e
          where e.tenant = $1 and e.member_id = c.id and e.also is not null
         union all
         select e.member_id from laurel.events e
          where e.tenant = $1 and e.also @> array[c.id] and e.member_id is not null
         offset 0) as next)
     select id from connected join laurel.members m on m.tenant = $1 and m.member_id = id order by id`,
    [tenant, ids],
  );
  return rows.map(({ id }) => id);
}

/** Erased accounts among these; `alone` where no more than one other outlived a link with it, and how is known. */
async function erasedAmong(
  db: Db,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly alone: boolean }>> {
  const { rows } = await db.query<{ memberId: string; alone: boolean }>(
    `select m.member_id as "memberId",
            coalesce(bool_and(others.count = 0 or others.count = 1 and e.raised is not null), true) as alone
       from laurel.members m
       left join laurel.events e
         on e.tenant = m.tenant and e.member_id = m.member_id and e.type = 'member.erased' and e.also is not null
      cross join lateral (
        select count(*) from laurel.members o
         where o.tenant = m.tenant and o.member_id = any(e.also) and o.status <> 'erased') as others
      where m.tenant = $1 and m.member_id = any($2) and m.status = 'erased' group by m.member_id`,
    [tenant, ids],
  );
  return new Map(rows.map(({ memberId, ...one }) => [memberId, one]));
}

/** Accounts of which something was applied that isn't kept, and without which others can't be computed either. */
async function withoutContents(
  db: Db,
  tenant: string,
  ids: readonly string[],
  gone: ReadonlyMap<string, { readonly alone: boolean }>,
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ memberId: string; events: number }>(
    `select member_id as "memberId", count(*) as events from laurel.events
      where tenant = $1 and member_id = any($2) and document is null group by member_id`,
    [tenant, ids.filter((id) => !gone.has(id))],
  );
  return new Map([
    ...[...gone].flatMap(([id, { alone }]) => (alone ? [] : [[id, erased] as const])),
    ...rows.map(
      ({ memberId, events }) =>
        [memberId, `${events} of its events were applied before events were kept whole`] as const,
    ),
  ]);
}
