import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  given,
  insertGiven,
  type NewRow,
  only,
  sameKeys,
  type Table,
  updateGiven,
} from '../postgres/table.ts';
import { identityKey, type Known, type Writes } from './batch.ts';
import { writeProducts } from './catalogue/products.ts';
import { writeSpans } from './figures/spans.ts';
import * as tables from './tables.ts';

/** Rows as a JSON array, and the one statement that writes them all, whatever their number. */
type Step = { readonly rows: readonly object[]; readonly sql: string };

const into = <Of extends Table>(of: Of, rows: readonly NewRow<Of>[], conflict = ''): Step => ({
  rows,
  sql: `${insertGiven(of)} ${conflict}`,
});

const updateMembers = updateGiven(allBut(tables.members, 'brand, enrolledAt'), ['memberId']);
const updatePurchases = updateGiven(tables.purchases, ['orderId']);
const goneEntries = only(tables.replacedEntries, 'memberId, ledgerVersion, n, replacedBy');
const replaceEntries = `
  with gone as (
    delete from laurel.points_entries t using ${given(goneEntries)}
     where t.tenant = $1 and ${sameKeys(['memberId', 'ledgerVersion', 'n'])}
    returning t.*, r."replacedBy")
  insert into laurel.replaced_entries select * from gone`;
const deleteLines = `
  delete from laurel.purchase_lines t using ${given(only(tables.purchaseLines, 'orderId, memberId'))}
   where t.tenant = $1 and ${sameKeys(['orderId', 'memberId'])}`;

/** Writes what a plan leaves behind, one statement a table. */
export async function write(db: Db, tenant: string, known: Known, writes: Writes): Promise<void> {
  await writeIdentities(db, tenant, known, writes);
  const steps = [
    ...ofMembers(known, writes),
    into(tables.events, writes.events),
    into(tables.consents, writes.consents),
    ...ofPoints(writes),
    ...ofPurchases(known, writes),
    ...ofRewards(writes),
    into(tables.tierChanges, writes.tiers),
    into(tables.engagements, writes.engaged),
    into(tables.signals, writes.signals),
    ofSubjects(writes),
  ];
  for (const { rows, sql } of steps) {
    if (rows.length > 0) await db.query(sql, [tenant, JSON.stringify(rows)]);
  }
  await writeSpans(db, tenant, writes.spans);
  await writeProducts(db, tenant, [...writes.products.values()]);
  await countRedemptions(db, tenant, writes);
}

function ofMembers(known: Known, writes: Writes): Step[] {
  const rows = [...writes.members].flatMap((id) => {
    const member = known.members.get(id);
    return member ? [{ ...member, asOf: new Date(member.asOf) }] : [];
  });
  return [
    // No `on conflict`: of two enrolments at once the second fails, starts over, and finds the member.
    into(
      tables.members,
      rows.filter(({ memberId }) => writes.enrolled.has(memberId)),
    ),
    {
      rows: rows.filter(({ memberId }) => !writes.enrolled.has(memberId)),
      sql: updateMembers,
    },
  ];
}

const ofPoints = ({ points, replaced }: Writes): Step[] => [
  into(tables.pointsEntries, points),
  { rows: replaced, sql: replaceEntries },
];

function ofPurchases(known: Known, writes: Writes): Step[] {
  const orders = [...writes.orders].flatMap((id) => known.orders.get(id) ?? []);
  return [
    // No `on conflict` here either: whoever tells of the same purchase at once starts over, and knows of the other.
    into(
      tables.purchases,
      orders.filter(({ orderId }) => !known.storedOrders.has(orderId)),
    ),
    {
      rows: orders.filter(({ orderId }) => known.storedOrders.has(orderId)),
      sql: updatePurchases,
    },
    {
      rows: orders.filter(({ orderId }) => writes.relined.has(orderId)),
      sql: deleteLines,
    },
    {
      rows: orders.flatMap(({ orderId, memberId, lines }) =>
        lines.map((line) => ({ ...line, orderId, memberId })),
      ),
      sql: `${insertGiven(tables.purchaseLines)}
            on conflict (tenant, member_id, order_id, n) do update set refunded_quantity = excluded.refunded_quantity`,
    },
  ];
}

