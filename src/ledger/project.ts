import { type Brand, programmeAt } from '../brand/brand.ts';
import { canonicalAddress } from '../core/address.ts';
import { PermanentError } from '../core/errors.ts';
import { schemaFingerprint } from '../core/schema-fingerprint.ts';
import type { Db } from '../postgres/pool.ts';
import type { BrandOf } from './batch.ts';
import { loadFacts, type MemberFacts } from './figures/facts.ts';
import {
  type Account,
  advance,
  apply,
  emptyAccount,
  type Lot,
  lockedPoints,
  total,
} from './points/points.ts';
import {
  type Contribution,
  type Counts,
  countsFrom,
  countsMore,
  tierTimeline,
} from './programme/tiers.ts';
import { Row, waitsForGood } from './row.ts';

/** So many dates of each sort are listed one by one in a row; later ones are summed up. */
const datesListed = 18;

/**
 * Computes the rows of these members, each with all her accounts, from the ledger, without storing them: as of their last
 * event, or of `until` where that is later. Erased and unknown ones are left out.
 */
export async function projectRows(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  brandOf: BrandOf,
  until?: Date,
): Promise<Row[]> {
  const documents = await projectDocuments(db, tenant, memberIds, brandOf, until);
  return documents.map(({ row }) => row);
}

type Projected = { readonly row: Row; readonly registered: boolean };

async function projectDocuments(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  brandOf: BrandOf,
  until?: Date,
): Promise<Projected[]> {
  const facts = await loadFacts(db, tenant, memberIds, brandOf);
  return facts.map((one) => {
    const brand = brandOf(one.brand);
    if (!brand) throw new PermanentError('unknown-brand', `brand "${one.brand}" is not configured`);
    return { row: rowOf(one, brand, until), registered: one.registered };
  });
}

/**
 * Projects these accounts' members anew and stores a row for each, all in one statement. An account that is merged into
 * another has a row that says into which (`{"merged": …, "email": its own}`), one that nobody has registered keeps what it comes to for
 * later (`{"unregistered": …}`), an erased one keeps that it is (`{"erased": true}`). What is written here is sealed with the schema it
 * has: where the seal fits, it need not be looked at again.
 *
 * @param accounts the member that each account belongs to
 */
export async function project(
  db: Db,
  tenant: string,
  accounts: ReadonlyMap<string, string>,
  brandOf: BrandOf,
): Promise<void> {
  if (accounts.size === 0) return;
  const members = [...new Set(accounts.values())];
  const merged = [...accounts].filter(([account, member]) => account !== member);
  const projected = await projectDocuments(db, tenant, members, brandOf);
  const rows = projected.map(({ row }) => row);
  await db.query(
    `with projected as (
       select *, null as merged_into, jsonb_hash_extended(document, $11) as document_seal
         from unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::jsonb[])
           as r (member_id, ledger_version, as_of, brand, email_canonical, document)
       union all
       select member_id, ledger_version, as_of, brand, null, '{"erased": true}', null, null from laurel.members
        where tenant = $1 and member_id = any($8) and status = 'erased'
       union all
       select m.member_id, m.ledger_version, m.as_of, m.brand, null, jsonb_build_object('merged', said.member, 'email', m.email), said.member, null
         from unnest($9::text[], $10::text[]) as said (account, member)
         join laurel.members m on m.tenant = $1 and m.member_id = said.account)
     insert into laurel.profiles (tenant, member_id, ledger_version, as_of, brand, email_canonical, document, merged_into, document_seal)
     select $1, * from projected order by member_id
     on conflict (tenant, member_id) do update set ledger_version = excluded.ledger_version, as_of = excluded.as_of,
       brand = excluded.brand, email_canonical = excluded.email_canonical, document = excluded.document,
       merged_into = excluded.merged_into, document_seal = excluded.document_seal`,
    [
      tenant,
      rows.map(({ memberId }) => memberId),
      rows.map(({ ledgerVersion }) => ledgerVersion),
      rows.map(({ asOf }) => new Date(asOf)),
      rows.map(({ brand }) => brand),
      projected.map(({ row: { email }, registered }) =>
        email === null || !registered ? null : canonicalAddress(email),
      ),
      projected.map(({ row, registered }) =>
        JSON.stringify(registered ? row : { unregistered: row }),
      ),
      members,
      merged.map(([account]) => account),
      merged.map(([, member]) => member),
      schemaFingerprint(Row),
    ],
  );
}

