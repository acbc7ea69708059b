import { canonicalAddress } from '../core/address.ts';
import type { Programme } from '../core/brand.ts';
import { PermanentError } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import type { BrandOf } from './batch.ts';
import { loadFacts, type MemberFacts } from './facts.ts';
import {
  type Account,
  advance,
  apply,
  emptyAccount,
  type Lot,
  lockedPoints,
  total,
} from './points.ts';
import type { Row } from './row.ts';

/** So many dates of each sort are listed one by one in a row; later ones are summed up. */
const datesListed = 18;

/**
 * Computes the rows of these members from the ledger, without storing them: as of their last event, or of `until` where
 * that is later. Erased and unknown ones are left out.
 */
export async function projectRows(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  brandOf: BrandOf,
  until?: Date,
): Promise<Row[]> {
  const facts = await loadFacts(db, tenant, memberIds, brandOf);
  return facts.map((one) => {
    const brand = brandOf(one.brand);
    if (!brand) throw new PermanentError('unknown-brand', `brand "${one.brand}" is not configured`);
    return rowOf(one, brand.programme, until);
  });
}

/** Projects these members anew and stores their rows, all in one statement; erased ones keep a row that says so. */
export async function project(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  brandOf: BrandOf,
): Promise<void> {
  if (memberIds.length === 0) return;
  const rows = await projectRows(db, tenant, memberIds, brandOf);
  await db.query(
    `with projected as (
       select * from unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::jsonb[])
         as r (member_id, ledger_version, as_of, brand, email_canonical, document)
       union all
       select member_id, ledger_version, as_of, brand, null, '{"erased": true}' from laurel.members
        where tenant = $1 and member_id = any($8) and status = 'erased')
     insert into laurel.profiles (tenant, member_id, ledger_version, as_of, brand, email_canonical, document)
     select $1, * from projected order by member_id
     on conflict (tenant, member_id) do update set ledger_version = excluded.ledger_version, as_of = excluded.as_of,
       brand = excluded.brand, email_canonical = excluded.email_canonical, document = excluded.document`,
    [
      tenant,
      rows.map(({ memberId }) => memberId),
      rows.map(({ ledgerVersion }) => ledgerVersion),
      rows.map(({ asOf }) => new Date(asOf)),
      rows.map(({ brand }) => brand),
      rows.map(({ email }) => (email === null ? null : canonicalAddress(email))),
      rows.map((row) => JSON.stringify(row)),
      memberIds,
    ],
  );
}

/** Pure: what a member's counted facts come to under a programme. */
export function rowOf(facts: MemberFacts, programme: Programme, until?: Date): Row {
  const { tenant: _tenant, registered: _registered, entries, given, ...counted } = facts;
  const account = emptyAccount();
  let reached = {
    tierId: tierByPoints(programme, 0),
    at: Date.parse(facts.enrolledAt),
    reason: 'enrolled',
  };
  let before = 0;
  for (const entry of entries) {
    apply(account, entry);
    if (entry.qualifying === 0) continue;
    const tierId = tierByPoints(programme, account.qualifying);
    if (tierId !== reached.tierId)
      reached = {
        tierId,
        at: entry.at,
        reason: account.qualifying > before ? 'qualified' : 'requalification',
      };
    before = account.qualifying;
  }
  const asOf = Math.max(facts.asOf, until?.getTime() ?? 0);
  advance(account, asOf);
  return { ...counted, points: pointsOf(account, asOf), tier: { reached, given } };
}

const tierByPoints = ({ tiers }: Programme, qualifying: number): string =>
  tiers.findLast(({ threshold }) => threshold <= Math.max(0, qualifying))?.id ?? tiers[0]?.id ?? '';

function pointsOf(account: Account, now: number): Row['points'] {
  const active = listed(grouped(account.active, now), 'expiresAt');
  const pending = listed(grouped(account.pending, now), 'activeAt');
  return {
    active: active.sum,
    pending: pending.sum,
    debt: account.debt,
    locked: lockedPoints(account),
    spent: account.spent,
    expired: account.expired,
    earned: account.earned,
    qualifying: account.qualifying,
    lots: [
      ...active.lots.map((lot) => tuple(lot, 0)),
      ...pending.lots.map((lot) => tuple(lot, lot.activeAt)),
    ],
    unlisted: { activeAt: pending.next, expiresAt: active.next },
  };
}

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