const ofRewards = (writes: Writes): Step[] => [
  into(
    tables.coupons,
    merged(writes.coupons, ({ memberId, code }) => `${memberId}\n${code}`, mergeCoupon),
    `on conflict (tenant, member_id, code) do update set
       -- What it is for is said by the first issue in order of time.
       offer_id = case when excluded.issued_at < t.issued_at or t.issued_at is null then excluded.offer_id else t.offer_id end,
       start_date = case when excluded.issued_at < t.issued_at or t.issued_at is null then excluded.start_date else t.start_date end,
       -- Whichever comes first ends it; least() passes over nulls.
       expiry_date = least(excluded.expiry_date, t.expiry_date),
       issued_at = least(excluded.issued_at, t.issued_at),
       used_at = least(excluded.used_at, t.used_at),
       disabled_at = least(excluded.disabled_at, t.disabled_at)`,
  ),
  into(
    tables.bonuses,
    merged(writes.bonuses, ({ memberId, bonusId }) => `${memberId}\n${bonusId}`, mergeBonus),
    `on conflict (tenant, member_id, bonus_id) do update set
       points = coalesce(excluded.points, t.points), granted_at = coalesce(excluded.granted_at, t.granted_at),
       use_by = case when excluded.granted_at is null then t.use_by else excluded.use_by end,
       used_at = least(excluded.used_at, t.used_at)`,
  ),
  into(tables.redemptions, writes.redemptions),
  into(
    tables.rewardClaims,
    merged(
      writes.claims,
      ({ memberId, rewardId }) => `${memberId}\n${rewardId}`,
      (first, next) => (isBefore(next.claimedAt, first.claimedAt) ? next : first),
    ),
    `on conflict (tenant, member_id, reward_id) do update set claimed_at = least(excluded.claimed_at, t.claimed_at)`,
  ),
];

const ofSubjects = ({ subjects }: Writes): Step =>
  into(
    tables.cancelledSubjects,
    merged(
      subjects.map(({ subject, at }) => ({ subject, cancelledAt: at })),
      ({ subject }) => subject,
      (first, next) => (isBefore(next.cancelledAt, first.cancelledAt) ? next : first),
    ),
    `on conflict (tenant, subject) do update set cancelled_at = excluded.cancelled_at
       where excluded.cancelled_at < t.cancelled_at`,
  );

const earlier = (one: string | null, other: string | null) =>
  one === null || (other !== null && Date.parse(other) < Date.parse(one)) ? other : one;

const isBefore = (one: string | null, other: string | null) =>
  one !== null && (other === null || Date.parse(one) < Date.parse(other));

const mergeCoupon = (first: tables.Coupon, next: tables.Coupon): tables.Coupon => ({
  ...first,
  ...(isBefore(next.issuedAt, first.issuedAt) && {
    offerId: next.offerId,
    startDate: next.startDate,
  }),
  expiryDate: earlier(first.expiryDate, next.expiryDate),
  issuedAt: earlier(first.issuedAt, next.issuedAt),
  usedAt: earlier(first.usedAt, next.usedAt),
  disabledAt: earlier(first.disabledAt, next.disabledAt),
});

const mergeBonus = (first: tables.Bonus, next: tables.Bonus): tables.Bonus => ({
  ...first,
  points: next.points ?? first.points,
  grantedAt: next.grantedAt ?? first.grantedAt,
  useBy: next.grantedAt === null ? first.useBy : next.useBy,
  usedAt: earlier(first.usedAt, next.usedAt),
});

/** One statement can't touch a row twice: what a batch says of one thing is put together as the table would. */
function merged<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  merge: (first: Row, next: Row) => Row,
): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const before = byKey.get(keyOf(row));
    byKey.set(keyOf(row), before ? merge(before, row) : row);
  }
  return [...byKey.values()];
}

/**
 * An address can change hands within a batch, so all that is touched is freed before it is given. Only from accounts that are
 * locked: what somebody else has taken meanwhile makes the batch start over.
 */
async function writeIdentities(db: Db, tenant: string, known: Known, { identities }: Writes) {
  if (identities.size === 0) return;
  const touched = [...identities.values()];
  await db.query(
    `delete from laurel.identities where tenant = $1
        and (kind, canonical) in (select * from unnest($2::text[], $3::text[])) and member_id = any($4)`,
    [
      tenant,
      touched.map(({ kind }) => kind),
      touched.map(({ canonical }) => canonical),
      [...known.members.keys()],
    ],
  );
  const linked = touched.flatMap(({ kind, canonical, at }) => {
    const memberId = known.identities.get(identityKey(kind, canonical));
    return memberId ? [{ kind, canonical, memberId, linkedAt: at }] : [];
  });
  const { sql, rows } = into(tables.identities, linked);
  await db.query(sql, [tenant, JSON.stringify(rows)]);
}

/** Raises `used_count` and, where an offer can run out, tells those who poll the catalogue. */
async function countRedemptions(db: Db, tenant: string, { redemptions }: Writes): Promise<void> {
  if (redemptions.length === 0) return;
  await db.query(
    `with used as (
       select brand, "offerId" as offer_id, count(*) as times from jsonb_to_recordset($2::jsonb)
           as r (brand text, "offerId" text) group by 1, 2),
     counted as (
       update laurel.offers o set used_count = used_count + times from used
        where o.tenant = $1 and o.brand = used.brand and o.offer_id = used.offer_id
       returning o.brand, o.document ? 'usageLimit' as limited)
     update laurel.catalogue_versions v set uses = uses + 1
      where v.tenant = $1 and v.brand in (select brand from counted where limited)`,
    [tenant, JSON.stringify(redemptions)],
  );
}
