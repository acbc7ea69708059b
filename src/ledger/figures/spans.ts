import type { Db } from '../../postgres/pool.ts';
import type { Writes } from '../batch.ts';

/**
 * Stores which accounts members' profiles are made of from which of their ledger versions on, and until before which: what a
 * batch opened and closed, in its order. A mail was made from two accounts if both were in the profile, or are it, at the
 * version that its decision's basis names.
 */
export async function writeSpans(db: Db, tenant: string, changes: Writes['spans']): Promise<void> {
  if (changes.length === 0) return;
  type Opened = {
    memberId: string;
    account: string;
    sinceVersion: number;
    since: string;
    untilVersion: number | null;
    until: string | null;
  };
  const opened: Opened[] = [];
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
  await db.query(
    `insert into laurel.profile_accounts
       (tenant, member_id, account, since_version, until_version, since, until)
     select $1, "memberId", account, "sinceVersion", "untilVersion", since, until from jsonb_to_recordset($2::jsonb)
         as r ("memberId" text, account text, "sinceVersion" bigint, "untilVersion" bigint, since timestamptz,
               until timestamptz)`,
    [tenant, JSON.stringify(opened)],
  );
}