/** Pure: what a member's counted facts come to under the programmes of her brand. */
export function rowOf(
  facts: MemberFacts,
  brand: Pick<Brand, 'programme' | 'programmes' | 'timeZone'>,
  until?: Date,
): Row {
  const {
    tenant: _tenant,
    registered: _registered,
    entries,
    given,
    counted,
    claimed,
    ...rest
  } = facts;
  const asOf = Math.max(facts.asOf, until?.getTime() ?? 0);
  const { rewards } = programmeAt(brand, asOf);
  const account = emptyAccount();
  const unlocked = new Map<string, number>();
  for (const entry of entries) {
    apply(account, entry);
    for (const { rewardId, at } of rewards) {
      const reached =
        'lifetimePoints' in at
          ? account.earned >= at.lifetimePoints
          : account.qualifying >= at.qualifyingPoints;
      if (!reached) unlocked.delete(rewardId);
      else if (!unlocked.has(rewardId)) unlocked.set(rewardId, entry.at);
    }
  }
  advance(account, asOf);
  const reached = [...new Set([...unlocked.keys(), ...Object.keys(claimed)])];
  return {
    ...rest,
    ...(rest.lastPurchases && {
      lastPurchases: withPoints(rest.lastPurchases, entries, account.pending),
    }),
    points: pointsOf(account, asOf),
    tier: { ...tierOf({ entries, counted }, brand, Date.parse(facts.enrolledAt), asOf), given },
    ...(reached.length > 0 && {
      rewards: reached.map((rewardId): NonNullable<Row['rewards']>[number] => [
        rewardId,
        unlocked.get(rewardId) ?? null,
        claimed[rewardId] ?? null,
      ]),
    }),
  };
}

/** What each of these purchases has left of what it earned, and what of that is pending. */
function withPoints(
  purchases: NonNullable<Row['lastPurchases']>,
  entries: MemberFacts['entries'],
  pending: readonly Lot[],
): NonNullable<Row['lastPurchases']> {
  const earned = new Map(purchases.map(([orderId]) => [orderId, 0]));
  for (const { kind, points, ref } of entries) {
    const before = ref === null ? undefined : earned.get(ref);
    if (ref === null || before === undefined) continue;
    if (kind === 'earn' || (kind === 'reverse' && points < 0)) earned.set(ref, before + points);
  }
  return purchases.map(([orderId, channel, store, at, paid, product, currency]) => {
    const points = earned.get(orderId) ?? 0;
    const waiting = pending.filter(({ ref }) => ref === orderId);
    const last = Math.max(0, ...waiting.map(({ activeAt }) => activeAt));
    const until = waiting.length === 0 || last === Infinity ? null : last;
    const purchase = [orderId, channel, store, at, paid, product, currency] as const;
    if (points <= 0) return [...purchase];
    return [...purchase, waiting.length === 0 ? points : [points, total(waiting), until]];
  });
}

/** What counts for tiers: movements of qualifying points, purchases, engagements. */
export function contributionsOf({
  entries,
  counted,
}: Pick<MemberFacts, 'entries' | 'counted'>): Contribution[] {
  const earnedAt = new Map<string, number>();
  const contributions = entries.flatMap(({ kind, qualifying, at, ref }): Contribution[] => {
    if (ref !== null && kind === 'earn' && !earnedAt.has(ref)) earnedAt.set(ref, at);
    if (qualifying === 0) return [];
    const of = (ref !== null && kind === 'reverse' ? earnedAt.get(ref) : undefined) ?? at;
    return [{ at, of, measure: 'qualifyingPoints', amount: qualifying }];
  });
  for (const [kind, at, paid] of counted) {
    if (kind === 'engagement') contributions.push({ at, of: at, measure: 'engagement', amount: 1 });
    else
      contributions.push(
        { at, of: at, measure: 'purchases', amount: 1 },
        { at, of: at, measure: 'spend', amount: paid },
      );
  }
  return counted.length === 0
    ? contributions
    : contributions.toSorted((one, other) => one.at - other.at);
}

