import type { Db } from '../postgres/pool.ts';
import { type Bonus, type Coupon, identityKey, type Known, type Writes } from './batch.ts';
import { writeProducts } from './catalogue/products.ts';
import { writeSpans } from './figures/spans.ts';

/** A JSON array of flat objects becomes the rows of one `insert … select`, whatever their number. */
type Insert = { readonly rows: readonly object[]; readonly sql: string };

/** Writes what a plan leaves behind, one statement a table. */
export async function write(db: Db, tenant: string, known: Known, writes: Writes): Promise<void> {
  await writeIdentities(db, tenant, known, writes);
  for (const { rows, sql } of inserts(known, writes)) {
    if (rows.length > 0) await db.query(sql, [tenant, JSON.stringify(rows)]);
  }
  await writeSpans(db, tenant, writes.spans);
  await writeProducts(db, tenant, [...writes.products.values()]);
  await countRedemptions(db, tenant, writes);
}

function inserts(known: Known, writes: Writes): Insert[] {
  const members = [...writes.members].flatMap((id) => {
    const member = known.members.get(id);
    return member ? [{ ...member, asOf: new Date(member.asOf) }] : [];
  });
  const orders = [...writes.orders].flatMap((id) => known.orders.get(id) ?? []);
  return [
    {
      // No `on conflict`: of two enrolments at once the second fails, starts over, and finds the member.
      rows: members.filter(({ memberId }) => writes.enrolled.has(memberId)),
      sql: `insert into laurel.members (tenant, member_id, brand, membership_number, status, enrolled_at, email,
                first_name, last_name, locale, time_zone, birthday, preferences, field_times, ledger_version, as_of,
                merged_into, disputes)
            select $1, "memberId", brand, "membershipNumber", status, "enrolledAt", email, "firstName", "lastName",
                   locale, "timeZone", birthday, preferences, "fieldTimes", "ledgerVersion", "asOf", "mergedInto", disputes
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, brand text, "membershipNumber" text, status text,
                   "enrolledAt" timestamptz, email text, "firstName" text, "lastName" text, locale text,
                   "timeZone" text, birthday text, preferences jsonb, "fieldTimes" jsonb, "ledgerVersion" bigint, "asOf" timestamptz,
                   "mergedInto" text, disputes jsonb)`,
    },
    {
      rows: members.filter(({ memberId }) => !writes.enrolled.has(memberId)),
      sql: `update laurel.members m set
              membership_number = "membershipNumber", status = r.status, email = r.email, first_name = "firstName",
              last_name = "lastName", locale = r.locale, time_zone = "timeZone", birthday = r.birthday, preferences = r.preferences,
              field_times = "fieldTimes", ledger_version = "ledgerVersion", as_of = "asOf", merged_into = "mergedInto",
              disputes = r.disputes
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, brand text, "membershipNumber" text, status text,
                   "enrolledAt" timestamptz, email text, "firstName" text, "lastName" text, locale text,
                   "timeZone" text, birthday text, preferences jsonb, "fieldTimes" jsonb, "ledgerVersion" bigint, "asOf" timestamptz,
                   "mergedInto" text, disputes jsonb)
             where m.tenant = $1 and m.member_id = r."memberId"`,
    },
    {
      rows: writes.events,
      sql: `insert into laurel.events (tenant, source, id, member_id, type, at, ledger_version, document, also, raised)
            select $1, source, id, "memberId", type, at, "ledgerVersion", document,
                   case when also <> 'null' then array(select jsonb_array_elements_text(also)) end,
                   case when raised <> 'null' then array(select jsonb_array_elements_text(raised)) end
              from rows from (jsonb_to_recordset($2::jsonb) as (source text, id text, "memberId" text, type text,
                   at timestamptz, "ledgerVersion" bigint, document jsonb, also jsonb, raised jsonb)) with ordinality
             order by ordinality`,
    },
    {
      rows: writes.consents,
      sql: `insert into laurel.consents (tenant, member_id, ledger_version, purpose, granted, source, proof, basis, at)
            select $1, "memberId", "ledgerVersion", purpose, granted, source, proof, basis, at from jsonb_to_recordset($2::jsonb)
                as r ("memberId" text, "ledgerVersion" bigint, purpose text, granted boolean, source text, proof text, basis text,
                      at timestamptz)`,
    },
    {
      rows: writes.points,
      sql: `insert into laurel.points_entries (tenant, member_id, ledger_version, n, kind, points, qualifying,
                active_at, expires_at, ref, lock, reason, at, idle_at, floors, source, id)
            select $1, "memberId", "ledgerVersion", n, kind, points, qualifying, "activeAt", "expiresAt", ref, lock,
                   reason, at, "idleAt", floors, source, id
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, "ledgerVersion" bigint, n smallint, kind text,
                   points bigint, qualifying bigint, "activeAt" timestamptz, "expiresAt" timestamptz, ref text,
                   lock text, reason text, at timestamptz, "idleAt" timestamptz, floors boolean, source text, id text)`,
    },
    {
      rows: writes.replaced,
      sql: `with gone as (
              delete from laurel.points_entries e
               using jsonb_to_recordset($2::jsonb) as r ("memberId" text, "ledgerVersion" bigint, n smallint, by bigint)
               where e.tenant = $1 and e.member_id = r."memberId" and e.ledger_version = r."ledgerVersion" and e.n = r.n
              returning e.*, r.by)
            insert into laurel.replaced_entries select * from gone`,
    },
    {
      // No `on conflict` here either: whoever tells of the same purchase at once starts over, and knows of the other.
      rows: orders.filter(({ orderId }) => !known.storedOrders.has(orderId)),
      sql: `insert into laurel.purchases (tenant, order_id, member_id, brand, placed_at, channel, store, currency, total, saved, refunded, state, kind, subject, starts_at, ends_at, paid_at, fulfilled_at, earning, paid_back, returned, changed_at, told)
            select $1, "orderId", "memberId", brand, "placedAt", channel, store, currency, total, saved, refunded, state, kind, subject, "startsAt", "endsAt", "paidAt", "fulfilledAt", earning, "paidBack", returned, "changedAt", told
              from jsonb_to_recordset($2::jsonb) as r ("orderId" text, "memberId" text, brand text, "placedAt" timestamptz, channel text, store text, currency text, total bigint, saved bigint, refunded bigint, state text, kind text, subject text, "startsAt" timestamptz, "endsAt" timestamptz, "paidAt" timestamptz, "fulfilledAt" timestamptz, earning jsonb, "paidBack" bigint, returned jsonb, "changedAt" timestamptz, told jsonb)`,
    },
    {
      rows: orders.filter(({ orderId }) => known.storedOrders.has(orderId)),
      sql: `update laurel.purchases p set member_id = r."memberId", brand = r.brand, placed_at = r."placedAt", channel = r.channel, store = r.store, currency = r.currency, total = r.total, saved = r.saved, refunded = r.refunded, state = r.state, kind = r.kind, subject = r.subject, starts_at = r."startsAt", ends_at = r."endsAt", paid_at = r."paidAt", fulfilled_at = r."fulfilledAt", earning = r.earning, paid_back = r."paidBack", returned = r.returned, changed_at = r."changedAt", told = r.told
              from jsonb_to_recordset($2::jsonb) as r ("orderId" text, "memberId" text, brand text, "placedAt" timestamptz, channel text, store text, currency text, total bigint, saved bigint, refunded bigint, state text, kind text, subject text, "startsAt" timestamptz, "endsAt" timestamptz, "paidAt" timestamptz, "fulfilledAt" timestamptz, earning jsonb, "paidBack" bigint, returned jsonb, "changedAt" timestamptz, told jsonb)
             where p.tenant = $1 and p.order_id = r."orderId"`,
    },
    {
      rows: orders.filter(({ orderId }) => writes.relined.has(orderId)),
      sql: `delete from laurel.purchase_lines l using jsonb_to_recordset($2::jsonb) as r ("orderId" text, "memberId" text)
             where l.tenant = $1 and l.member_id = r."memberId" and l.order_id = r."orderId"`,
    },
    {
      rows: orders.flatMap(({ orderId, memberId, lines }) =>
        lines.map((line) => ({ ...line, orderId, memberId })),
      ),
      sql: `insert into laurel.purchase_lines (tenant, member_id, order_id, n, line_id, kind, product_id, category, attributes,
                quantity, refunded_quantity, unit_price, full_price)
            select $1, "memberId", "orderId", n, "lineId", kind, "productId", category,
                   array(select jsonb_array_elements_text(attributes)), quantity, "refundedQuantity", "unitPrice",
                   "fullPrice"
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, "orderId" text, n smallint, "lineId" text, kind text, "productId" text,
                   category text, attributes jsonb, quantity int, "refundedQuantity" int, "unitPrice" bigint,
                   "fullPrice" boolean)
            on conflict (tenant, member_id, order_id, n) do update set refunded_quantity = excluded.refunded_quantity`,
    },
    {
      rows: merged(writes.coupons, ({ memberId, code }) => `${memberId}\n${code}`, mergeCoupon),
      sql: `insert into laurel.coupons as c (tenant, member_id, code, offer_id, start_date, expiry_date, issued_at,
                used_at, disabled_at)
            select $1, "memberId", code, "offerId", "startDate", "expiryDate", "issuedAt", "usedAt", "disabledAt"
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, code text, "offerId" text,
                   "startDate" timestamptz, "expiryDate" timestamptz, "issuedAt" timestamptz, "usedAt" timestamptz,
                   "disabledAt" timestamptz)
            on conflict (tenant, member_id, code) do update set
              -- What it is for is said by the first issue in order of time.
              offer_id = case when excluded.issued_at < c.issued_at or c.issued_at is null then excluded.offer_id else c.offer_id end,
              start_date = case when excluded.issued_at < c.issued_at or c.issued_at is null then excluded.start_date else c.start_date end,
              -- Whichever comes first ends it; least() passes over nulls.
              expiry_date = least(excluded.expiry_date, c.expiry_date),
              issued_at = least(excluded.issued_at, c.issued_at),
              used_at = least(excluded.used_at, c.used_at),
              disabled_at = least(excluded.disabled_at, c.disabled_at)`,
    },
    {
      rows: merged(
        writes.bonuses,
        ({ memberId, bonusId }) => `${memberId}\n${bonusId}`,
        mergeBonus,
      ),
      sql: `insert into laurel.bonuses as b (tenant, member_id, bonus_id, points, granted_at, use_by, used_at)
            select $1, "memberId", "bonusId", points, "grantedAt", "useBy", "usedAt"
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, "bonusId" text, points bigint,
                   "grantedAt" timestamptz, "useBy" timestamptz, "usedAt" timestamptz)
            on conflict (tenant, member_id, bonus_id) do update set
              points = coalesce(excluded.points, b.points), granted_at = coalesce(excluded.granted_at, b.granted_at),
              use_by = case when excluded.granted_at is null then b.use_by else excluded.use_by end, used_at = least(excluded.used_at, b.used_at)`,
    },
    {
      rows: writes.redemptions,
      sql: `insert into laurel.redemptions (tenant, member_id, ledger_version, offer_id, order_id, at)
            select $1, "memberId", "ledgerVersion", "offerId", "orderId", at from jsonb_to_recordset($2::jsonb)
                as r ("memberId" text, "ledgerVersion" bigint, "offerId" text, "orderId" text, at timestamptz)`,
    },
    {
      rows: writes.tiers,
      sql: `insert into laurel.tier_changes (tenant, member_id, ledger_version, tier_id, at, expires_at, reason)
            select $1, "memberId", "ledgerVersion", "tierId", at, "expiresAt", reason from jsonb_to_recordset($2::jsonb)
                as r ("memberId" text, "ledgerVersion" bigint, "tierId" text, at timestamptz, "expiresAt" timestamptz,
                      reason text)`,
    },
    {
      rows: writes.engaged,
      sql: `insert into laurel.engagements (tenant, member_id, ledger_version, kind, subject, at, counted, points)
            select $1, "memberId", "ledgerVersion", kind, subject, at, counted, points from jsonb_to_recordset($2::jsonb)
                as r ("memberId" text, "ledgerVersion" bigint, kind text, subject text, at timestamptz, counted boolean,
                      points bigint)`,
    },
    {
      rows: writes.claims,
      sql: `insert into laurel.reward_claims as c (tenant, member_id, reward_id, claimed_at)
            select $1, "memberId", "rewardId", min("claimedAt") from jsonb_to_recordset($2::jsonb)
                as r ("memberId" text, "rewardId" text, "claimedAt" timestamptz) group by 2, 3
            on conflict (tenant, member_id, reward_id) do update set claimed_at = least(excluded.claimed_at, c.claimed_at)`,
    },
    {
      rows: writes.signals,
      sql: `insert into laurel.signals (tenant, member_id, ledger_version, kind, category, product_id, store, channel, at)
            select $1, "memberId", "ledgerVersion", kind, category, "productId", store, channel, at
              from jsonb_to_recordset($2::jsonb) as r ("memberId" text, "ledgerVersion" bigint, kind text,
                   category text, "productId" text, store text, channel text, at timestamptz)`,
    },
    {
      rows: writes.subjects,
      sql: `insert into laurel.cancelled_subjects (tenant, subject, cancelled_at)
            select $1, subject, min(at) from jsonb_to_recordset($2::jsonb) as r (subject text, at timestamptz)
             group by subject
            on conflict (tenant, subject) do update set cancelled_at = excluded.cancelled_at
              where excluded.cancelled_at < cancelled_subjects.cancelled_at`,
    },
  ];
}

const earlier = (one: string | null, other: string | null) =>
  one === null || (other !== null && Date.parse(other) < Date.parse(one)) ? other : one;

const isBefore = (one: string | null, other: string | null) =>
  one !== null && (other === null || Date.parse(one) < Date.parse(other));

const mergeCoupon = (first: Coupon, next: Coupon): Coupon => ({
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

const mergeBonus = (first: Bonus, next: Bonus): Bonus => ({
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
    return memberId ? [{ kind, canonical, at, memberId }] : [];
  });
  await db.query(
    `insert into laurel.identities (tenant, kind, canonical, member_id, linked_at)
     select $1, kind, canonical, "memberId", at from jsonb_to_recordset($2::jsonb)
         as r (kind text, canonical text, "memberId" text, at timestamptz)`,
    [tenant, JSON.stringify(linked)],
  );
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
