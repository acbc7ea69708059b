import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { ana, brand, facts, offer, receipt } from '../../../test/facts.ts';
import type { Order } from '../../contract/order.ts';
import type { Profile } from '../../contract/profile.ts';
import { blocks } from './index.ts';

const points = fc.integer({ min: 0, max: 100_000 });
const instant = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const money = fc.record({ amount: points, currency: fc.constantFrom('EUR', 'USD') });
const tier = fc.constantFrom(...brand.programme.tiers);

const member = fc.record({
  activePoints: fc.integer({ min: -1_000, max: 100_000 }),
  pendingPoints: points,
  lockedPoints: points,
  qualifyingPoints: points,
  enrolledAt: instant,
  expiringPoints: fc.array(fc.record({ points, expiresAt: instant }), { maxLength: 2 }),
  currentTier: fc
    .record({ tier, expiresAt: or(instant) })
    .map(({ tier: { id, name }, expiresAt }) => ({ ...ana.currentTier, id, name, expiresAt })),
  nextTier: or(tier.map(({ id, name }) => ({ id, name, rank: 2 }))),
  pointsToNextTier: or(points),
  benefits: fc.constantFrom<Profile['benefits']>(
    [],
    [
      {
        benefitId: 'b',
        name: 'Birthday drink',
        type: 'service',
        startDate: null,
        endDate: null,
        active: true,
      },
    ],
  ),
  bonuses: fc
    .record({
      points,
      useBy: or(instant),
      state: fc.constantFrom('granted' as const, 'used' as const),
    })
    .map((bonus) => [{ bonusId: 'b', grantedAt: ana.enrolledAt, usedAt: null, ...bonus }]),
  rewards: fc.array(
    fc.record({
      rewardId: fc.constantFrom('r', 's'),
      name: fc.string(),
      kind: fc.constantFrom('free-product' as const, 'gift' as const),
      unlockedAt: or(instant),
      claimedAt: or(instant),
    }),
    { maxLength: 2 },
  ),
  savings: fc.array(fc.record({ year: fc.integer({ min: 2024, max: 2026 }), saved: money }), {
    maxLength: 3,
  }),
  lastPurchases: fc
    .record({ earned: points, pending: points, activeAt: or(instant) })
    .map((earned) => [
      {
        orderId: 'o',
        channel: 'online',
        store: null,
        at: ana.asOf,
        total: { amount: 1, currency: 'EUR' },
        product: null,
        points: earned,
      },
    ]),
});

const order: fc.Arbitrary<Order | null> = or(
  fc.record({
    kind: fc.constantFrom('order' as const, 'booking' as const),
    id: fc.constantFrom('o', 'p'),
    total: money,
    payable: money,
    payableWithPoints: fc.boolean(),
    items: fc.constant([]),
    attributes: fc.constantFrom({}, { cabin: 'economy' }),
    includes: fc.constantFrom([], ['checked-bag']),
  }),
);

const count = fc.integer({ min: 1, max: 500 });
const figures = fc.record(
  {
    year: fc.constant(2026),
    purchases: fc.nat(9),
    spent: money,
    saved: money,
    pointsEarned: points,
    pointsSpent: points,
    favourite: or(fc.record({ name: fc.string(), count })),
    topCategory: or(fc.string()),
    favouriteStore: or(fc.string()),
    busiestMonth: or(fc.integer({ min: 1, max: 12 })),
    byMonth: fc.array(fc.nat(99), { minLength: 12, maxLength: 12 }),
  },
  {
    requiredKeys: [
      'year',
      'purchases',
      'spent',
      'saved',
      'pointsEarned',
      'pointsSpent',
      'favourite',
      'topCategory',
      'favouriteStore',
      'busiestMonth',
    ],
  },
);

const ranked = fc.array(
  fc
    .record({
      affinity: fc.double({ min: 0, max: 1, noNaN: true }),
      category: or(fc.constantFrom('cold-drinks', 'coffee')),
      code: fc.constantFrom({}, { code: 'LATTE' }),
      picture: fc.constantFrom({}, { imageUrl: 'https://img.example/latte.jpg' }),
      tiers: fc.constantFrom<string[]>([], ['reserve']),
    })
    .map(({ affinity, category, code, picture, tiers }) => ({
      offer: offer({ ...code, ...picture, tiers }),
      affinity,
      because: '',
      category,
    })),
  { maxLength: 3 },
);

const template = { ...receipt, bonusId: () => 'b', rewardId: () => undefined };

it('what a block says is what its view says it is, with every name and no other', () => {
  const shown = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.record({ member, order, figures, ranked, waits: fc.boolean(), dated: fc.boolean() }),
      ({ figures: year, ranked: offers, waits, dated, ...rest }) => {
        const of = facts({
          ...rest,
          template,
          data: { figures: year },
          offers,
          upcoming: offers,
          awaited: waits ? { what: 'event 1', applied: false, waitedMs: 1, waitMs: 1 } : null,
          ...(dated && { age: { asOf: new Date(ana.asOf), dated } }),
        });
        for (const block of blocks) {
          const outcome = block.decide(of);
          if (outcome.kind === 'hide') continue;
          expect(block.view.parse(outcome.view)).toEqual(outcome.view);
          shown.set(block.name, (shown.get(block.name) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
  const seldom = blocks.filter(({ name }) => (shown.get(name) ?? 0) <= 5);
  expect(seldom.map(({ name }) => name)).toEqual([]);
});
