import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ana, daysAgo, facts, offer } from '../../../test/facts.ts';
import type { Awaited } from '../../contract/facts.ts';
import type { Profile } from '../../contract/profile.ts';
import { decide } from '../decide.ts';
import { keepingTier } from './keeping-tier.ts';
import { pointsStatement } from './points-statement.ts';
import { recommendation } from './recommendation.ts';
import { savings } from './savings.ts';
import { tenure } from './tenure.ts';
import { unlockedReward } from './unlocked-reward.ts';
import { upcomingDeals } from './upcoming-deals.ts';

const instant = fc
  .date({ min: new Date('2010-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const points = fc.oneof(fc.constant(0), fc.nat(100_000));
const money = fc.record({ amount: points, currency: fc.constantFrom('EUR', 'USD') });

/** Any member the blocks may meet: much or nothing, long ago or not yet. */
const member: fc.Arbitrary<Partial<Profile>> = fc.record({
  enrolledAt: instant,
  activePoints: points,
  pendingPoints: points,
  lockedPoints: points,
  qualifyingPoints: points,
  expiringPoints: fc.array(fc.record({ points, expiresAt: instant }), { maxLength: 3 }),
  savings: fc.array(fc.record({ year: fc.integer({ min: 2023, max: 2028 }), saved: money }), {
    maxLength: 4,
  }),
  rewards: fc.array(
    fc.record({
      rewardId: fc.constantFrom('a', 'b'),
      name: fc.constant('A bag of beans'),
      kind: fc.constant('free-product'),
      unlockedAt: fc.option(instant, { nil: null }),
      claimedAt: fc.option(instant, { nil: null }),
    }),
    { maxLength: 3 },
  ),
  currentTier: fc.record({
    id: fc.constantFrom('green', 'gold', 'unheard-of'),
    name: fc.constant('Gold'),
    rank: fc.constant(2),
    effectiveAt: instant,
    expiresAt: fc.option(instant, { nil: null }),
    changeReason: fc.constant('earned'),
  }),
  pointsToNextTier: fc.option(points, { nil: null }),
});

/** Every number in a view, however deep. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value instanceof Date) return [value.getTime()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbers);
}

const blocks = [tenure, savings, pointsStatement, unlockedReward, keepingTier, upcomingDeals];
const reserve = offer({ tiers: ['reserve'] });
const near = { offer: reserve, affinity: 0.7, because: '', category: 'coffee' };
const late: Awaited = { what: 'event shop 1001', applied: false, waitedMs: 9000, waitMs: 9000 };

it('no block ever shows a zero, or a figure that is no figure', () => {
  const looked = new Set<unknown>();
  fc.assert(
    fc.property(member, fc.constantFrom(...blocks), (changes, block) => {
      const outcome = block.decide(facts({ member: changes, upcoming: [near] }));
      if (outcome.kind === 'hide') return;
      for (const number of numbers(outcome.view)) {
        expect(number).toBeGreaterThan(0);
        expect(Number.isSafeInteger(number)).toBe(true);
        looked.add(block);
      }
    }),
    { numRuns: 600 },
  );
  expect(blocks.filter((block) => !looked.has(block))).toEqual([]);
});

it('S26: while points are being added no block shows a balance or a distance', () => {
  const waiting = { awaited: late, upcoming: [near] };
  expect(pointsStatement.decide(facts(waiting))).toMatchObject({
    view: { beingAdded: true, activePoints: null, pendingPoints: null, expiring: null },
  });
  expect(upcomingDeals.decide(facts(waiting))).toMatchObject({ view: { pointsToGo: null } });
  const currentTier = { ...ana.currentTier, expiresAt: '2027-01-01T00:00:00Z' };
  expect(
    keepingTier.decide(facts({ ...waiting, member: { currentTier, qualifyingPoints: 100 } })),
  ).toMatchObject({ view: { pointsToKeep: null } });
});

const lapsing = (count: number, until: string) => ({ points: count, until: new Date(until) });

it('L6: names all that lapse until the day the mail is about, day by day', () => {
  const expiringPoints = [
    { points: 100, expiresAt: '2026-12-01T11:00:00Z' },
    { points: 200, expiresAt: '2026-12-01T23:00:00Z' },
    { points: 50, expiresAt: '2026-12-08T23:00:00Z' },
    { points: 7, expiresAt: '2026-12-24T23:00:00Z' },
  ];
  const shown = (lapsesBy?: () => string) => {
    const asked = facts({ member: { activePoints: 1_000, expiringPoints } });
    return pointsStatement.decide({
      ...asked,
      template: { ...asked.template, ...(lapsesBy && { lapsesBy }) },
    });
  };
  const first = lapsing(300, '2026-12-01T10:59:59.999Z');
  const second = lapsing(50, '2026-12-08T22:59:59.999Z');
  expect(shown(() => '2026-12-10')).toMatchObject({
    view: { expiring: { points: 350, until: second.until, days: [first, second] } },
  });
  expect(shown(() => '2026-12-01')).toMatchObject({ view: { expiring: { points: 300 } } });
  // What is about no day in particular says what goes next.
  expect(shown()).toMatchObject({ view: { expiring: { points: 300, days: [first] } } });
});

it('says what goes next, and nothing of what is gone', () => {
  const expiringPoints = [
    { points: 5, expiresAt: daysAgo(1) },
    { points: 60, expiresAt: '2026-12-31T23:00:00Z' },
  ];
  expect(pointsStatement.decide(facts({ member: { expiringPoints } }))).toMatchObject({
    view: { expiring: { points: 60, until: new Date('2026-12-31T22:59:59.999Z') } },
  });
});

const since = (enrolledAt: string) => tenure.decide(facts({ member: { enrolledAt } }));

it('S8: counts whole years on the brand’s calendar, and none in the first', () => {
  expect(since('2016-11-20T09:00:00Z')).toMatchObject({ view: { years: 10 } });
  expect(since('2016-11-20T23:30:00Z')).toMatchObject({ view: { years: 9 } });
  expect(since('2026-03-01T09:00:00Z')).toMatchObject({ view: { years: null } });
});

const euros = (year: number, amount: number) => ({ year, saved: { amount, currency: 'EUR' } });
const found = (list: Profile['savings']) => savings.decide(facts({ member: { savings: list } }));

it('S8: savings are those of this year and the last, in the programme’s currency', () => {
  expect(found([euros(2024, 900), euros(2025, 200), euros(2026, 300)])).toMatchObject({
    view: { total: { amount: 500 }, years: [{ year: '2026' }, { year: '2025' }] },
  });
  expect(found([euros(2024, 900), euros(2026, 0)])).toMatchObject({ reason: 'nothing-to-show' });
});

it('S7: a reward is shown from when it was unlocked until it is claimed', () => {
  const reward = { rewardId: 'a', name: 'Beans', kind: 'free-product', claimedAt: null };
  const foundReward = (one: Partial<Profile['rewards'][number]>) =>
    unlockedReward.decide(
      facts({ member: { rewards: [{ ...reward, unlockedAt: daysAgo(1), ...one }] } }),
    );
  expect(foundReward({})).toMatchObject({
    kind: 'show',
    view: { name: 'Beans', kind: 'freeProduct' },
  });
  expect(foundReward({ claimedAt: daysAgo(0) })).toMatchObject({ actual: 'claimed' });
  expect(foundReward({ unlockedAt: null })).toMatchObject({ reason: 'nothing-to-show' });
  expect(foundReward({ unlockedAt: daysAgo(-1) })).toMatchObject({ reason: 'nothing-to-show' });
});

it('a tier that asks for more than points is not said to be so many points away', () => {
  const progress = [{ attribute: 'purchases', currentValue: 3, valueGoal: 10 }];
  expect(upcomingDeals.decide(facts({ upcoming: [near], member: { progress } }))).toMatchObject({
    view: { pointsToGo: null },
  });
});

const shown = (decided: ReturnType<typeof decide>) => decided.views['upcomingDeals'];

const upcoming = (changes: Parameters<typeof facts>[0]) => {
  const base = facts(changes);
  return decide({
    ...base,
    template: { ...base.template, blocks: ['upcoming-deals'] },
    catalogue: { ...base.catalogue, offers: [reserve, offer({ offerId: 'open' })] },
  });
};

describe('what is decided with the offers', () => {
  it('S8: an upcoming deal is one that only its tier keeps from her', () => {
    expect(shown(upcoming({}))).toMatchObject({
      tier: 'Reserve',
      pointsToGo: 300,
      items: [{ offerId: 'latte-week' }],
    });
    expect(shown(upcoming({ member: { boughtProducts: {}, boughtCategories: {} } }))).toBe(
      undefined,
    );
    expect(shown(upcoming({ member: { nextTier: null } }))).toBe(undefined);
  });

  it('S14: nothing promotional without consent, and nobody looks at her offers', () => {
    const { blocks: decisions, offers } = upcoming({ member: { consents: {} } });
    expect(decisions).toMatchObject([{ kind: 'hide', reason: 'no-marketing-consent' }]);
    expect(offers).toEqual([]);
  });

  it('S19: early access asks for half of her purchases, and says so; other things for any', () => {
    const early = offer({ kind: 'early-access', productIds: [], categories: ['coffee'] });
    const best = (affinity: number, one = early) =>
      recommendation.decide(
        facts({ offers: [{ offer: one, affinity, because: '', category: 'coffee' }] }),
      );
    expect(best(0.7)).toMatchObject({
      kind: 'show',
      actual: { category: 'coffee', affinity: 0.7 },
      needed: { affinity: 0.5 },
    });
    expect(best(0.3)).toMatchObject({
      reason: 'too-little-affinity',
      flip: { set: { 'affinities.coffee': 0.5 } },
    });
    expect(best(0.3, offer())).toMatchObject({ kind: 'show' });
    expect(recommendation.decide(facts())).toMatchObject({ reason: 'nothing-to-show' });
  });
});
