import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import { programmeAt } from '../../brand/brand.ts';
import { IdempotencyConflict } from '../../core/errors.ts';
import type { Money } from '../../core/money.ts';
import { type Db, transaction } from '../../postgres/pool.ts';
import {
  allBut,
  column,
  defineTable,
  insertRow,
  nullable,
  readRows,
  type Row as TableRow,
} from '../../postgres/table.ts';
import { applyWithin, retried } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { floor, fraction, times } from '../points/fraction.ts';
import { projectRows } from '../project.ts';
import type { Row } from '../row.ts';

/** @public for the comparison with the table itself */
export const pointRedemptions = defineTable('point_redemptions', {
  redemptionId: column.text(),
  key: column.text(),
  memberId: column.text(),
  points: column.bigint(),
  worthAmount: column.bigint(),
  worthCurrency: column.text(),
  orderId: nullable(column.text()),
  state: column.text<'open' | 'committed' | 'released' | 'expired'>(),
  reservedAt: column.timestamp(),
  expiresAt: column.timestamp(),
  settledAt: nullable(column.timestamp()),
});
const shown = allBut(pointRedemptions, 'key');
type StoredRedemption = TableRow<typeof shown>;
/**
 * Paying with points, in two steps: they are reserved (locked) while she checks out, and then spent or given back.
 *
 *   open ──commit──▶ committed        a commit after the time is over finds it expired
 *    ├────release──▶ released
 *    └──time over──▶ expired          the points are hers again
 *
 * Everything happens in one transaction that holds her accounts, so that no two redemptions use one point. Insufficient
 * points are an outcome.
 */
export type Redemption = Readonly<Omit<StoredRedemption, 'worthAmount' | 'worthCurrency'>> & {
  readonly worth: Money;
};

export type Reservation = {
  readonly memberId: string;
  readonly points: number;
  /** Unique for the tenant: the same reservation sent again is the same redemption. */
  readonly key: string;
  readonly ttlSeconds: number;
  readonly orderId?: string | undefined;
};

export type Refusal =
  | 'unknown-member'
  | 'member-not-active'
  | 'insufficient-points'
  | 'below-minimum';

export type Reserved =
  | { readonly kind: 'reserved'; readonly redemption: Redemption; readonly again: boolean }
  | {
      readonly kind: 'refused';
      readonly reason: Refusal;
      /** What she could redeem now; null where nobody is known. */
      readonly available: number | null;
      /** The fewest points that can be redeemed. */
      readonly minimum: number | null;
    };

export type Settled =
  | { readonly kind: 'settled'; readonly redemption: Redemption }
  /** It had ended otherwise. */
  | { readonly kind: 'refused'; readonly redemption: Redemption }
  | { readonly kind: 'unknown' };

/**
 * Sets points aside, if she has them at `now`.
 * @throws IdempotencyConflict when the key is known with another member, amount or order; TemporaryError `ledger-busy`.
 */
export async function reserve(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  wanted: Reservation,
  now: Date,
): Promise<Reserved> {
  return retried(() =>
    transaction(pool, async (db): Promise<Reserved> => {
      const root = await lockMember(db, tenant, wanted.memberId);
      // Before it is looked for: whoever asks again must not be told that it is open when its time is over.
      if (root) await expireOf(db, tenant, brandOf, root.accounts, now);
      const before = await find(db, tenant, 'key', wanted.key);
      if (before) return again(before, wanted, root?.accounts ?? [wanted.memberId]);
      const nobody = { available: null, minimum: null };
      if (root === null) return { kind: 'refused', reason: 'unknown-member', ...nobody };
      const [row] = await projectRows(db, tenant, [root.memberId], brandOf, now);
      const brand = row && brandOf(row.brand);
      if (!brand) return { kind: 'refused', reason: 'unknown-member', ...nobody };

      const { burn, currency } = programmeAt(brand, now.getTime());
      const available = availableIn(row.points);
      const { points } = wanted;
      const refused = (reason: Refusal): Reserved => ({
        kind: 'refused',
        reason,
        available: Math.max(0, available),
        minimum: burn.minimum,
      });
      if (row.memberStatus !== 'active') return refused('member-not-active');
      if (points > available) return refused('insufficient-points');
      if (points < burn.minimum) return refused('below-minimum');
      const redemption: Redemption = {
        redemptionId: randomUUID(),
        memberId: root.memberId,
        points,
        worth: {
          amount: floor(times(fraction(points), fraction(burn.amount, burn.points))),
          currency,
        },
        orderId: wanted.orderId ?? null,
        state: 'open',
        reservedAt: now,
        expiresAt: new Date(now.getTime() + wanted.ttlSeconds * 1000),
        settledAt: null,
      };
      await insert(db, tenant, wanted.key, redemption);
      // Not before what she is known to have done already.
      const at = Math.max(now.getTime(), row.asOf);
      await tell(db, tenant, brandOf, redemption, at, 'reserve', {
        type: 'points.locked',
        points,
        // Not before it begins, should what she did already lie after it.
        until: new Date(Math.max(redemption.expiresAt.getTime(), at + 1)).toISOString(),
      });
      return { kind: 'reserved', redemption, again: false };
    }),
  );
}

