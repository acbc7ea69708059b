import type { Db } from '../postgres/pool.ts';
import type { Writes } from './batch.ts';

/** Which account a member's profile had in it, from one of her ledger versions on, until before another. */
export type Span = {
  readonly memberId: string;
  readonly account: string;
  readonly sinceVersion: number;
  /** Null: still. */
  readonly untilVersion: number | null;
  /** When the events that linked and unlinked it happened. */
  readonly since: Date;
  readonly until: Date | null;
};

/** Stores what a batch opened and closed, in its order. */
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

/**
 * Every time this account was merged with others, oldest first: rows of whoever's profile it was in, and of whatever was
 * in its own. A mail was made from a profile of two accounts if both were in it (or are it) at the ledger version that
 * its decision's basis names.
 */
export async function linkHistory(db: Db, tenant: string, account: string): Promise<Span[]> {
  const { rows } = await db.query<Span>(
    `select member_id as "memberId", account, since_version as "sinceVersion", until_version as "untilVersion",
            since, until
       from laurel.profile_accounts where tenant = $1 and (member_id = $2 or account = $2)
      order by since, member_id, account, since_version`,
    [tenant, account],
  );
  return rows;
}
