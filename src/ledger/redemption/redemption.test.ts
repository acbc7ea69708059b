import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { IdempotencyConflict } from '../../core/errors.ts';
import { readProfiles } from '../../profile/ledger.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { ledgerEntries } from '../points/entries.ts';
import { expireRedemptions, findRedemption, reserve, settle } from './redemption.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase({ max: 40 }), fixtureBrandOf()]);
});
afterAll(() => database.close());

const now = new Date('2026-05-01T10:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

let tenants = 0;
let ids = 0;
/** Ana with so many stars, with a tenant of her own. 100 stars are worth 4 €, and the least that can be redeemed. */
async function ana(points: number) {
  tenants += 1;
  const tenant = `r${tenants}`;
  const apply = (type: string, fields: object) => {
    ids += 1;
    return applyEvents(database.pool, tenant, brandOf, [
      {
        source: 'test',
        id: `e${ids}`,
        at: '2026-04-01T10:00:00Z',
        memberId: 'ana',
        type,
        ...fields,
      },
    ]);
  };
  await apply('member.enrolled', { brand: 'juniper', membershipNumber: '1' });
  if (points > 0) await apply('points.earned', { points });
  const balances = async (at = later(600)) => {
    const [reading] = await readProfiles(database.pool, at, brandOf, [{ tenant, memberId: 'ana' }]);
    if (reading instanceof Error || reading?.kind !== 'member') throw new Error('not a member');
    const { activePoints, lockedPoints, spentPoints } = reading.profile;
    return [activePoints, lockedPoints, spentPoints];
  };
  return {
    tenant,
    apply,
    balances,
    reserve: (wanted: number, fields: object = {}, at = now) => {
      ids += 1;
      const reservation = { memberId: 'ana', points: wanted, key: `k${ids}`, ttlSeconds: 900 };
      return reserve(database.pool, tenant, brandOf, { ...reservation, ...fields }, at);
    },
    settle: (id: string, how: 'commit' | 'release', at = now) =>
      settle(database.pool, tenant, brandOf, id, how, at),
  };
}
const idOf = (outcome: Awaited<ReturnType<typeof reserve>>): string => {
  if (outcome.kind !== 'reserved') throw new Error(`refused: ${outcome.reason}`);
  return outcome.redemption.redemptionId;
};

it('says that its time is over to who asks for it again', async () => {
  const { reserve: take } = await ana(250);
  const asked = { key: 'once', ttlSeconds: 60 };
  await take(150, asked);
  expect(await take(150, asked, later(59))).toMatchObject({ redemption: { state: 'open' } });
  expect(await take(150, asked, later(60))).toMatchObject({ redemption: { state: 'expired' } });
});

it('locks the points, says what they are worth, and spends them when it is committed', async () => {
  const { reserve: take, settle: end, balances } = await ana(250);
  const outcome = await take(150, { orderId: 'o1' });
  expect(outcome).toMatchObject({
    kind: 'reserved',
    redemption: { state: 'open', worth: { amount: 600, currency: 'EUR' }, expiresAt: later(900) },
  });
  expect(await balances()).toEqual([100, 150, 0]);
  const id = idOf(outcome);
  expect(await end(id, 'commit')).toMatchObject({ kind: 'settled' });
  expect(await end(id, 'commit')).toMatchObject({ redemption: { state: 'committed' } });
  expect(await balances()).toEqual([100, 0, 150]);
  expect(await end(id, 'release')).toMatchObject({ kind: 'refused' });
});

it('gives the points back when it is released, and again changes nothing', async () => {
  const { reserve: take, settle: end, balances } = await ana(250);
  const id = idOf(await take(150));
  const released = { kind: 'settled', redemption: { state: 'released' } };
  expect(await end(id, 'release')).toMatchObject(released);
  expect(await end(id, 'release')).toMatchObject(released);
  expect(await balances()).toEqual([250, 0, 0]);
  expect(await end(id, 'commit')).toMatchObject({ kind: 'refused' });
});

const refused = (reason: string) => ({ kind: 'refused', reason, available: 120, minimum: 100 });

it('refuses by reason, and says what she has', async () => {
  const { reserve: take, apply, tenant } = await ana(120);
  expect(await take(121)).toEqual(refused('insufficient-points'));
  expect(await take(99)).toEqual(refused('below-minimum'));
  expect(await take(100, { memberId: 'nobody' })).toMatchObject({ reason: 'unknown-member' });
  await apply('member.updated', { status: 'suspended' });
  expect(await take(100)).toEqual(refused('member-not-active'));
  expect(await findRedemption(database.pool, tenant, brandOf, 'none', now)).toBeNull();
});

it('counts what is spendable at that moment: not what is pending, locked, expired or owed', async () => {
  const { reserve: take, apply } = await ana(100);
  await apply('points.earned', { points: 500, activeAt: '2026-06-01T00:00:00Z' });
  await apply('points.earned', { points: 500, expiresAt: '2026-05-01T10:00:00Z' });
  expect(await take(101)).toMatchObject({ reason: 'insufficient-points', available: 100 });
  await take(100);
  expect(await take(100)).toMatchObject({ reason: 'insufficient-points', available: 0 });
});

it('is one redemption under one key, and a conflict with another amount', async () => {
  const { reserve: take, balances } = await ana(500);
  const all = await Promise.all(Array.from({ length: 10 }, () => take(100, { key: 'cart' })));
  expect(new Set(all.map(idOf)).size).toBe(1);
  expect(await balances()).toEqual([400, 100, 0]);
  await expect(take(200, { key: 'cart' })).rejects.toBeInstanceOf(IdempotencyConflict);
});

it('never uses a point twice, with thirty at once and points earned and spent meanwhile', async () => {
  const one = await ana(1000);
  const [outcomes] = await Promise.all([
    Promise.all(Array.from({ length: 30 }, () => one.reserve(100))),
    one.apply('points.earned', { points: 150 }),
    one.apply('points.spent', { points: 50 }),
  ]);
  const reserved = outcomes.filter(({ kind }) => kind === 'reserved').map(idOf);
  const [active = NaN, locked] = await one.balances();
  expect(active).toBeGreaterThanOrEqual(0);
  expect(locked).toBe(reserved.length * 100);
  expect(active + reserved.length * 100).toBe(1100);
  await Promise.all(reserved.map((id, n) => one.settle(id, n % 2 === 0 ? 'commit' : 'release')));
  const [left = NaN, stillLocked, spent = NaN] = await one.balances();
  expect([left + spent, stillLocked]).toEqual([1150, 0]);
  for (const { balances } of await ledgerEntries(database.pool, one.tenant, 'ana', later(3600)))
    expect(balances.active).toBeGreaterThanOrEqual(0);
});

it('ends by itself when its time is over, and then can no longer be committed', async () => {
  const { reserve: take, settle: end, balances, tenant } = await ana(100);
  const id = idOf(await take(100, { ttlSeconds: 60 }));
  expect(await expireRedemptions(database.pool, brandOf, later(59))).toBe(0);
  expect(await expireRedemptions(database.pool, brandOf, later(60))).toBe(1);
  expect(await balances()).toEqual([100, 0, 0]);
  expect(await findRedemption(database.pool, tenant, brandOf, id, later(60))).toMatchObject({
    state: 'expired',
  });
  expect(await end(id, 'commit', later(61))).toMatchObject({ kind: 'refused' });
  expect(await end(id, 'release', later(61))).toMatchObject({ kind: 'settled' });
});

it('T7: a reservation that is over counts as over in the profile, before anything has swept it', async () => {
  const one = await ana(300);
  const id = idOf(await one.reserve(120, { ttlSeconds: 60 }));
  expect(await one.balances(later(59))).toEqual([180, 120, 0]);
  expect(await one.balances(later(60))).toEqual([300, 0, 0]);
  expect(await one.balances(later(3600))).toEqual([300, 0, 0]);
  // The sweep that comes later changes nothing of it, and neither does what asks for it again.
  expect(await expireRedemptions(database.pool, brandOf, later(90))).toBe(1);
  expect(await one.balances(later(90))).toEqual([300, 0, 0]);
  expect(await one.settle(id, 'commit', later(91))).toMatchObject({
    redemption: { state: 'expired' },
  });
  expect(await one.balances(later(92))).toEqual([300, 0, 0]);
});

it('is what it is at the moment somebody asks, whether or not anything has looked before', async () => {
  const one = await ana(250);
  const id = idOf(await one.reserve(150, { ttlSeconds: 60 }));
  const asked = (at: Date, of = id) => findRedemption(database.pool, one.tenant, brandOf, of, at);
  expect(await asked(later(59))).toMatchObject({ state: 'open', settledAt: null });
  expect(await asked(later(60))).toMatchObject({ state: 'expired', settledAt: later(60) });
  expect(await one.balances()).toEqual([250, 0, 0]);
  const paid = idOf(await one.reserve(150, { ttlSeconds: 60 }, later(61)));
  await one.apply('order.placed', {
    at: '2026-05-01T10:01:30Z',
    orderId: 'o1',
    channel: 'online',
    currency: 'EUR',
    total: 0,
    pointsSpent: 120,
    pointsLock: paid,
  });
  expect(await asked(later(91), paid)).toMatchObject({ state: 'committed' });
  expect(await one.balances()).toEqual([130, 0, 120]);
});

it('is over in time also where nobody has looked: the next reservation finds the points', async () => {
  const { reserve: take, settle: end } = await ana(100);
  const id = idOf(await take(100, { ttlSeconds: 60 }));
  expect(await end(id, 'commit', later(60))).toMatchObject({ redemption: { state: 'expired' } });
  idOf(await take(100, { ttlSeconds: 60 }, later(61)));
  idOf(await take(100, {}, later(200)));
});

it('is committed by the order that pays with it', async () => {
  const { reserve: take, settle: end, apply, balances } = await ana(200);
  const id = idOf(await take(150));
  await apply('order.placed', {
    at: '2026-05-01T10:01:00Z',
    orderId: 'o1',
    channel: 'online',
    currency: 'EUR',
    total: 0,
    pointsSpent: 150,
    pointsLock: id,
  });
  expect(await end(id, 'commit', later(120))).toMatchObject({
    kind: 'settled',
    redemption: { state: 'committed' },
  });
  expect(await balances()).toEqual([50, 0, 150]);
});

it('comes back with the order that is cancelled', async () => {
  const { reserve: take, settle: end, apply, balances } = await ana(200);
  await end(idOf(await take(150, { orderId: 'o1' })), 'commit');
  expect(await balances()).toEqual([50, 0, 150]);
  await apply('order.cancelled', { orderId: 'o1', at: '2026-05-01T11:00:00Z' });
  expect(await balances()).toEqual([200, 0, 0]);
});
