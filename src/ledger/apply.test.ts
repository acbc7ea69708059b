import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf, readCatalogue } from '../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { randomHistory } from '../../test/random-events.ts';
import { randomLinks } from '../../test/random-links.ts';
import type { Profile } from '../contract/profile.ts';
import { readProfiles } from '../profile/ledger.ts';
import { appliedEvents, applyEvents } from './apply.ts';
import type { BrandOf } from './batch.ts';
import { saveCatalogue } from './catalogue/catalogue.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

let tenants = 0;
/** A tenant of its own, with the coffee chain's catalogue. */
async function newTenant(): Promise<string> {
  tenants += 1;
  const tenant = `t${tenants}`;
  await saveCatalogue(database.pool, tenant, 'juniper', await readCatalogue('juniper'));
  return tenant;
}

const apply = (tenant: string, events: readonly unknown[]) =>
  applyEvents(database.pool, tenant, brandOf, events);

let ids = 0;
const event = (type: string, fields: object) => {
  ids += 1;
  return {
    source: 'test',
    id: `e${ids}`,
    at: '2026-03-01T10:00:00Z',
    memberId: 'ana',
    type,
    ...fields,
  };
};
const enrolled = (memberId = 'ana', fields: object = {}) =>
  event('member.enrolled', { memberId, brand: 'juniper', membershipNumber: '1', ...fields });
const order = (fields: object = {}) =>
  event('order.placed', {
    orderId: 'o1',
    channel: 'store',
    currency: 'EUR',
    total: 900,
    lines: [
      { productId: 'oat-latte', unitPrice: 480, fullPrice: true },
      { productId: 'hummus-bagel', quantity: 1, unitPrice: 420, fullPrice: false },
    ],
    pointsEarned: { points: 18 },
    ...fields,
  });

async function profile(tenant: string, memberId = 'ana', now = '2026-11-20T12:00:00Z') {
  const [reading] = await readProfiles(database.pool, new Date(now), brandOf, [
    { tenant, memberId },
  ]);
  if (reading instanceof Error || reading?.kind !== 'member') throw new Error('not a member');
  return reading.profile;
}

const dump = async (tenant: string) =>
  (
    await database.pool.query<{ row: unknown }>(
      `select to_jsonb(p) - 'tenant' as row from laurel.profiles p where tenant = $1 order by member_id`,
      [tenant],
    )
  ).rows;

