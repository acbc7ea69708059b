import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { readProfiles } from '../../profile/ledger.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { refreshPercentiles } from './percentiles.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
const members = Array.from({ length: 40 }, (_, n) => `m${n + 1}`);
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
  // The first spent 10 €, the second 20 €, …
  await applyEvents(
    database.pool,
    't',
    brandOf,
    members.flatMap((memberId, n) => [
      event(memberId, 'member.enrolled', { brand: 'juniper', membershipNumber: '1' }),
      order(memberId, `${memberId}-o`, 1000 * (n + 1)),
    ]),
  );
});
afterAll(() => database.close());

let ids = 0;
const event = (memberId: string, type: string, fields: object) => {
  ids += 1;
  return { source: 't', id: `${ids}`, at: '2026-03-31T21:00:00Z', memberId, type, ...fields };
};
const order = (memberId: string, orderId: string, total: number, fields: object = {}) =>
  event(memberId, 'order.placed', {
    orderId,
    channel: 'store',
    currency: 'EUR',
    total,
    ...fields,
  });
const refresh = (now: string, maxAgeHours?: number) =>
  refreshPercentiles(
    database.pool,
    [{ id: 'juniper', timeZone: 'Europe/Berlin' }],
    new Date(now),
    maxAgeHours,
  );
const profile = async (memberId: string, now: string) => {
  const key = { tenant: 't', memberId };
  const [reading] = await readProfiles(database.pool, new Date(now), brandOf, [key]);
  if (reading instanceof Error || reading?.kind !== 'member') throw new Error('not a member');
  return reading.profile;
};

it('says nothing where nobody counted, and nothing from figures that are days old', async () => {
  expect((await profile('m40', '2026-04-01T00:00:00Z')).spendPercentile).toBeNull();
  expect(await refresh('2026-04-01T00:00:00Z')).toBe(1);
  expect((await profile('m40', '2026-04-03T00:00:00Z')).spendPercentile).toBe(95);
  expect((await profile('m40', '2026-04-05T00:00:00Z')).spendPercentile).toBeNull();
});

it('never says more than is true: at least that share of the members spent less', async () => {
  await refresh('2026-04-06T00:00:00Z');
  for (const [n, memberId] of members.entries()) {
    const { spendPercentile } = await profile(memberId, '2026-04-06T00:00:00Z');
    const less = (100 * n) / members.length;
    expect(spendPercentile).toBeLessThanOrEqual(less);
    expect(less - (spendPercentile ?? 0)).toBeLessThanOrEqual(5);
  }
});

it('S27: moves with what she spends, and is counted again once a day', async () => {
  await applyEvents(database.pool, 't', brandOf, [order('m1', 'big', 100_000)]);
  expect((await profile('m1', '2026-04-06T00:00:00Z')).spendPercentile).toBe(95);
  expect(await refresh('2026-04-06T12:00:00Z')).toBe(0);
  expect(await refresh('2026-04-06T12:00:00Z', 0)).toBe(1);
});

const spend = async (now: string) => {
  const { spend: said } = await profile('m2', now);
  return [said?.thisYear.amount, said?.last12Months.amount];
};

it('counts this month and the eleven before it, and this year, as months go by', async () => {
  // It was still March in Berlin.
  expect(await spend('2026-12-31T22:00:00Z')).toEqual([2000, 2000]);
  expect(await spend('2026-12-31T23:00:00Z')).toEqual([0, 2000]);
  expect(await spend('2027-02-28T22:00:00Z')).toEqual([0, 2000]);
  expect(await spend('2027-03-01T00:00:00Z')).toEqual([0, 0]);
});