/**
 * Spends what was reserved (`commit`), or gives it back (`release`). Doing so again changes nothing and says the same.
 * @throws TemporaryError `ledger-busy`.
 */
export async function settle(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  redemptionId: string,
  how: 'commit' | 'release',
  now: Date,
): Promise<Settled> {
  return retried(() =>
    transaction(pool, async (db): Promise<Settled> => {
      const found = await find(db, tenant, 'redemption_id', redemptionId);
      if (!found) return { kind: 'unknown' };
      const root = await lockMember(db, tenant, found.memberId);
      if (root) await expireOf(db, tenant, brandOf, root.accounts, now);
      // Read again: only now nobody else can settle it.
      const redemption = await find(db, tenant, 'redemption_id', redemptionId);
      if (!redemption) return { kind: 'unknown' };
      const wanted = how === 'commit' ? 'committed' : 'released';
      const ended = how === 'release' && redemption.state === 'expired' ? 'expired' : wanted;
      if (redemption.state === ended) return { kind: 'settled', redemption };
      if (redemption.state !== 'open' || !root) return { kind: 'refused', redemption };
      const state = await close(db, tenant, brandOf, redemption, wanted, now);
      const settled = { ...redemption, state, settledAt: now };
      return { kind: state === wanted ? 'settled' : 'refused', redemption: settled };
    }),
  );
}

/**
 * A redemption as it is at `now`: one whose time is over, or which an order has spent, is ended first, so that whoever asks
 * is told what is true, and her balance says the same.
 * @returns null where there is no such redemption of the tenant
 * @throws TemporaryError `ledger-busy`
 */
export async function findRedemption(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  redemptionId: string,
  now: Date,
): Promise<Redemption | null> {
  const found = await find(pool, tenant, 'redemption_id', redemptionId);
  if (found?.state !== 'open') return found;
  if (found.expiresAt > now && !(await wasSpent(pool, tenant, redemptionId)).spent) return found;
  return retried(() =>
    transaction(pool, async (db) => {
      const root = await lockMember(db, tenant, found.memberId);
      if (root) await expireOf(db, tenant, brandOf, root.accounts, now);
      const redemption = await find(db, tenant, 'redemption_id', redemptionId);
      if (redemption?.state !== 'open' || !root) return redemption;
      const { spent } = await wasSpent(db, tenant, redemptionId);
      if (!spent) return redemption;
      const state = await close(db, tenant, brandOf, redemption, 'committed', now);
      return { ...redemption, state, settledAt: now };
    }),
  );
}

/** Whether an order has spent what is locked under it, and when that lock was last moved. */
async function wasSpent(db: Db, tenant: string, redemptionId: string) {
  const { rows } = await db.query<{ spent: boolean; as_of: Date | null }>(
    `select coalesce(bool_or(kind = 'spend'), false) as spent, max(at) as as_of
       from laurel.points_entries where tenant = $1 and lock = $2`,
    [tenant, redemptionId],
  );
  return rows[0] ?? { spent: false, as_of: null };
}

/** Ends open redemptions whose time is over, up to `limit`, of every tenant; their points are spendable again. */
export async function expireRedemptions(
  pool: pg.Pool,
  brandOf: BrandOf,
  now: Date,
  limit = 100,
): Promise<number> {
  const { rows } = await pool.query<{ tenant: string; member_id: string }>(
    `select distinct tenant, member_id from (
       select tenant, member_id from laurel.point_redemptions
        where state = 'open' and expires_at <= $1 order by expires_at limit $2) as due`,
    [now, limit],
  );
  let expired = 0;
  for (const { tenant, member_id } of rows)
    expired += await retried(() =>
      transaction(pool, async (db) => {
        const root = await lockMember(db, tenant, member_id);
        return root ? expireOf(db, tenant, brandOf, root.accounts, now) : 0;
      }),
    );
  return expired;
}

async function expireOf(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  accounts: readonly string[],
  now: Date,
): Promise<number> {
  const rows = await readRows(
    db,
    shown,
    `where tenant = $1 and member_id = any($2) and state = 'open' and expires_at <= $3 order by expires_at`,
    [tenant, accounts, now],
  );
  for (const row of rows) await close(db, tenant, brandOf, redemptionOf(row), 'expired', now);
  return rows.length;
}

