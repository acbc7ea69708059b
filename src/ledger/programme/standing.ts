import { programmeAt } from '../../brand/brand.ts';
import type { Db } from '../../postgres/pool.ts';
import { allBut, epochMillis, readRows } from '../../postgres/table.ts';
import {
  type BrandOf,
  type History,
  type Known,
  type Place,
  purchaseIdOf,
  refKey,
  type Standing,
} from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { loadFacts } from '../figures/facts.ts';
import { groupOf, sameMember } from '../identity/accounts.ts';
import type { Entry } from '../points/points.ts';
import { contributionsOf } from '../project.ts';
import { engagements } from '../tables.ts';
import { tierOn, tierTimeline } from './tiers.ts';

/**
 * What a programme's rules may ask about a member while events are applied: her tier, her balance, her first purchase,
 * what she was engaged in. Loaded only where a rule of her brand's programmes can ask it.
 */
export async function loadStanding(
  db: Db,
  tenant: string,
  events: readonly LedgerEvent[],
  members: Known['members'],
  brandOf: BrandOf,
): Promise<Standing> {
  const purchases = events.flatMap((event) => purchaseIdOf(event) ?? []);
  const memberIds = [...members.keys()];
  const engages = events.some(({ type }) => type === 'engagement.recorded');
  const asked = [...members.values()].filter(({ brand }) => asksForHistory(brandOf, brand));
  const facts =
    purchases.length > 0 && asked.length > 0
      ? await loadFacts(
          db,
          tenant,
          asked.map(({ memberId }) => memberId),
          brandOf,
          'alone',
        )
      : [];
  const given = await loadGiven(
    db,
    tenant,
    facts.map(({ memberId }) => memberId),
  );
  return {
    rewritten: new Set(),
    engaged: engages ? await loadEngaged(db, tenant, memberIds) : new Map(),
    buyers: purchases.length > 0 ? await loadBuyers(db, tenant, memberIds, purchases) : new Set(),
    histories: new Map(
      facts.map(({ memberId, entries, counted }) => [
        memberId,
        { entries, counted, given: given.get(memberId) ?? [] },
      ]),
    ),
  };
}

/** Tiers in earn rules need what was counted before. */
function asksForHistory(brandOf: BrandOf, id: string): boolean {
  const brand = brandOf(id);
  if (!brand) return false;
  return (brand.programmes ?? [brand.programme]).some(({ earn }) =>
    [...earn.multipliers, ...earn.extras].some(({ when }) => when.tiers !== undefined),
  );
}

/** Every tier that was given: an order that is told late counts by the one of its own time. */
async function loadGiven(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, History['given']>> {
  const given = new Map<string, History['given']>();
  if (memberIds.length === 0) return given;
  const { rows } = await db.query<History['given'][number] & { memberId: string }>(
    `select member_id as "memberId", tier_id as "tierId", ${epochMillis('at')} as at,
            ${epochMillis('expires_at')} as "expiresAt"
       from laurel.tier_changes where tenant = $1 and member_id = any($2) order by at, ledger_version`,
    [tenant, memberIds],
  );
  for (const { memberId, ...one } of rows)
    given.set(memberId, [...(given.get(memberId) ?? []), one]);
  return given;
}

const engagedBefore = allBut(engagements, 'ledgerVersion');

async function loadEngaged(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
): Promise<Standing['engaged']> {
  const engaged: Standing['engaged'] = new Map();
  const rows = await readRows(
    db,
    engagedBefore,
    'where tenant = $1 and member_id = any($2) order by member_id, ledger_version',
    [tenant, memberIds],
  );
  for (const { memberId, ...one } of rows)
    engaged.set(memberId, [...(engaged.get(memberId) ?? []), one]);
  return engaged;
}

async function loadBuyers(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  except: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ member_id: string }>(
    `select m.member_id from unnest($2::text[]) as m (member_id)
      where exists (select from laurel.purchases p where p.tenant = $1 and p.member_id = m.member_id
                       and p.placed_at is not null and not p.order_id = any($3))`,
    [tenant, memberIds, except],
  );
  return new Set(rows.map(({ member_id }) => member_id));
}

type Moment = Place & { readonly event: { readonly at: string } };

/** Nothing else of hers was placed before, as far as we know now. */
export const isFirstPurchase = ({ member, known }: Moment, orderId: string): boolean =>
  !groupOf(known, member.memberId).some(({ memberId }) => known.standing.buyers.has(memberId)) &&
  ![...known.orders.values()].some(
    ({ memberId, placedAt, ...one }) =>
      one.orderId !== orderId &&
      placedAt !== null &&
      memberId !== null &&
      sameMember(known, memberId, member.memberId),
  );

/** The facts of all her accounts, with all that this batch has added to them so far. */
function factsNow({ member, known, writes }: Moment): History {
  const accounts = new Set(groupOf(known, member.memberId).map(({ memberId }) => memberId));
  const before = [...accounts].flatMap((id) => known.standing.histories.get(id) ?? []);
  const isRewritten = (memberId: string, ref: string | null) =>
    ref !== null && known.standing.rewritten.has(refKey(memberId, ref));
  const untouched = [...accounts].flatMap((id) =>
    (known.standing.histories.get(id)?.entries ?? []).filter(({ ref }) => !isRewritten(id, ref)),
  );
  const added = [
    ...writes.points.filter(({ memberId, ref }) => !isRewritten(memberId, ref)),
    ...[...known.standing.rewritten].flatMap((key) => known.entries.get(key) ?? []),
  ]
    .filter(({ memberId }) => accounts.has(memberId))
    .map(({ at, activeAt, expiresAt, idleAt, ...entry }): Entry => ({
      ...entry,
      at: Date.parse(at),
      activeAt: activeAt === 'infinity' ? Infinity : Date.parse(activeAt ?? at),
      expiresAt: expiresAt === null ? Infinity : Date.parse(expiresAt),
      ...(idleAt !== null && { idleAt: Date.parse(idleAt) }),
    }));
  const given = writes.tiers
    .filter(({ memberId }) => accounts.has(memberId))
    .map(({ tierId, at, expiresAt }) => ({
      tierId,
      at: Date.parse(at),
      expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
    }));
  return {
    entries: [...untouched, ...added].toSorted((one, other) => one.at - other.at),
    counted: before.flatMap(({ counted }) => counted).toSorted(([, one], [, other]) => one - other),
    given: [...before.flatMap((one) => one.given), ...given].toSorted(
      (one, other) => one.at - other.at,
    ),
  };
}

/** Her tier at an instant: the last that had been given to her by then, else the one she had reached. */
export function tierAtThe(step: Moment, at: number): string {
  const brand = step.brandOf(step.member.brand);
  if (!brand) return '';
  const { given, ...facts } = factsNow(step);
  const last = given.findLast((one) => one.at <= at);
  if (last && (last.expiresAt === null || last.expiresAt > at)) return last.tierId;
  const timeline = tierTimeline(contributionsOf(facts), brand, Date.parse(step.member.enrolledAt));
  return tierOn(timeline, at)?.tierId ?? programmeAt(brand, at).tiers[0]?.id ?? '';
}
