import type { Db } from '../../postgres/pool.ts';
import type { BrandOf } from '../batch.ts';
import { project } from '../project.ts';

/** What a signal's event says besides that there was one. */
const contents = ['category', 'productId', 'store', 'channel'];

type Account = {
  readonly tenant: string;
  readonly account: string;
  /** The member it belongs to. */
  readonly root: string;
  readonly brand: string;
};

/**
 * Forgets signals of before, within a transaction of the caller's: their rows, what their events said, and what the profile had
 * from them. A batch is the accounts of at most `limit` signals. Returns how many signals went.
 */
export async function forgetSignals(
  db: Db,
  brandOf: BrandOf,
  before: Date,
  limit: number,
): Promise<number> {
  const { rows: accounts } = await db.query<Account>(
    `select m.tenant, m.member_id as account, coalesce(p.merged_into, m.member_id) as root, m.brand
       from laurel.members m left join laurel.profiles p using (tenant, member_id)
      where (m.tenant, m.member_id) in (
        select tenant, member_id from (select tenant, member_id from laurel.signals where at < $1 limit $2) as old)
      order by m.tenant, m.member_id for update of m`,
    [before, limit],
  );
  let gone = 0;
  for (const tenant of new Set(accounts.map((one) => one.tenant))) {
    const those = accounts.filter((one) => one.tenant === tenant);
    const ids = those.map(({ account }) => account);
    const { rowCount } = await db.query(
      'delete from laurel.signals where tenant = $1 and member_id = any($2) and at < $3',
      [tenant, ids, before],
    );
    await db.query(
      `update laurel.events set document = document - $4::text[]
        where tenant = $1 and member_id = any($2) and type = 'signal.observed' and at < $3 and document ?| $4`,
      [tenant, ids, before, contents],
    );
    const roots = those.filter(({ brand }) => brandOf(brand)).map(({ root }) => root);
    await project(db, tenant, new Map(roots.map((root) => [root, root])), brandOf);
    gone += rowCount ?? 0;
  }
  return gone;
}
