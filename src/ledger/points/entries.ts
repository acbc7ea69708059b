import type { Db } from '../../postgres/pool.ts';
import {
  type Account,
  activePoints,
  advance,
  apply,
  emptyAccount,
  type Entry,
  type EntryKind,
  lockedPoints,
  nextChange,
  total,
} from './points.ts';

/** What a member has after a movement. At any time: active + pending + locked = earned + adjusted − spent − expired. */
type Balances = {
  readonly active: number;
  readonly pending: number;
  readonly locked: number;
  readonly spent: number;
  readonly expired: number;
  readonly earned: number;
  readonly qualifying: number;
};

/** A line of the points ledger, as an auditor reads it. */
export type LedgerEntry = {
  readonly at: Date;
  /** `activate` and `expire` without an event: time alone did it, by the dates of the points. */
  readonly kind: EntryKind;
  readonly points: number;
  readonly qualifying: number;
  readonly ref: string | null;
  readonly lock: string | null;
  readonly reason: string | null;
  /** The event it comes from, and the account it was told of. */
  readonly event: {
    readonly source: string;
    readonly id: string;
    readonly type: string;
    readonly memberId: string;
  } | null;
  readonly balances: Balances;
};

type Stored = {
  readonly kind: EntryKind;
  readonly points: number;
  readonly qualifying: number;
  readonly at: Date;
  readonly activeAt: Date | null;
  readonly pendingForGood: boolean;
  readonly expiresAt: Date | null;
  readonly idleAt: Date | null;
  readonly ref: string | null;
  readonly lock: string | null;
  readonly reason: string | null;
  readonly source: string | null;
  readonly id: string | null;
  readonly type: string | null;
  readonly memberId: string;
  readonly floors: boolean;
};

/**
 * Every movement of a member's points in order of time, those of accounts merged into her too, each with the balances after
 * it and the event it comes from. What time alone did until `until` is told between them. Entries are only ever added, so
 * the same question answers the same, but for what was told late.
 */
export async function ledgerEntries(
  db: Db,
  tenant: string,
  memberId: string,
  until: Date,
): Promise<LedgerEntry[]> {
  const { rows } = await db.query<Stored>(
    `with recursive accounts (member_id) as (
       select member_id from laurel.members where tenant = $1 and member_id = $2
       union all
       select m.member_id from accounts a join laurel.members m on m.tenant = $1 and m.merged_into = a.member_id)
     select e.kind, e.points, e.qualifying, e.at, case when isfinite(e.active_at) then e.active_at end as "activeAt",
            coalesce(not isfinite(e.active_at), false) as "pendingForGood", e.expires_at as "expiresAt",
            e.idle_at as "idleAt", e.ref, e.lock, e.reason, e.member_id as "memberId", e.floors,
            coalesce(t.source, v.source) as source, coalesce(t.id, v.id) as id, coalesce(t.type, v.type) as type
       from laurel.points_entries e
       -- What was ignored since has that version, too.
       left join (
         select distinct on (member_id, ledger_version) * from laurel.events
          where tenant = $1 and member_id in (select member_id from accounts)
          order by member_id, ledger_version, seq) as v
         on v.member_id = e.member_id and v.ledger_version = e.ledger_version
       left join laurel.events t on t.tenant = e.tenant and t.source = e.source and t.id = e.id
      where e.tenant = $1 and e.member_id in (select member_id from accounts) and e.at <= $3
      order by e.at, e.ledger_version, e.member_id, e.n`,
    [tenant, memberId, until],
  );
  const account = emptyAccount();
  const entries: LedgerEntry[] = [];
  for (const row of rows) {
    const { kind, points, qualifying, at, ref, lock, reason, source, id, type, memberId: of } = row;
    entries.push(...passing(account, at.getTime()));
    const { writtenOff } = account;
    apply(account, entryOf(row));
    const event =
      source !== null && id !== null && type !== null ? { source, id, type, memberId: of } : null;
    const balances = balancesOf(account);
    const line = { at, kind, points, qualifying, ref, lock, reason, event, balances };
    const more = account.writtenOff - writtenOff;
    if (more === 0) entries.push(line);
    else
      entries.push(
        { ...line, balances: { ...balances, active: balances.active - more } },
        { ...line, kind: 'adjust', points: more, qualifying: 0, reason: 'written-off' },
      );
  }
  return [...entries, ...passing(account, until.getTime())];
}

/** What becomes active or expires by `to`, one line an instant and sort. */
function passing(account: Account, to: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (
    let next = nextChange(account);
    next <= to && next !== Infinity;
    next = nextChange(account)
  ) {
    const before = balancesOf(account);
    advance(account, next);
    const balances = balancesOf(account);
    const line = (kind: EntryKind, points: number): LedgerEntry => ({
      at: new Date(next),
      kind,
      points,
      qualifying: 0,
      ref: null,
      lock: null,
      reason: null,
      event: null,
      balances,
    });
    const activated = before.pending - balances.pending;
    if (activated > 0) entries.push(line('activate', activated));
    const expired = balances.expired - before.expired;
    if (expired > 0) entries.push(line('expire', expired));
  }
  return entries;
}

const entryOf = ({ at, activeAt, pendingForGood, expiresAt, idleAt, ...rest }: Stored): Entry => ({
  ...rest,
  at: at.getTime(),
  activeAt: pendingForGood ? Infinity : (activeAt ?? at).getTime(),
  expiresAt: expiresAt?.getTime() ?? Infinity,
  ...(idleAt !== null && { idleAt: idleAt.getTime() }),
});

const balancesOf = (account: Account): Balances => ({
  active: activePoints(account),
  pending: total(account.pending),
  locked: lockedPoints(account),
  spent: account.spent,
  expired: account.expired,
  earned: account.earned,
  qualifying: account.qualifying,
});