/**
 * Ends an open redemption, with the event that moves its points. An order that named it as its `pointsLock` has spent
 * them already: then it is committed whatever was wanted, and what is left comes back.
 */
async function close(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  redemption: Redemption,
  wanted: 'committed' | 'released' | 'expired',
  now: Date,
): Promise<Redemption['state']> {
  const { redemptionId, points, orderId } = redemption;
  const { spent, as_of: last } = await wasSpent(db, tenant, redemptionId);
  const at = Math.max(now.getTime(), last?.getTime() ?? 0);
  const state = spent ? 'committed' : wanted;
  if (state === 'committed' && !spent)
    await tell(db, tenant, brandOf, redemption, at, 'commit', {
      type: 'points.spent',
      points,
      ...(orderId !== null && { ref: orderId }),
    });
  else await tell(db, tenant, brandOf, redemption, at, 'release', { type: 'points.released' });
  await db.query(
    `update laurel.point_redemptions set state = $3, settled_at = $4 where tenant = $1 and redemption_id = $2`,
    [tenant, redemptionId, state, now],
  );
  return state;
}

/** The ledger hears of it as of anything else. */
async function tell(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  { redemptionId, memberId }: Redemption,
  at: number,
  step: string,
  event: {
    readonly type: string;
    readonly points?: number;
    readonly ref?: string;
    readonly until?: string;
  },
): Promise<void> {
  const result = await applyWithin(db, tenant, brandOf, {
    source: 'laurel',
    id: `redemption:${redemptionId}:${step}`,
    at: new Date(at).toISOString(),
    memberId,
    lock: redemptionId,
    ...event,
  });
  // Erased meanwhile: there are no points to move.
  if (result.kind !== 'applied' && result.kind !== 'ignored')
    throw new Error(`the ledger did not take ${step} of redemption ${redemptionId}`);
}

function again(
  before: Redemption,
  { points, key, orderId }: Reservation,
  accounts: readonly string[],
): Reserved {
  const same =
    before.points === points &&
    before.orderId === (orderId ?? null) &&
    accounts.includes(before.memberId);
  if (!same) throw new IdempotencyConflict(key);
  return { kind: 'reserved', redemption: before, again: true };
}

/** Spendable as of the row: what is active, less what she owes. */
const availableIn = ({ active, lots, debt }: Row['points']): number =>
  lots.reduce((sum, [points, activeAt]) => (activeAt === 0 ? sum + points : sum), active) - debt;

/** Holds the member, with all accounts that are merged into her, until the transaction ends; null where nobody is known. */
async function lockMember(
  db: Db,
  tenant: string,
  memberId: string,
): Promise<{ readonly memberId: string; readonly accounts: readonly string[] } | null> {
  const locked = await lockAccounts(db, tenant, memberId);
  // While it waited for the lock, accounts may have been linked: what is held must be who she is now.
  const now = locked.length > 0 ? await lockAccounts(db, tenant, memberId) : locked;
  if (now.length !== locked.length || now[0]?.root !== locked[0]?.root)
    throw Object.assign(new Error('accounts were linked meanwhile'), { code: '40001' });
  const [first] = now;
  return first ? { memberId: first.root, accounts: now.map(({ account }) => account) } : null;
}

async function lockAccounts(db: Db, tenant: string, memberId: string) {
  const { rows } = await db.query<{ root: string; account: string }>(
    `with recursive up (member_id, merged_into) as (
       select member_id, merged_into from laurel.members where tenant = $1 and member_id = $2
       union all
       select m.member_id, m.merged_into from up
         join laurel.members m on m.tenant = $1 and m.member_id = up.merged_into),
     down (root, account) as (
       select member_id, member_id from up where merged_into is null
       union all
       select d.root, m.member_id from down d
         join laurel.members m on m.tenant = $1 and m.merged_into = d.account)
     select d.root, m.member_id as account from laurel.members m join down d on d.account = m.member_id
      where m.tenant = $1 order by m.member_id for update of m`,
    [tenant, memberId],
  );
  return rows;
}

const redemptionOf = ({ worthAmount, worthCurrency, ...rest }: StoredRedemption): Redemption => ({
  ...rest,
  worth: { amount: worthAmount, currency: worthCurrency },
});

async function find(
  db: Db,
  tenant: string,
  by: 'key' | 'redemption_id',
  value: string,
): Promise<Redemption | null> {
  const [row] = await readRows(db, shown, `where tenant = $1 and ${by} = $2`, [tenant, value]);
  return row ? redemptionOf(row) : null;
}

const insert = (db: Db, tenant: string, key: string, { worth, ...one }: Redemption) =>
  insertRow(db, pointRedemptions, {
    tenant,
    ...one,
    key,
    worthAmount: worth.amount,
    worthCurrency: worth.currency,
  });