describe('any history', () => {
  const history = fc
    .tuple(
      randomHistory('ana'),
      randomHistory('bea'),
      randomLinks(['ana', 'bea'], { maxLength: 15 }),
    )
    .map((streams) =>
      streams.flat().toSorted((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? '')),
    );

  it('comes to the same profiles in whatever batches its events arrive, and however often', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.integer({ min: 1, max: 7 })), async (events, sizes) => {
        const [whole, split] = [await newTenant(), await newTenant()];
        const results = await apply(whole, events);
        const inParts = [];
        let from = 0;
        for (const size of [...sizes, events.length]) {
          inParts.push(...(await apply(split, events.slice(from, from + size))));
          from += size;
        }
        expect(inParts).toEqual(results);
        expect(await dump(split)).toEqual(await dump(whole));

        const before = await dump(whole);
        const applied = events.filter((_, index) => results[index]?.kind === 'applied');
        const again = await apply(whole, applied);
        expect(again.filter(({ kind }) => kind !== 'duplicate')).toEqual([]);
        expect(await dump(whole)).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a batch', () => {
  it('applies an event once, also when it is in the batch twice', async () => {
    const tenant = await newTenant();
    const earned = event('points.earned', { points: 50 });
    const results = await apply(tenant, [enrolled(), earned, earned]);
    expect(results.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'duplicate']);
    expect(await profile(tenant)).toMatchObject({ activePoints: 50, ledgerVersion: 2 });
  });

  it('refuses a bad event by field, and applies the others', async () => {
    const tenant = await newTenant();
    const results = await apply(tenant, [
      enrolled(),
      order({ lines: [{ productId: 'oat-latte', unitPrice: 4.8, fullPrice: true }] }),
      event('points.earned', { points: 10, memberId: 'nobody' }),
      event('tier.changed', { tierId: 'diamond', reason: 'error' }),
      event('points.earned', { points: 10, expiresAt: '2026-02-01T00:00:00Z' }),
      event('points.earned', { points: 7 }),
    ]);
    expect(results.map((one) => (one.kind === 'refused' ? one.problems : one.kind))).toEqual([
      'applied',
      [
        {
          path: 'lines[0].unitPrice',
          message: 'must be a whole number of minor units, e.g. 450 for 4.50',
        },
      ],
      [{ path: 'memberId', message: 'unknown member; send member.enrolled first' }],
      [{ path: 'tierId', message: 'unknown tier; one of green, gold, reserve' }],
      [{ path: 'expiresAt', message: 'must be after the points become active' }],
      'applied',
    ]);
    expect(await profile(tenant)).toMatchObject({ activePoints: 7, ledgerVersion: 2 });
  });

  it('counts the largest amounts exactly, and refuses by field what is beyond them', async () => {
    const tenant = await newTenant();
    const most = 10_000_000_000_000;
    const line = {
      productId: 'oat-latte',
      quantity: 10_000,
      unitPrice: most / 10_000,
      fullPrice: true,
    };
    const half = { orderId: 'o1', amount: most / 2, lines: [] };
    const results = await apply(tenant, [
      enrolled(),
      order({ total: most, saved: most - 1, lines: [line] }),
      event('order.refunded', half),
      event('points.earned', { points: Number.MAX_SAFE_INTEGER }),
      order({ orderId: 'o2', total: most + 1 }),
      order({ orderId: 'o3', total: most, lines: [line, line] }),
    ]);
    expect(
      results.map((one) => (one.kind === 'refused' ? one.problems[0]?.path : one.kind)),
    ).toEqual(['applied', 'applied', 'applied', 'points', 'total', 'lines']);
    expect((await profile(tenant)).savings).toEqual([
      { year: 2026, saved: { amount: most / 2 - 1, currency: 'EUR' } },
    ]);
  });

  it('accepts under the same id what was refused and then put right', async () => {
    const tenant = await newTenant();
    const right = event('points.earned', { points: 10 });
    const wrong = { ...right, points: -10 };
    const kinds = [
      ...(await apply(tenant, [enrolled(), wrong])),
      ...(await apply(tenant, [right])),
    ].map(({ kind }) => kind);
    expect(kinds).toEqual(['applied', 'refused', 'applied']);
  });

  it('is applied whole when many come at once for the same members', async () => {
    const tenant = await newTenant();
    const batches = Array.from({ length: 12 }, () => [
      enrolled('bea'),
      event('points.earned', { memberId: 'bea', points: 5 }),
      event('points.earned', { points: 5 }),
    ]);
    await apply(tenant, [enrolled()]);
    const results = await Promise.all(batches.map((batch) => apply(tenant, batch)));
    const enrolments = results.filter(([first]) => first?.kind === 'applied');
    expect(enrolments).toHaveLength(1);
    expect(await profile(tenant)).toMatchObject({ activePoints: 60, ledgerVersion: 13 });
    expect(await profile(tenant, 'bea')).toMatchObject({ activePoints: 60, ledgerVersion: 13 });
  });

  it('tells which events are in', async () => {
    const tenant = await newTenant();
    const first = enrolled();
    await apply(tenant, [first]);
    const keys = [{ source: 'test', id: 'other' }, first];
    expect(
      await appliedEvents(
        database.pool,
        keys.map((key) => ({ tenant, ...key })),
      ),
    ).toEqual([false, true]);
  });
});

