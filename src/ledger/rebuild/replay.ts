import { randomUUID } from 'node:crypto';

import type { Db } from '../../postgres/pool.ts';
import { only, type Row, selected } from '../../postgres/table.ts';
import { applyIn } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { isAboutLinks, parseEvent } from '../plan.ts';
import { project } from '../project.ts';
import { events as eventTable } from '../tables.ts';
import { type Difference, readTables, type Rows } from './rebuild-tables.ts';

/** Events a replayed batch. */
const batch = 500;

const replayed = only(eventTable, 'memberId, type, ledgerVersion, also, raised');
type Stored = Row<typeof replayed> & {
  readonly seq: number;
  /** Of whatever release. */
  readonly document: unknown;
};

/**
 * Applies the events of these accounts to a tenant that nobody else sees, and reads what came of it. Of events of accounts
 * that were erased, and of links with them, nothing is left but whose version they raised: that much is applied of them.
 * @param gone those of `accounts`' links that were erased since
 */
export async function replay(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  accounts: readonly string[],
  gone: { readonly has: (memberId: string) => boolean },
): Promise<{ readonly refused: Difference[]; readonly rows: Rows }> {
  const scratch = `rebuild:${randomUUID()}`;
  // Which redemptions a profile remembers depends on the offers there are.
  await db.query(
    `insert into laurel.offers (tenant, brand, offer_id, document, used_count)
     select $2, brand, offer_id, document, 0 from laurel.offers where tenant = $1`,
    [tenant, scratch],
  );
  const refused: Difference[] = [];
  const told: { memberId: string; event: LedgerEvent }[] = [];
  const apply = async () => {
    const events = told.splice(0);
    const results = await applyIn(
      db,
      scratch,
      brandOf,
      events.map(({ event }) => event),
    );
    for (const [index, result] of results.entries())
      if (result.kind === 'refused') refused.push(noLonger(events[index]?.memberId ?? '', result));
  };
  const touched = new Set<string>();
  for (let after = 0; ;) {
    const rows = await stored(db, tenant, accounts, after);
    for (const row of rows) {
      const { memberId, document } = row;
      const isOfErased = isAboutLinks(row) && row.also?.some((one) => gone.has(one));
      const isOfNobody = memberId === null && document !== null;
      if (!isOfNobody && (memberId === null || !accounts.includes(memberId) || isOfErased)) {
        await apply();
        for (const one of await raise(db, scratch, accounts, row)) touched.add(one);
        continue;
      }
      const parsed = parseEvent(document);
      if (parsed.kind === 'event') told.push({ memberId: memberId ?? '', event: parsed.event });
      else refused.push(noLonger(memberId ?? '', parsed.result));
    }
    await apply();
    if (rows.length < batch) break;
    after = rows.at(-1)?.seq ?? after;
  }
  if (touched.size > 0) await projectAgain(db, scratch, brandOf, [...touched]);
  return { refused, rows: await readTables(db, scratch, accounts) };
}

/**
 * The next events of these accounts, what was told of their purchases without saying whose they are, and those of the erased
 * that changed one of them.
 */
async function stored(db: Db, tenant: string, accounts: readonly string[], after: number) {
  const { rows } = await db.query<Stored>(
    `select seq, ${selected(replayed)}, document
       from laurel.events
      where tenant = $1 and member_id = any($2) and seq > $3 and document is not null
     union all
     select seq, ${selected(replayed)}, null
       from laurel.events
      where tenant = $1 and also && $2 and raised is not null and seq > $3
        and (member_id is null and document is null or type = 'member.erased' and not member_id = any($2))
     union all
     select e.seq, ${selected(replayed, 'e.')}, e.document
       from laurel.purchases p cross join lateral jsonb_array_elements(p.told) as said (event)
       join laurel.events e
         on e.tenant = $1 and e.source = said.event ->> 0 and e.id = said.event ->> 1
      where p.tenant = $1 and p.member_id = any($2) and e.member_id is null and e.document is not null and e.seq > $3
      order by seq limit $4`,
    [tenant, accounts, after, batch],
  );
  return rows;
}

/** Gives accounts the versions that an event gave them. @returns which they were */
async function raise(
  db: Db,
  scratch: string,
  accounts: readonly string[],
  { memberId, ledgerVersion, raised }: Stored,
): Promise<string[]> {
  const others = (raised ?? []).filter((one) => accounts.includes(one));
  await db.query(
    `update laurel.members m set ledger_version = ledger_version + times
       from (select id, count(*) as times from unnest($2::text[]) as id group by id) as raised
      where tenant = $1 and member_id = id`,
    [scratch, others],
  );
  if (memberId === null || !accounts.includes(memberId)) return others;
  await db.query(
    'update laurel.members set ledger_version = $3 where tenant = $1 and member_id = $2',
    [scratch, memberId, ledgerVersion],
  );
  return [...others, memberId];
}

async function projectAgain(db: Db, scratch: string, brandOf: BrandOf, ids: readonly string[]) {
  const { rows } = await db.query<{ account: string; root: string }>(
    `with recursive up (account, at, parent) as (
       select member_id, member_id, merged_into from laurel.members where tenant = $1 and member_id = any($2)
       union all
       select up.account, m.member_id, m.merged_into from up
         join laurel.members m on m.tenant = $1 and m.member_id = up.parent)
     select account, at as root from up where parent is null`,
    [scratch, ids],
  );
  await project(db, scratch, new Map(rows.map(({ account, root }) => [account, root])), brandOf);
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