function tierOf(
  facts: Pick<MemberFacts, 'entries' | 'counted'>,
  brand: Pick<Brand, 'programme' | 'programmes' | 'timeZone'>,
  since: number,
  asOf: number,
): Omit<Row['tier'], 'given'> {
  const contributions = contributionsOf(facts);
  const timeline = tierTimeline(contributions, brand, since);
  const reached = timeline.findLast(({ at }) => at <= asOf) ?? timeline[0];
  if (!reached) throw new RangeError('a timeline begins with joining');
  const later = timeline
    .filter(({ at }) => at > asOf && at > reached.at)
    .map(({ at, tierId, reason }): [number, string, string] => [at, tierId, reason]);
  const tier = { reached, ...(later.length > 0 && { later }) };
  if (!countsMore(brand)) return tier;
  const [now, changes] = countsFrom(contributions, brand, asOf);
  const unlisted = changes[datesListed]?.at;
  return {
    ...tier,
    counts: [
      countTuple(asOf, now),
      ...changes.slice(0, datesListed).map(({ at, counts }) => countTuple(at, counts)),
    ],
    ...(unlisted !== undefined && { unlisted }),
  };
}

const countTuple = (
  at: number,
  { qualifyingPoints, purchases, spend, engagement }: Counts,
): [number, number, number, number, number] => [at, qualifyingPoints, purchases, spend, engagement];

function pointsOf(account: Account, now: number): Row['points'] {
  const active = listed(grouped(account.active, now), 'expiresAt');
  const pending = listed(grouped(account.pending.filter(isNotLapsing), now), 'activeAt');
  // What waits for an event lapses while it waits.
  const waiting = account.pending
    .filter((lot) => !isNotLapsing(lot))
    .toSorted((one, other) => one.expiresAt - other.expiresAt);
  const lapsing = listed(grouped(waiting, now), 'expiresAt');
  const next = Math.min(pending.next ?? Infinity, lapsing.next ?? Infinity);
  const ending = [...account.lockEnds].flatMap(([lock, end]) =>
    (account.locks.get(lock) ?? []).map((lot): [number, number, number | null] => [
      lot.points,
      end,
      lot.expiresAt === Infinity ? null : lot.expiresAt,
    ]),
  );
  return {
    active: active.sum,
    pending: pending.sum + lapsing.sum,
    debt: account.debt,
    locked: lockedPoints(account) - total(ending.map(([points]) => ({ points }))),
    ...(ending.length > 0 && { locks: ending }),
    spent: account.spent,
    expired: account.expired,
    earned: account.earned,
    qualifying: account.qualifying,
    lots: [
      ...active.lots.map((lot) => tuple(lot, 0)),
      ...pending.lots.map((lot) => tuple(lot, lot.activeAt)),
      ...lapsing.lots.map((lot) => tuple(lot, waitsForGood)),
    ],
    ...((next !== Infinity || active.next !== null) && {
      unlisted: { activeAt: next === Infinity ? null : next, expiresAt: active.next },
    }),
    ...(account.idleAt !== Infinity && { idleAt: account.idleAt }),
  };
}

const isNotLapsing = ({ activeAt, expiresAt }: Lot) =>
  activeAt !== Infinity || expiresAt === Infinity;

const tuple = ({ points, expiresAt }: Lot, activeAt: number): [number, number, number | null] => [
  points,
  activeAt,
  expiresAt === Infinity ? null : expiresAt,
];

/** Lots that become active and expire together are one. They are next to each other. */
function grouped(lots: readonly Lot[], now: number): Lot[] {
  const groups: Lot[] = [];
  for (const { points, expiresAt, activeAt, ref } of lots) {
    const last = groups.at(-1);
    const from = Math.max(activeAt, now);
    if (last?.expiresAt === expiresAt && last.activeAt === from) last.points += points;
    else groups.push({ points, expiresAt, activeAt: from, ref });
  }
  return groups;
}

/** The first lots with a date to come; the rest as a sum, and the first date among them. */
function listed(lots: readonly Lot[], by: 'activeAt' | 'expiresAt') {
  const dated = lots.filter((lot) => lot[by] !== Infinity);
  const later = dated[datesListed]?.[by] ?? null;
  return {
    lots: dated.slice(0, datesListed),
    sum: total(dated.slice(datesListed)) + total(lots.filter((lot) => lot[by] === Infinity)),
    next: later,
  };
}