describe('orders', () => {
  it('keep the category a product had when it was bought', async () => {
    const tenant = await newTenant();
    await apply(tenant, [enrolled(), order()]);
    const { products, offers } = await readCatalogue('juniper');
    const moved = products.map((one) => ({ ...one, category: 'everything' }));
    const now = new Date('2026-03-02T00:00:00Z');
    await saveCatalogue(database.pool, tenant, 'juniper', { products: moved, offers }, now);
    await apply(tenant, [
      order({ orderId: 'o2', at: '2026-03-02T00:00:00Z' }),
      // Told late: it was bought before.
      order({
        orderId: 'o3',
        lines: [{ productId: 'oat-latte', unitPrice: 480, fullPrice: true }],
      }),
    ]);
    const { boughtCategories } = await profile(tenant);
    expect(Object.entries(boughtCategories).map(([id, { count }]) => [id, count])).toEqual([
      ['coffee', 2],
      ['everything', 2],
      ['sandwiches', 1],
    ]);
  });

  it('never happened once cancelled: nothing bought, earned or spent, and messages about them stop', async () => {
    const tenant = await newTenant();
    await apply(tenant, [
      enrolled(),
      event('points.earned', { points: 100 }),
      order({ pointsSpent: 60, saved: 100 }),
      event('order.cancelled', { orderId: 'o1', subjects: ['trip:T1'] }),
    ]);
    expect(await profile(tenant)).toMatchObject({
      activePoints: 100,
      earnedPoints: 100,
      spentPoints: 0,
      qualifyingPoints: 0,
      boughtCategories: {},
      channels: {},
      savings: [],
    } satisfies Partial<Profile>);
    const { rows } = await database.pool.query<{ subject: string }>(
      'select subject from laurel.cancelled_subjects where tenant = $1 order by 1',
      [tenant],
    );
    expect(rows.map(({ subject }) => subject)).toEqual(['order:o1', 'trip:T1']);
  });

  it('stay cancelled when the cancellation comes before the order', async () => {
    const tenant = await newTenant();
    await apply(tenant, [enrolled(), event('order.cancelled', { orderId: 'o1' })]);
    await apply(tenant, [order()]);
    expect(await profile(tenant)).toMatchObject({ activePoints: 0, boughtCategories: {} });
  });

  it('of guests can be cancelled without a member', async () => {
    const tenant = await newTenant();
    const { memberId: _none, ...cancelled } = event('order.cancelled', { orderId: 'g1' });
    expect(await apply(tenant, [cancelled])).toMatchObject([{ kind: 'applied', memberId: null }]);
    const { rowCount } = await database.pool.query(
      `select from laurel.cancelled_subjects where tenant = $1 and subject = 'order:g1'`,
      [tenant],
    );
    expect(rowCount).toBe(1);
  });

  it('count only what was kept of them', async () => {
    const tenant = await newTenant();
    const results = await apply(tenant, [
      enrolled(),
      order({ saved: 90 }),
      event('order.refunded', {
        orderId: 'o1',
        lines: [{ productId: 'hummus-bagel', quantity: 1 }],
        pointsTakenBack: 8,
      }),
      event('order.refunded', {
        orderId: 'o1',
        lines: [{ productId: 'hummus-bagel', quantity: 1 }],
      }),
    ]);
    expect(results.at(-1)).toMatchObject({
      kind: 'refused',
      problems: [{ path: 'lines[0].quantity' }],
    });
    expect(await profile(tenant)).toMatchObject({
      activePoints: 10,
      boughtCategories: { coffee: { count: 1 } },
      boughtAttributes: { 'oat-milk': { count: 1 } },
      savings: [{ year: 2026, saved: { amount: 48, currency: 'EUR' } }],
    });
  });

  it('can only be cancelled or refunded by the member who placed them', async () => {
    const tenant = await newTenant();
    await apply(tenant, [enrolled(), enrolled('bea'), order()]);
    const results = await apply(tenant, [
      event('order.cancelled', { orderId: 'o1', memberId: 'bea' }),
      event('order.refunded', { orderId: 'o1', memberId: 'bea' }),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
    expect(await profile(tenant)).toMatchObject({ activePoints: 18 });
  });
});

describe('what a member says', () => {
  it('is what she said last, whatever arrives last', async () => {
    const tenant = await newTenant();
    const consent = (at: string, granted: boolean) =>
      event('consent.changed', { at, purpose: 'marketing', granted });
    await apply(tenant, [
      enrolled('ana', { firstName: 'Ana', locale: 'en' }),
      consent('2026-03-05T10:00:00Z', false),
      event('member.updated', { at: '2026-03-05T10:00:00Z', firstName: 'Anna' }),
    ]);
    await apply(tenant, [
      consent('2026-03-03T10:00:00Z', true),
      event('member.updated', { at: '2026-03-03T10:00:00Z', firstName: 'An', locale: 'de' }),
    ]);
    expect(await profile(tenant)).toMatchObject({
      firstName: 'Anna',
      locale: 'de',
      consents: { marketing: { granted: false, at: '2026-03-05T10:00:00Z' } },
    });
  });

  it('an address leads to one member; it can be handed on', async () => {
    const tenant = await newTenant();
    await apply(tenant, [enrolled('ana', { email: 'Ana@mail.example' }), enrolled('bea')]);
    const claim = { memberId: 'bea', at: '2026-04-01T00:00:00Z', email: 'ana@MAIL.example' };
    expect(await apply(tenant, [event('member.updated', claim)])).toMatchObject([
      { kind: 'refused', problems: [{ path: 'email' }] },
    ]);
    const moved = event('member.updated', {
      at: '2026-04-01T00:00:00Z',
      email: 'new@mail.example',
    });
    const results = await apply(tenant, [moved, event('member.updated', claim)]);
    expect(results.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    const readings = await readProfiles(database.pool, new Date(), brandOf, [
      { tenant, email: 'ana@mail.example' },
      { tenant, email: 'new@mail.example' },
    ]);
    expect(readings).toMatchObject([
      { profile: { memberId: 'bea' } },
      { profile: { memberId: 'ana' } },
    ]);
  });

  it('once erased she is gone, and events that come late do not bring her back', async () => {
    const tenant = await newTenant();
    const history = [
      enrolled('ana', { email: 'ana@mail.example', firstName: 'Canary' }),
      order(),
      event('consent.changed', { purpose: 'marketing', granted: true }),
      event('coupon.issued', { code: 'Canary-1', offerId: 'pastry-pair' }),
      event('bonus.granted', { bonusId: 'advent-50', points: 50 }),
      event('offer.redeemed', { offerId: 'pastry-pair' }),
      event('tier.changed', { tierId: 'gold', reason: 'given' }),
    ];
    await apply(tenant, history);
    await apply(tenant, [event('member.erased', {})]);
    await apply(tenant, history);
    const late = await apply(tenant, [
      order({ orderId: 'o2' }),
      event('points.earned', { points: 5 }),
    ]);
    expect(late).toMatchObject([
      { kind: 'ignored', why: 'member-erased' },
      { kind: 'ignored', why: 'member-erased' },
    ]);
    expect(
      await readProfiles(database.pool, new Date(), brandOf, [
        { tenant, memberId: 'ana' },
        { tenant, email: 'ana@mail.example' },
      ]),
    ).toEqual([{ kind: 'erased' }, { kind: 'guest', why: 'unknown-address' }]);
    const tables = await database.pool.query<{ name: string }>(
      `select table_name as name from information_schema.columns
        where table_schema = 'laurel' and column_name = 'member_id'
          and table_name in (select table_name from information_schema.columns where column_name = 'tenant')`,
    );
    const left: Record<string, string[]> = {};
    for (const { name } of tables.rows) {
      const { rows } = await database.pool.query<{ row: string }>(
        `select t::text as row from laurel.${name} t where tenant = $1 and member_id = 'ana'`,
        [tenant],
      );
      if (rows.length > 0) left[name] = rows.map(({ row }) => row);
    }
    expect(Object.keys(left).toSorted()).toEqual(['events', 'members', 'profiles']);
    expect(JSON.stringify(left)).not.toMatch(/canary|ana@mail/i);
  });
});

it('grants a bonus once', async () => {
  const tenant = await newTenant();
  const bonus = { bonusId: 'advent-50', points: 50, useBy: '2026-12-31T23:00:00Z' };
  const results = await apply(tenant, [
    enrolled(),
    event('bonus.granted', bonus),
    event('bonus.granted', bonus),
  ]);
  expect(results[2]).toMatchObject({ kind: 'refused', problems: [{ path: 'bonusId' }] });
  expect(await profile(tenant)).toMatchObject({ activePoints: 50 });
});

it('keeps tenants apart', async () => {
  const [one, other] = [await newTenant(), await newTenant()];
  await apply(one, [enrolled(), order()]);
  await apply(other, [enrolled()]);
  expect(await profile(other)).toMatchObject({ activePoints: 0, boughtCategories: {} });
});
