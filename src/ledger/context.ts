import { groupBy } from '../core/group-by.ts';
import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  asJson,
  epochMillis,
  only,
  readRows,
  selected,
  stored,
} from '../postgres/table.ts';
import {
  bonusKey,
  type BrandOf,
  eventKey,
  identityKey,
  type Known,
  isAboutPurchase,
  purchaseIdOf,
  refKey,
} from './batch.ts';
import { loadProducts } from './catalogue/products.ts';
import { LedgerEvent } from './events.ts';
import { type Canonical, canonicalOf } from './identity/identity.ts';
import { refOfBonus } from './programme/plan-rewards.ts';
import { loadStanding } from './programme/standing.ts';
import {
  events as eventTable,
  identities,
  type Member,
  members as memberTable,
  orderLine,
  pointsEntries,
  purchases,
  type StoredOrder,
} from './tables.ts';

const appliedEvents = only(eventTable, 'source, id, memberId, ledgerVersion');
const linked = allBut(identities, 'linkedAt');

/** Links changed while the members were being locked: the caller starts over. The code is that of a failed serialization. */
class LinksChanged extends Error {
  readonly code = '40001';
}

/**
 * Reads, in one transaction, all that a batch needs to know, and locks its members with all their accounts, so that no
 * other batch changes them meanwhile. A statement a table, whatever the size of the batch.
 */
export async function loadKnown(
  db: Db,
  tenant: string,
  events: readonly LedgerEvent[],
  brandOf: BrandOf,
): Promise<Known> {
  const refs = events.flatMap((event) => ('ref' in event ? (event.ref ?? []) : []));
  const orderIds = [...events.flatMap((event) => purchaseIdOf(event) ?? []), ...refs];
  const named = {
    memberIds: events.flatMap(memberIdsOf),
    orderIds,
    identities: events.flatMap(identitiesOf),
  };
  const memberIds = await accountsOf(db, tenant, named);
  // The lock comes first: whatever is read after it is as the batch before left it.
  const members = await lockMembers(db, tenant, memberIds);
  const orders = await loadOrders(db, tenant, orderIds);
  const known = {
    members,
    applied: await loadApplied(db, tenant, events),
    identities: await loadIdentities(db, tenant, events, members),
    orders,
    storedOrders: new Set(orders.keys()),
    told: await loadTold(db, tenant, [...orders.keys()]),
    entries: await loadEntries(db, tenant, memberIds, [...orderIds, ...events.flatMap(refOfBonus)]),
    granted: await loadGranted(db, tenant, memberIds, events),
    products: await loadProducts(db, tenant, productIds(events)),
    standing: await loadStanding(db, tenant, events, members, brandOf),
  };
  // What isn't there can't be locked: an account that was opened or linked meanwhile may be known to one of these reads and
  // not to another.
  const unlocked = (await accountsOf(db, tenant, named)).filter((id) => !members.has(id));
  if (await someExist(db, tenant, unlocked))
    throw new LinksChanged('accounts were opened or linked meanwhile');
  return known;
}

async function someExist(db: Db, tenant: string, memberIds: readonly string[]): Promise<boolean> {
  if (memberIds.length === 0) return false;
  const { rowCount } = await db.query(
    'select from laurel.members where tenant = $1 and member_id = any($2) limit 1',
    [tenant, memberIds],
  );
  return rowCount === 1;
}

const memberIdsOf = (event: LedgerEvent): string[] => [
  ...('memberId' in event && event.memberId !== undefined ? [event.memberId] : []),
  ...('otherMemberId' in event && event.otherMemberId !== undefined ? [event.otherMemberId] : []),
];

function identitiesOf(event: LedgerEvent): Canonical[] {
  if (event.type === 'member.enrolled' || event.type === 'member.updated')
    return [
      ...(event.email ? [{ kind: 'email' as const, value: event.email }] : []),
      ...event.identities,
    ].map(canonicalOf);
  return 'identity' in event && event.identity ? [canonicalOf(event.identity)] : [];
}

/**
 * Every account that could be concerned: those named, those the orders and identities belong to, all that are merged with
 * these, and the other sides of their disputes. With ids nobody has yet among them.
 */
async function accountsOf(
  db: Db,
  tenant: string,
  named: {
    readonly memberIds: readonly string[];
    readonly orderIds: readonly string[];
    readonly identities: readonly Canonical[];
  },
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'ledger-accounts',
    text: `
      with recursive concerned (id) as (
        (select unnest($2::text[])
         union
         select member_id from laurel.purchases
          where tenant = $1 and order_id = any($3) and member_id is not null
         union
         select i.member_id from unnest($4::text[], $5::text[]) as wanted (kind, canonical)
          cross join lateral (
            select member_id from laurel.identities
             where tenant = $1 and kind = wanted.kind and canonical = wanted.canonical offset 0) as i)
        union
        select linked.id from concerned c cross join lateral (
          select merged_into as id from laurel.members
           where tenant = $1 and member_id = c.id and merged_into is not null
          union all
          select member_id from laurel.members where tenant = $1 and merged_into = c.id
          union all
          select dispute ->> 'with' from laurel.members, jsonb_array_elements(disputes) as dispute
           where tenant = $1 and member_id = c.id and disputes <> '[]'
          -- One by one along the indexes, whatever the planner knows of the tables.
          offset 0) as linked)
      select id from concerned`,
    values: [
      tenant,
      named.memberIds,
      named.orderIds,
      named.identities.map(({ kind }) => kind),
      named.identities.map(({ canonical }) => canonical),
    ],
  });
  return rows.map(({ id }) => id);
}

