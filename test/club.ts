import type pg from 'pg';
import { expect } from 'vitest';

import { Programme } from '../src/brand/brand.ts';
import type { Profile } from '../src/contract/profile.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import type { BrandOf } from '../src/ledger/batch.ts';
import { ledgerEntries } from '../src/ledger/points/entries.ts';
import { readProfiles } from '../src/profile/ledger.ts';

/** A programme that counts for itself, changed as a test says. */
const programme = (changes: object = {}) =>
  Programme.parse({
    name: 'Club',
    version: '1',
    currency: 'EUR',
    accrual: 'programme',
    burn: { points: 100, amount: 50, minimum: 100 },
    earn: { points: 1, perAmount: 1 },
    returnWindowDays: 30,
    tiers: [
      { id: 'base', name: 'Base', benefits: [] },
      { id: 'plus', name: 'Plus', threshold: 100, benefits: [] },
    ],
    entitlements: [],
    reviewMinimumPurchases: 1,
    ...changes,
  });
export const brandWith = (...changes: readonly object[]): BrandOf => {
  const programmes = changes.map(programme);
  const [first = programme()] = programmes;
  const brand = {
    programme: first,
    programmes,
    timeZone: 'Europe/Berlin',
    defaultLocale: 'en',
    currency: 'EUR',
  };
  return (id) => (id === 'club' ? brand : undefined);
};

let tenants = 0;

/** A brand `club` in this database: each call of what it returns enrols Ana anew, in a tenant of her own. */
export const openClub =
  (pool: pg.Pool) =>
  (...changes: readonly object[]) =>
    ana(pool, changes);

/** Ana, newly enrolled, with a tenant of her own and these programmes. */
async function ana(pool: pg.Pool, changes: readonly object[]) {
  tenants += 1;
  const tenant = `p${tenants}`;
  const brandOf = brandWith(...(changes.length > 0 ? changes : [{}]));
  const tell = (...events: readonly object[]) => {
    const all = events.map((one, n) => ({
      source: 'test',
      id: `${JSON.stringify(one)}${n}`.slice(0, 190),
      memberId: 'ana',
      ...one,
    }));
    return applyEvents(pool, tenant, brandOf, all);
  };
  const apply = async (...events: readonly object[]) => {
    const results = await tell(...events);
    expect(results.filter(({ kind }) => kind === 'refused')).toEqual([]);
    return results;
  };
  const profile = async (now: string): Promise<Profile> => {
    const key = { tenant, memberId: 'ana' };
    const [reading] = await readProfiles(pool, new Date(now), brandOf, [key]);
    if (reading instanceof Error || reading?.kind !== 'member') throw new Error('not a member');
    return reading.profile;
  };
  await apply({
    type: 'member.enrolled',
    at: '2025-01-01T00:00:00Z',
    brand: 'club',
    membershipNumber: '1',
  });
  return {
    tenant,
    brandOf,
    /** Also what is refused. */
    tell,
    apply,
    profile,
    entries: (until: string) => ledgerEntries(pool, tenant, 'ana', new Date(until)),
  };
}

/** An order of a mug that costs `total`. */
export const order = (orderId: string, at: string, total: number, fields: object = {}) => ({
  type: 'order.placed',
  at,
  orderId,
  channel: 'online',
  currency: 'EUR',
  total,
  lines: [{ productId: 'mug', category: 'mugs', unitPrice: total, fullPrice: true }],
  ...fields,
});
/** An event of this type about an order. */
export const of = (type: string, orderId: string, at: string, fields: object = {}) => ({
  type,
  orderId,
  at,
  ...fields,
});
