import type { Db } from '../../postgres/pool.ts';
import { insertGiven, type Row } from '../../postgres/table.ts';
import type { Writes } from '../batch.ts';
import { profileAccounts } from '../tables.ts';

/**
 * Stores which accounts members' profiles are made of from which of their ledger versions on, and until before which: what a
 * batch opened and closed, in its order. A mail was made from two accounts if both were in the profile, or are it, at the
 * version that its decision's basis names.
 */
export async function writeSpans(db: Db, tenant: string, changes: Writes['spans']): Promise<void> {
  if (changes.length === 0) return;
  const opened: Row<typeof profileAccounts>[] = [];
  const closed: Writes['spans'][number][] = [];
  for (const change of changes) {
    const { kind, memberId, account, version, at } = change;
    if (kind === 'open') {
      opened.push({
        memberId,
        account,
        sinceVersion: version,
        since: at,
        untilVersion: null,
        until: null,
      });
      continue;
    }
    const own = opened.findLast(
      (one) => one.memberId === memberId && one.account === account && one.untilVersion === null,
    );
    if (own) Object.assign(own, { untilVersion: version, until: at });
    else closed.push(change);
  }
  await db.query(
    `update laurel.profile_accounts p set until_version = version, until = at
       from jsonb_to_recordset($2::jsonb) as r ("memberId" text, account text, version bigint, at timestamptz)
      where p.tenant = $1 and p.member_id = r."memberId" and p.account = r.account and p.until_version is null`,
    [tenant, JSON.stringify(closed)],
  );
  await db.query(insertGiven(profileAccounts), [tenant, JSON.stringify(opened)]);
}