async function lockMembers(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
): Promise<Map<string, Member>> {
  const rows = await readRows(
    db,
    memberTable,
    'where tenant = $1 and member_id = any($2) order by member_id for update',
    [tenant, memberIds],
  );
  return new Map(rows.map((row) => [row.memberId, row]));
}

async function loadApplied(
  db: Db,
  tenant: string,
  events: readonly LedgerEvent[],
): Promise<Known['applied']> {
  const rows = await readRows(
    db,
    appliedEvents,
    'join unnest($2::text[], $3::text[]) as wanted (source, id) using (source, id) where tenant = $1',
    [tenant, events.map(({ source }) => source), events.map(({ id }) => id)],
  );
  return new Map(rows.map(({ source, id, ...applied }) => [eventKey(source, id), applied]));
}

async function loadIdentities(
  db: Db,
  tenant: string,
  events: readonly LedgerEvent[],
  members: ReadonlyMap<string, Member>,
): Promise<Known['identities']> {
  const named = events.flatMap(identitiesOf);
  const erasing = events.some(({ type }) => type === 'member.erased');
  if (named.length === 0 && !erasing) return new Map();
  const rows = await readRows(
    db,
    linked,
    `where tenant = $1 and (kind, canonical) in (select * from unnest($2::text[], $3::text[]))
      union
     select ${stored(linked)} from laurel.identities where tenant = $1 and member_id = any($4)`,
    [
      tenant,
      named.map(({ kind }) => kind),
      named.map(({ canonical }) => canonical),
      [...members.keys()],
    ],
  );
  return new Map(
    rows.map(({ kind, canonical, memberId }) => [identityKey(kind, canonical), memberId]),
  );
}

async function loadOrders(
  db: Db,
  tenant: string,
  orderIds: readonly string[],
): Promise<Map<string, StoredOrder>> {
  if (orderIds.length === 0) return new Map();
  const { rows } = await db.query<StoredOrder>(
    `select ${selected(purchases)},
            (select coalesce(jsonb_agg(${asJson(orderLine)} order by n), '[]')
               from laurel.purchase_lines l
              where l.tenant = p.tenant and l.member_id = p.member_id and l.order_id = p.order_id) as lines
       from laurel.purchases p where tenant = $1 and order_id = any($2) order by order_id for update of p`,
    [tenant, orderIds],
  );
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** What was told of these purchases, each in the order it came; what was forgotten since is left out. */
async function loadTold(
  db: Db,
  tenant: string,
  orderIds: readonly string[],
): Promise<Known['told']> {
  const told: Known['told'] = new Map();
  if (orderIds.length === 0) return told;
  const { rows } = await db.query<{ orderId: string; account: string | null; document: unknown }>(
    `select p.order_id as "orderId", e.member_id as account, e.document
       from laurel.purchases p
      cross join lateral jsonb_array_elements(p.told) with ordinality as said (event, n)
      -- One by one along the index, whatever the planner knows of the tables.
      cross join lateral (
        select member_id, document from laurel.events
         where tenant = $1 and source = said.event ->> 0 and id = said.event ->> 1 and document is not null offset 0) as e
      where p.tenant = $1 and p.order_id = any($2) order by said.n`,
    [tenant, orderIds],
  );
  for (const { orderId, account, document } of rows) {
    const event = LedgerEvent.parse(document);
    if (isAboutPurchase(event))
      told.set(orderId, [...(told.get(orderId) ?? []), { event, account }]);
  }
  return told;
}

/** What moved of these members' points for these purchases and references. */
async function loadEntries(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  refs: readonly string[],
): Promise<Known['entries']> {
  if (refs.length === 0) return new Map();
  const rows = await readRows(
    db,
    pointsEntries,
    'where tenant = $1 and member_id = any($2) and ref = any($3) order by ledger_version, n',
    [tenant, memberIds, refs],
  );
  return groupBy(rows, ({ memberId, ref }) => refKey(memberId, ref ?? ''));
}

async function loadGranted(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  events: readonly LedgerEvent[],
): Promise<Known['granted']> {
  const bonusIds = events.flatMap((event) =>
    event.type === 'bonus.granted' ? [event.bonusId] : [],
  );
  if (bonusIds.length === 0) return new Map();
  const { rows } = await db.query<{ memberId: string; bonusId: string; at: number }>(
    `select member_id as "memberId", bonus_id as "bonusId", ${epochMillis('granted_at')} as at from laurel.bonuses
      where tenant = $1 and granted_at is not null and member_id = any($2) and bonus_id = any($3)`,
    [tenant, memberIds, bonusIds],
  );
  return new Map(rows.map(({ memberId, bonusId, at }) => [bonusKey(memberId, bonusId), at]));
}

/** The products whose data an event may need to be complete. */
const productIds = (events: readonly LedgerEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === 'product.upserted') return [event.product.productId];
    if (event.type === 'signal.observed') return event.productId ?? [];
    return 'lines' in event && event.type !== 'order.refunded'
      ? (event.lines ?? []).map(({ productId }) => productId)
      : [];
  });
