import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import { PermanentError } from '../core/errors.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { applyIn } from './apply.ts';
import type { BrandOf } from './batch.ts';
import type { LedgerEvent } from './events.ts';
import { parseEvent } from './plan.ts';
import {
  type Difference,
  differences,
  readRows,
  replaceRows,
  type Rows,
} from './rebuild-tables.ts';

/** Accounts at a time, and events a replayed batch. */
const [chunk, batch] = [100, 500];

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
        await pool.query<{ member_id: string }>(
          `select member_id from laurel.members
            where tenant = $1 and member_id > $2 and status <> 'erased' order by member_id limit $3`,
          [tenant, after, chunk],
        )
      ).rows.map(({ member_id }) => member_id);
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
    const broken = await withoutContents(db, tenant, accounts);
    const also = await connected(db, tenant, [...broken.keys()]);
    const incomplete = also.flatMap((memberId) => {
      const why = broken.get(memberId) ?? 'was linked with an account that cannot be computed';
      return why === erased ? [] : [{ memberId, why }];
    });
    const whole = accounts.filter((id) => !also.includes(id));
    if (store)
      await db.query(
        'select from laurel.members where tenant = $1 and member_id = any($2) order by member_id for update',
        [tenant, whole],
      );
    const stored = await readRows(db, tenant, whole);
    await db.query('savepoint scratch');
    const { refused, rows } = await replay(db, tenant, brandOf, whole);
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

/** Accounts of which something was applied that isn't kept. */
async function withoutContents(
  db: Db,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ memberId: string; events: number; isErased: boolean }>(
    `select m.member_id as "memberId", count(e.id) as events, m.status = 'erased' as "isErased"
       from laurel.members m
       left join laurel.events e on e.tenant = m.tenant and e.member_id = m.member_id and e.document is null
      where m.tenant = $1 and m.member_id = any($2)
      group by m.member_id, m.status having count(e.id) > 0 or m.status = 'erased'`,
    [tenant, ids],
  );
  return new Map(
    rows.map(({ memberId, events, isErased }) => [
      memberId,
      isErased ? erased : `${events} of its events were applied before events were kept whole`,
    ]),
  );
}

/** Applies the events of these accounts to a tenant that nobody else sees, and reads what came of it. */
async function replay(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  accounts: readonly string[],
): Promise<{ readonly refused: Difference[]; readonly rows: Rows }> {
  const scratch = `rebuild:${randomUUID()}`;
  // Which redemptions a profile remembers depends on the offers there are.
  await db.query(
    `insert into laurel.offers (tenant, brand, offer_id, document, used_count)
     select $2, brand, offer_id, document, 0 from laurel.offers where tenant = $1`,
    [tenant, scratch],
  );
  const refused: Difference[] = [];
  let after = 0;
  for (;;) {
    const { rows } = await db.query<{ seq: number; memberId: string; document: unknown }>(
      `select seq, member_id as "memberId", document from laurel.events
        where tenant = $1 and member_id = any($2) and seq > $3 and document is not null order by seq limit $4`,
      [tenant, accounts, after, batch],
    );
    const events: { memberId: string; event: LedgerEvent }[] = [];
    for (const { memberId, document } of rows) {
      const parsed = parseEvent(document);
      if (parsed.kind === 'event') events.push({ memberId, event: parsed.event });
      else refused.push(noLonger(memberId, parsed.result));
    }
    const results = await applyIn(
      db,
      scratch,
      brandOf,
      events.map(({ event }) => event),
    );
    for (const [index, result] of results.entries())
      if (result.kind === 'refused') refused.push(noLonger(events[index]?.memberId ?? '', result));
    if (rows.length < batch) break;
    after = rows.at(-1)?.seq ?? after;
  }
  return { refused, rows: await readRows(db, scratch, accounts) };
}

const noLonger = (
  memberId: string,
  result: {
    readonly source: string | null;
    readonly id: string | null;
    readonly problems?: unknown;
  },
): Difference => ({
  memberId,
  path: `events[${result.source},${result.id}]`,
  stored: 'applied',
  recomputed: { refused: result.problems ?? null },
});
