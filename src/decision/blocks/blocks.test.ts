import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ana, brand, daysAgo, facts, offer, receipt } from '../../../test/facts.ts';
import type { Order } from '../../contract/order.ts';
import type { Profile } from '../../contract/profile.ts';
import { bonus } from './bonus.ts';
import { earnedHere } from './earned-here.ts';
import { entitlements } from './entitlements.ts';
import { offers } from './offers.ts';
import { pointsBanner } from './points-banner.ts';
import { pointsStatement } from './points-statement.ts';
import { status } from './status.ts';
import { yearInReview } from './year-in-review.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const flight: Order = {
  kind: 'booking',
  id: 'K7PQ2M',
  total: euros(30_000),
  payable: euros(30_000),
  payableWithPoints: true,
  items: [],
  attributes: { cabin: 'economy' },
  includes: [],
};
const banner = (member: Partial<Profile>, order: Order | null = flight) =>
  pointsBanner.decide(facts({ member, order }));

it('says what an order earned while the profile lists it, and guesses nothing of an older one', () => {
  const purchase = {
    orderId: flight.id,
    channel: 'app',
    store: null,
    at: daysAgo(1),
    total: euros(30_000),
    product: null,
    points: { earned: 300, pending: 0, activeAt: null },
  };
  const shown = (orderId: string) =>
    earnedHere(facts({ member: { lastPurchases: [{ ...purchase, orderId }] }, order: flight }));
  expect(shown(flight.id)).toMatchObject({ points: 300 });
  expect(shown('another')).toBeNull();
});

describe('S2: points she can use toward this purchase', () => {
  it('12,400 points are worth 62 euros of it', () => {
    expect(banner({ activePoints: 12_400, pendingPoints: 9_000, lockedPoints: 500 })).toMatchObject(
      {
        kind: 'show',
        view: { activePoints: 12_400, usablePoints: 12_400, worth: euros(6_200), coversAll: false },
      },
    );
  });
  it('no more than is still to pay', () => {
    expect(banner({ activePoints: 90_000 })).toMatchObject({
      view: { usablePoints: 60_000, worth: euros(30_000), coversAll: true },
    });
  });
  it('hidden below the minimum, with what would show it', () => {
    expect(banner({ activePoints: 499, pendingPoints: 9_000 })).toMatchObject({
      kind: 'hide',
      reason: 'too-few-points',
      actual: 499,
      needed: 500,
      flip: { set: { activePoints: 500 } },
    });
  });
  it('hidden once it can no longer be paid with points, and in another currency', () => {
    expect(banner({}, { ...flight, payableWithPoints: false })).toMatchObject({
      reason: 'not-payable',
    });
    expect(banner({}, { ...flight, payable: euros(0) })).toMatchObject({ reason: 'not-payable' });
    expect(banner({}, { ...flight, payable: { amount: 100, currency: 'USD' } })).toMatchObject({
      reason: 'other-currency',
    });
  });
  it('never promises more than she has or owes, in whole points and cents', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.nat(500_000), (activePoints, payable) => {
        const outcome = banner({ activePoints }, { ...flight, payable: euros(payable) });
        if (outcome.kind === 'hide' || outcome.view.beingAdded) return;
        const { usablePoints, worth } = outcome.view;
        const { points, amount, minimum } = brand.programme.burn;
        expect(usablePoints).toBeLessThanOrEqual(activePoints);
        expect(usablePoints).toBeGreaterThanOrEqual(minimum);
        expect(worth.amount).toBeLessThanOrEqual(payable);
        expect(worth.amount * points).toBeLessThanOrEqual(usablePoints * amount);
        expect(Number.isInteger(usablePoints) && Number.isInteger(worth.amount)).toBe(true);
      }),
    );
  });
});

const entitled = (member: Partial<Profile>, order: Order | null) =>
  entitlements.decide(facts({ member, order }));

describe('S3: what this tier gives on this booking', () => {
  it('names it', () => {
    expect(entitled({}, flight)).toMatchObject({
      kind: 'show',
      view: { tier: 'Gold', ids: ['free-bag'] },
    });
  });
  it('nothing the fare already includes', () => {
    expect(entitled({}, { ...flight, includes: ['checked-bag'] })).toMatchObject({
      reason: 'already-included',
    });
  });
  it('nothing for another cabin, another kind of purchase, or another tier', () => {
    expect(entitled({}, { ...flight, attributes: { cabin: 'business' } })).toMatchObject({
      reason: 'not-entitled',
    });
    expect(entitled({}, { ...flight, kind: 'order' })).toMatchObject({ reason: 'not-entitled' });
    expect(entitled({ currentTier: { ...ana.currentTier, id: 'green' } }, flight)).toMatchObject({
      reason: 'not-entitled',
    });
  });
});

it('S3: proposes only a tier that would give something here', () => {
  const green = { currentTier: { ...ana.currentTier, id: 'green' } };
  expect(entitled(green, flight)).toMatchObject({ flip: { set: { 'currentTier.id': 'gold' } } });
  const business = { ...flight, attributes: { cabin: 'business' } };
  expect(entitled(green, business)).not.toHaveProperty('flip');
});

const earnedIn = (of: ReturnType<typeof facts>) =>
  [status, pointsStatement].map((block) => {
    const outcome = block.decide(of);
    return outcome.kind === 'show' ? outcome.view.earned : outcome;
  });

describe('what this very purchase earned', () => {
  const purchase = {
    orderId: flight.id,
    channel: 'online',
    store: null,
    at: daysAgo(0),
    total: euros(30_000),
    product: null,
  };
  const earned = (points: { earned: number; pending: number; activeAt: string | null }) =>
    facts({ order: flight, member: { lastPurchases: [{ ...purchase, points }] } });

  it('is said, with the day it can be spent from', () => {
    const activeAt = '2026-12-20T00:00:00Z';
    const view = { points: 300, kind: 'booking', pending: true, from: new Date(activeAt) };
    expect(earnedIn(earned({ earned: 300, pending: 300, activeAt }))).toEqual([view, view]);
    const later = { ...view, from: null };
    expect(earnedIn(earned({ earned: 300, pending: 300, activeAt: null }))).toEqual([later, later]);
    const now = { ...view, pending: false, from: null };
    expect(earnedIn(earned({ earned: 300, pending: 0, activeAt: null }))).toEqual([now, now]);
  });
  it('is not guessed while the ledger does not have it, nor said where it is nothing', () => {
    expect(earnedIn(facts({ order: flight }))).toEqual([null, null]);
    expect(earnedIn(facts({ order: flight, member: { lastPurchases: [purchase] } }))).toEqual([
      null,
      null,
    ]);
    const points = { earned: 300, pending: 0, activeAt: null };
    const awaited = { what: 'event shop 1', applied: false, waitedMs: 9, waitMs: 9 };
    expect(earnedIn({ ...earned(points), awaited })).toEqual([null, null]);
    expect(earnedIn({ ...earned(points), order: { ...flight, id: 'another' } })).toEqual([
      null,
      null,
    ]);
  });
});

describe('status', () => {
  it('says where she stands', () => {
    expect(status.decide(facts())).toMatchObject({
      view: {
        tier: 'Gold',
        activePoints: 1200,
        next: { tier: 'Reserve', pointsToGo: 300, percent: 70 },
      },
    });
  });
  it('has no next at the top, and never claims 100 % before it', () => {
    expect(
      status.decide(facts({ member: { nextTier: null, pointsToNextTier: null } })),
    ).toMatchObject({ view: { next: null } });
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 1_000_000 }),
        (qualifyingPoints, pointsToNextTier) => {
          const outcome = status.decide(facts({ member: { qualifyingPoints, pointsToNextTier } }));
          const percent = outcome.kind === 'show' ? (outcome.view.next?.percent ?? -1) : -1;
          expect(percent).toBeGreaterThanOrEqual(0);
          expect(percent).toBeLessThan(100);
        },
      ),
    );
  });
});

it('an offer that ends at midnight is good until the day before, and says so', () => {
  const ending = { ...offer({ endsAt: '2027-01-01T00:00:00+01:00' }) };
  const view = offers.decide(
    facts({ offers: [{ offer: ending, affinity: 1, because: '', category: null }] }),
  );
  const day = view.kind === 'show' ? view.view.items[0]?.endsAt : undefined;
  expect(day?.toLocaleDateString('en', { timeZone: 'Europe/Berlin' })).toBe('12/31/2026');
});

it('offers picked by the same thing say so once', () => {
  const categories = ['cold-drinks', null, 'cold-drinks', 'beans'];
  const view = offers.decide(
    facts({
      offers: categories.map((category, index) => ({
        offer: offer({ offerId: `offer-${index}` }),
        affinity: 1,
        because: '',
        category,
      })),
    }),
  );
  const said = view.kind === 'show' ? view.view.items.map(({ category }) => category) : [];
  expect(said).toEqual(['coldDrinks', null, null, 'beans']);
});

it('S10/S11: a bonus is shown while it is granted and usable, and not after', () => {
  const template = { ...receipt, bonusId: () => 'b' };
  const granted = {
    bonusId: 'b',
    state: 'granted' as const,
    points: 500,
    grantedAt: daysAgo(1),
    useBy: null,
    usedAt: null,
  };
  const view = (bonuses: Profile['bonuses']) =>
    bonus.decide(facts({ template, member: { bonuses } }));
  expect(view([granted])).toMatchObject({ kind: 'show', view: { points: 500 } });
  expect(view([{ ...granted, state: 'used', usedAt: daysAgo(0) }])).toMatchObject({
    reason: 'bonus-used',
  });
  expect(view([{ ...granted, useBy: daysAgo(1) }])).toMatchObject({ reason: 'bonus-used' });
  expect(view([])).toMatchObject({ reason: 'nothing-to-show' });
});

describe('S9: year in review', () => {
  const figures = {
    year: 2026,
    purchases: 3,
    spent: euros(4_200),
    saved: euros(300),
    pointsEarned: 42,
    pointsSpent: 0,
    favourite: { name: 'Oat latte', count: 3 },
    topCategory: 'coffee',
    favouriteStore: null,
    busiestMonth: 4,
  };
  it('tells the year from three purchases on', () => {
    expect(yearInReview.decide(facts({ data: { figures } }))).toMatchObject({
      view: { variant: 'full', figures: { purchases: 3 } },
    });
  });
  it('with fewer, the small variant has no figures at all', () => {
    const small = yearInReview.decide(facts({ data: { figures: { ...figures, purchases: 2 } } }));
    expect(small).toMatchObject({ view: { variant: 'small', figures: null } });
  });
});
