import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { of, openClub, order } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { applyEvents } from '../apply.ts';

let database: FreshDatabase;
let ana: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  ana = openClub(database.pool);
});
afterAll(() => database.close());

describe('an order that is both cancelled and refunded', () => {
  const events = [
    order('o1', '2026-01-10T10:00:00Z', 2000, { pointsSpent: 5 }),
    of('order.cancelled', 'o1', '2026-01-12T10:00:00Z'),
    of('order.refunded', 'o1', '2026-01-11T10:00:00Z', {
      pointsTakenBack: 20,
      pointsGivenBack: 5,
    }),
  ];
  it.each([
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [2, 1, 0],
  ])('moves its points back once, told in any order', async (...sequence) => {
    const { apply, profile } = await ana();
    await apply({ type: 'points.earned', at: '2026-01-01T00:00:00Z', points: 100 });
    for (const n of sequence) await apply({ ...events[n] });
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints: 100,
      spentPoints: 0,
      earnedPoints: 100,
      qualifyingPoints: 0,
    });
  });
});

describe('a purchase', () => {
  it('says what it has left of what it earned, and until when that is pending', async () => {
    const { apply, profile } = await ana({ pendingUntil: 'returnWindow' });
    const mugs = [{ productId: 'mug', quantity: 2, unitPrice: 1000, fullPrice: true }];
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 2000, { lines: mugs }),
      of('order.refunded', 'o1', '2026-01-11T10:00:00Z', {
        lines: [{ productId: 'mug', quantity: 1 }],
      }),
      order('o2', '2026-01-12T10:00:00Z', 500, { pointsEarned: null }),
      order('o3', '2026-01-13T10:00:00Z', 500, { pointsEarned: { points: 7, activeAt: null } }),
    );
    const points = async (now: string) =>
      (await profile(now)).lastPurchases.map((one) => one.points);
    const waiting = { earned: 7, pending: 7, activeAt: null };
    expect(await points('2026-02-09T09:59:59Z')).toEqual([
      waiting,
      undefined,
      { earned: 10, pending: 10, activeAt: '2026-02-09T10:00:00Z' },
    ]);
    expect(await points('2026-02-09T10:00:00Z')).toEqual([
      waiting,
      undefined,
      { earned: 10, pending: 0, activeAt: null },
    ]);
    await apply({ type: 'points.activated', at: '2026-02-10T10:00:00Z', ref: 'o3' });
    expect((await points('2026-02-11T00:00:00Z'))[0]).toEqual({ ...waiting, pending: 0 });
  });
});

describe('points that lapsed', () => {
  it('are not owed when the order is given back afterwards', async () => {
    const { apply, profile } = await ana({ expiry: { after: 'earning', months: 1 } });
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 10_000),
      of('order.refunded', 'o1', '2026-02-11T10:00:00Z'),
    );
    expect(await profile('2026-03-01T00:00:00Z')).toMatchObject({
      activePoints: 0,
      owedPoints: 0,
      expiredPoints: 0,
    });
  });
});

describe('a programme that counts', () => {
  it('gives a purchase what its rules say, and leaves what the source counted', async () => {
    const { apply, profile } = await ana();
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 1999),
      order('o2', '2026-01-11T10:00:00Z', 5000, { pointsEarned: { points: 7 } }),
      order('o3', '2026-01-12T10:00:00Z', 5000, { pointsEarned: null }),
    );
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints: 26,
      qualifyingPoints: 26,
    });
  });

  it('counts an order of last year by last year’s rules, however late it is told', async () => {
    const { apply, profile } = await ana(
      { version: 'old' },
      { version: 'new', effectiveFrom: '2026-01-01', earn: { points: 3, perAmount: 1 } },
    );
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 1000),
      order('o2', '2025-12-31T10:00:00Z', 1000),
    );
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(40);
  });

  it('keeps points pending until the order is paid, or fulfilled, or can no longer be returned', async () => {
    const paid = await ana({ pendingUntil: 'paid' });
    await paid.apply(order('o1', '2026-01-10T10:00:00Z', 1000));
    expect(await paid.profile('2027-01-01T00:00:00Z')).toMatchObject({
      activePoints: 0,
      pendingPoints: 10,
    });
    await paid.apply(of('order.paid', 'o1', '2026-01-12T10:00:00Z'));
    expect(await paid.profile('2026-01-12T10:00:00Z')).toMatchObject({
      activePoints: 10,
      pendingPoints: 0,
    });

    const window = await ana({ pendingUntil: 'returnWindow' });
    await window.apply(order('o1', '2026-01-10T10:00:00Z', 1000));
    expect((await window.profile('2026-02-09T09:59:59Z')).activePoints).toBe(0);
    expect((await window.profile('2026-02-09T10:00:00Z')).activePoints).toBe(10);
  });

  it('lets points lapse as the programme says: by month of earning, or of inactivity', async () => {
    const dated = await ana({ expiry: { after: 'earning', months: 1, end: 'month' } });
    await dated.apply(order('o1', '2026-01-10T10:00:00Z', 1000));
    expect((await dated.profile('2026-02-28T22:59:59Z')).expiringPoints).toEqual([
      { points: 10, expiresAt: '2026-02-28T23:00:00Z' },
    ]);
    expect(await dated.profile('2026-02-28T23:00:00Z')).toMatchObject({
      activePoints: 0,
      expiredPoints: 10,
    });

    const idle = await ana({ expiry: { after: 'inactivity', months: 2 } });
    await idle.apply(
      order('o1', '2026-01-10T10:00:00Z', 1000),
      order('o2', '2026-02-10T10:00:00Z', 2000),
    );
    expect((await idle.profile('2026-03-20T00:00:00Z')).expiringPoints).toEqual([
      { points: 30, expiresAt: '2026-04-10T09:00:00Z' },
    ]);
    expect(await idle.profile('2026-04-10T09:00:00Z')).toMatchObject({
      activePoints: 0,
      expiredPoints: 30,
      expiringPoints: [],
    });
  });

  it('multiplies for the tier she had when she bought', async () => {
    const multipliers = [{ id: 'plus', times: 2, when: { tiers: ['plus'] } }];
    const { apply, profile } = await ana({ earn: { points: 1, perAmount: 1, multipliers } });
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 10_000),
      order('o2', '2026-01-11T10:00:00Z', 1000),
      order('o3', '2026-01-09T10:00:00Z', 1000),
    );
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(100 + 20 + 10);
  });

  it('welcomes her first purchase, once', async () => {
    const extras = [{ id: 'welcome', points: 50, when: { first: true } }];
    const { apply, profile } = await ana({ earn: { points: 1, perAmount: 1, extras } });
    await apply(order('o1', '2026-01-10T10:00:00Z', 1000));
    await apply(order('o2', '2026-01-11T10:00:00Z', 1000));
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(70);
  });
});

describe('giving back', () => {
  const twoLines = {
    lines: [
      { productId: 'mug', category: 'mugs', unitPrice: 1050, fullPrice: true },
      { productId: 'tea', category: 'tea', quantity: 3, unitPrice: 333, fullPrice: true },
    ],
  };

  it('takes back exactly what the lines had earned, in whatever parts', async () => {
    const { apply, profile } = await ana();
    await apply(order('o1', '2026-01-10T10:00:00Z', 2049, twoLines));
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(20);
    await apply(
      of('order.refunded', 'o1', '2026-01-11T10:00:00Z', {
        lines: [{ productId: 'tea', quantity: 1 }],
      }),
    );
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(17);
    await apply(
      of('order.refunded', 'o1', '2026-01-12T10:00:00Z', {
        lines: [
          { productId: 'mug', quantity: 1 },
          { productId: 'tea', quantity: 2 },
        ],
      }),
    );
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints: 0,
      earnedPoints: 0,
      qualifyingPoints: 0,
    });
  });

  it('leaves a debt where they were spent, which the next points pay', async () => {
    const { apply, profile } = await ana();
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 20_000),
      { type: 'points.spent', at: '2026-01-11T10:00:00Z', points: 150 },
      of('order.refunded', 'o1', '2026-01-12T10:00:00Z'),
    );
    expect(await profile('2026-01-13T00:00:00Z')).toMatchObject({
      activePoints: -150,
      owedPoints: 150,
    });
    await apply(order('o2', '2026-01-14T10:00:00Z', 16_000));
    expect(await profile('2026-01-15T00:00:00Z')).toMatchObject({
      activePoints: 10,
      owedPoints: 0,
    });
  });

  it('stops at zero where the programme says so, and says in an entry what it wrote off', async () => {
    const { apply, profile, entries } = await ana({ negative: 'floor' });
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 20_000),
      { type: 'points.spent', at: '2026-01-11T10:00:00Z', points: 150 },
      of('order.refunded', 'o1', '2026-01-12T10:00:00Z'),
    );
    expect(await profile('2026-01-13T00:00:00Z')).toMatchObject({ activePoints: 0, owedPoints: 0 });
    const said = await entries('2026-01-13T00:00:00Z');
    expect(said.slice(-2)).toMatchObject([
      { kind: 'reverse', points: -200, event: { type: 'order.refunded' } },
      { kind: 'adjust', points: 150, reason: 'written-off', balances: { active: 0 } },
    ]);
  });

  it('restores what a cancelled order spent, and takes what it earned', async () => {
    const { apply, profile } = await ana();
    await apply(order('o1', '2026-01-10T10:00:00Z', 20_000));
    const before = await profile('2026-02-01T00:00:00Z');
    await apply(
      order('o2', '2026-01-11T10:00:00Z', 5000, { pointsSpent: 100 }),
      of('order.cancelled', 'o2', '2026-01-12T10:00:00Z'),
    );
    const { activePoints, earnedPoints, spentPoints } = before;
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints,
      earnedPoints,
      spentPoints,
    });
  });
});

describe('a booking', () => {
  const booking = {
    type: 'booking.made',
    at: '2026-01-10T10:00:00Z',
    bookingId: 'K7',
    channel: 'online',
    currency: 'EUR',
    total: 30_000,
  };

  it('earns as a purchase does; changed, it earns what it would have', async () => {
    const { apply, profile } = await ana();
    await apply(booking);
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(300);
    await apply({
      type: 'booking.changed',
      at: '2026-01-11T10:00:00Z',
      bookingId: 'K7',
      total: 36_050,
    });
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(360);
    await apply({
      type: 'booking.changed',
      at: '2026-01-12T10:00:00Z',
      bookingId: 'K7',
      total: 10_000,
      lines: [{ productId: 'eco', unitPrice: 10_000, fullPrice: true }],
    });
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints: 100,
      qualifyingPoints: 100,
    });
  });

  it('cancelled, takes its points back and stops what is about the trip', async () => {
    const { apply, profile, tenant } = await ana();
    await apply(booking, {
      type: 'booking.cancelled',
      at: '2026-01-11T10:00:00Z',
      bookingId: 'K7',
      subjects: ['hotel:9'],
    });
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(0);
    const { rows } = await database.pool.query<{ subject: string }>(
      'select subject from laurel.cancelled_subjects where tenant = $1 order by subject',
      [tenant],
    );
    expect(rows.map(({ subject }) => subject)).toEqual(['hotel:9', 'trip:K7']);
  });
});

const review = (subject: string, at: string) => ({
  type: 'engagement.recorded',
  kind: 'product-review',
  subject,
  at,
});

const rule = (caps: readonly object[]) => ({
  engagement: [{ kind: 'product-review', points: 10, qualifyingPoints: 5, caps }],
});

const pointsUnder = async (caps: readonly object[], ...events: readonly object[]) => {
  const { apply, profile } = await ana(rule(caps));
  await apply(...events);
  return (await profile('2027-06-01T00:00:00Z')).activePoints;
};

describe('engagement', () => {
  it('S7: earns points and counts for the tier, once for the same thing', async () => {
    const { apply, profile } = await ana(rule([]));
    await apply(
      review('mug', '2026-01-10T10:00:00Z'),
      review('mug', '2026-01-11T10:00:00Z'),
      review('tea', '2026-01-12T10:00:00Z'),
    );
    expect(await profile('2026-02-01T00:00:00Z')).toMatchObject({
      activePoints: 20,
      qualifyingPoints: 10,
    });
  });

  it('S24: earns no more than its caps: a day, a month, a year, all time', async () => {
    const days = [
      review('a', '2026-01-10T22:00:00Z'),
      review('b', '2026-01-10T22:30:00Z'),
      // The next day in Berlin.
      review('c', '2026-01-10T23:30:00Z'),
      review('d', '2027-01-15T10:00:00Z'),
    ];
    expect(await pointsUnder([{ per: 'day', times: 1 }], ...days)).toBe(30);
    expect(await pointsUnder([{ per: 'month', points: 15 }], ...days)).toBe(25);
    expect(await pointsUnder([{ per: 'year', times: 2 }], ...days)).toBe(30);
    expect(await pointsUnder([{ per: 'lifetime', points: 12 }], ...days)).toBe(12);
    expect(await pointsUnder([{ per: 'subject', times: 2 }], ...days, ...days.slice(0, 1))).toBe(
      50,
    );
  });

  it('that no rule knows is noted and earns nothing', async () => {
    const { apply, profile } = await ana();
    await apply(review('mug', '2026-01-10T10:00:00Z'));
    expect((await profile('2026-02-01T00:00:00Z')).activePoints).toBe(0);
  });
});

const tiers = (changes: object, plus: object = { threshold: 100 }) => ({
  tiers: [
    { id: 'base', name: 'Base', benefits: [] },
    {
      id: 'plus',
      name: 'Plus',
      names: { de: 'Mehr' },
      benefits: [{ benefitId: 'lounge', name: 'Lounge', type: 'lounge' }],
      ...plus,
    },
  ],
  ...changes,
});

const tierAt = async ({ profile }: Awaited<ReturnType<typeof ana>>, at: string) =>
  (await profile(at)).currentTier;

describe('tiers', () => {
  it('of a calendar year begin again with the next', async () => {
    const one = await ana(tiers({ tierPeriod: { kind: 'calendarYear' } }));
    await one.apply(order('o1', '2026-03-10T10:00:00Z', 12_000));
    expect(await tierAt(one, '2026-12-31T22:59:59Z')).toMatchObject({
      id: 'plus',
      effectiveAt: '2026-03-10T10:00:00Z',
      expiresAt: '2026-12-31T23:00:00Z',
      changeReason: 'qualified',
    });
    expect(await tierAt(one, '2026-12-31T23:00:00Z')).toMatchObject({
      id: 'base',
      changeReason: 'tier-lapsed',
    });
    expect(await one.profile('2027-01-01T00:00:00Z')).toMatchObject({
      qualifyingPoints: 0,
      pointsToNextTier: 100,
      activePoints: 120,
    });
  });

  it('are kept as long as the programme says, unless what reached them was taken back', async () => {
    const changes = { tierPeriod: { kind: 'calendarYear' }, tierKeep: { until: 'endOfNextYear' } };
    const one = await ana(tiers(changes));
    await one.apply(order('o1', '2026-03-10T10:00:00Z', 12_000));
    expect(await tierAt(one, '2027-12-31T22:59:59Z')).toMatchObject({ id: 'plus' });
    expect(await tierAt(one, '2027-12-31T23:00:00Z')).toMatchObject({ id: 'base' });
    await one.apply(of('order.refunded', 'o1', '2026-04-10T10:00:00Z'));
    expect(await tierAt(one, '2026-04-11T00:00:00Z')).toMatchObject({
      id: 'base',
      changeReason: 'requalification',
    });
  });

  it('over rolling months fall when what counted is that long ago', async () => {
    const one = await ana(tiers({ tierPeriod: { kind: 'rolling', months: 3 } }));
    await one.apply(
      order('o1', '2026-01-10T10:00:00Z', 6000),
      order('o2', '2026-02-20T10:00:00Z', 6000),
    );
    expect(await tierAt(one, '2026-04-10T08:59:59Z')).toMatchObject({ id: 'plus' });
    expect(await one.profile('2026-04-10T09:00:00Z')).toMatchObject({
      currentTier: { id: 'base' },
      qualifyingPoints: 60,
      pointsToNextTier: 40,
    });
  });

  it('can ask for purchases, spend and engagement, and say how far each is', async () => {
    const all = [
      { attribute: 'purchases', goal: 2 },
      { attribute: 'spend', goal: 5000 },
      { attribute: 'engagement', goal: 1 },
    ];
    const one = await ana(
      tiers({ engagement: [{ kind: 'visit', points: 0 }] }, { needs: { all } }),
    );
    await one.apply(order('o1', '2026-01-10T10:00:00Z', 4500));
    expect(await one.profile('2026-01-11T00:00:00Z')).toMatchObject({
      currentTier: { id: 'base' },
      nextTier: { id: 'plus' },
      pointsToNextTier: null,
      nextBenefits: [{ benefitId: 'lounge' }],
      progress: [
        { attribute: 'purchases', currentValue: 1, valueGoal: 2 },
        { attribute: 'spend', currentValue: 4500, valueGoal: 5000 },
        { attribute: 'engagement', currentValue: 0, valueGoal: 1 },
      ],
    });
    await one.apply(order('o2', '2026-01-12T10:00:00Z', 800), {
      type: 'engagement.recorded',
      kind: 'visit',
      at: '2026-01-13T10:00:00Z',
    });
    expect(await tierAt(one, '2026-01-14T00:00:00Z')).toMatchObject({
      id: 'plus',
      effectiveAt: '2026-01-13T10:00:00Z',
    });
    await one.apply(of('order.refunded', 'o2', '2026-01-15T10:00:00Z'));
    expect(await tierAt(one, '2026-01-16T00:00:00Z')).toMatchObject({ id: 'base' });
  });

  it('can be reached in any of several ways, and are named in her language', async () => {
    const any = [
      { attribute: 'purchases', goal: 5 },
      { attribute: 'qualifyingPoints', goal: 50 },
    ];
    const one = await ana(tiers({}, { needs: { any } }));
    await one.apply({ type: 'member.updated', at: '2026-01-01T00:00:00Z', locale: 'de-AT' });
    await one.apply(order('o1', '2026-01-10T10:00:00Z', 5000));
    expect(await tierAt(one, '2026-01-11T00:00:00Z')).toMatchObject({ id: 'plus', name: 'Mehr' });
  });
});

const given = (tierId: string, day: number, fields: object = {}) => ({
  type: 'tier.changed',
  at: `2026-01-${day}T00:00:00Z`,
  tierId,
  reason: 'given',
  ...fields,
});

describe('an order that is told late', () => {
  const gold = { times: 3, id: 'plus', when: { tiers: ['plus'] } };
  it('counts by the tier of its own time, whichever tiers were given since', async () => {
    for (const together of [true, false]) {
      const { apply, profile } = await ana({
        earn: { points: 1, perAmount: 1, multipliers: [gold] },
      });
      const all = [
        given('plus', 10, { expiresAt: '2026-01-20T00:00:00Z' }),
        given('base', 25),
        given('plus', 28),
        order('late', '2026-01-15T10:00:00Z', 1000),
        order('between', '2026-01-22T10:00:00Z', 1000),
        order('after', '2026-01-26T10:00:00Z', 1000),
        order('last', '2026-01-29T10:00:00Z', 1000),
      ];
      if (together) await apply(...all);
      else for (const one of all) await apply(one);
      expect((await profile('2026-03-01T00:00:00Z')).activePoints).toBe(30 + 10 + 10 + 30);
    }
  });
});

describe('rewards', () => {
  const rewards = [
    { rewardId: 'drink', name: 'A free drink', kind: 'free-product', at: { lifetimePoints: 100 } },
  ];

  it('S7: are unlocked by a level, claimed once, and locked again while what reached them was taken back', async () => {
    const { apply, profile } = await ana({ rewards });
    await apply(order('o1', '2026-01-10T10:00:00Z', 9000));
    expect((await profile('2026-01-11T00:00:00Z')).rewards).toEqual([]);
    await apply(order('o2', '2026-01-12T10:00:00Z', 1000));
    const unlocked = { rewardId: 'drink', name: 'A free drink', kind: 'free-product' };
    const unlockedAt = '2026-01-12T10:00:00Z';
    expect((await profile('2026-01-13T00:00:00Z')).rewards).toEqual([
      { ...unlocked, unlockedAt, claimedAt: null },
    ]);
    await apply(of('order.refunded', 'o2', '2026-01-13T10:00:00Z'));
    expect((await profile('2026-01-14T00:00:00Z')).rewards).toEqual([]);
    await apply(order('o3', '2026-01-15T10:00:00Z', 1000), {
      type: 'reward.claimed',
      rewardId: 'drink',
      at: '2026-01-16T10:00:00Z',
    });
    expect((await profile('2026-01-17T00:00:00Z')).rewards).toEqual([
      { ...unlocked, unlockedAt: '2026-01-15T10:00:00Z', claimedAt: '2026-01-16T10:00:00Z' },
    ]);
  });

  it('are refused by name where the programme has no such', async () => {
    const { brandOf, tenant } = await ana({ rewards });
    const [result] = await applyEvents(database.pool, tenant, brandOf, [
      {
        source: 's',
        id: '1',
        memberId: 'ana',
        at: '2026-01-16T10:00:00Z',
        type: 'reward.claimed',
        rewardId: 'car',
      },
    ]);
    expect(result).toMatchObject({
      kind: 'refused',
      problems: [{ path: 'rewardId', message: 'unknown reward; one of drink' }],
    });
  });
});

describe('any order of arrival', () => {
  const lines = [
    { productId: 'mug', category: 'mugs', unitPrice: 1050, fullPrice: true },
    { productId: 'tea', category: 'tea', quantity: 3, unitPrice: 333, fullPrice: true },
  ];
  const story = [
    order('o1', '2026-01-10T10:00:00Z', 2049, { lines }),
    of('order.paid', 'o1', '2026-01-11T10:00:00Z'),
    of('order.refunded', 'o1', '2026-01-12T10:00:00Z', {
      lines: [{ productId: 'tea', quantity: 2 }],
    }),
    of('order.refunded', 'o1', '2026-01-13T10:00:00Z', {
      lines: [{ productId: 'mug', quantity: 1 }],
    }),
    order('o2', '2026-01-14T10:00:00Z', 20_049),
    of('order.paid', 'o2', '2026-01-15T10:00:00Z'),
    { type: 'points.spent', at: '2026-01-16T10:00:00Z', points: 40 },
    {
      type: 'engagement.recorded',
      kind: 'visit',
      subject: 'North',
      at: '2026-01-17T10:00:00Z',
    },
    order('o3', '2026-01-18T10:00:00Z', 3000),
    of('order.cancelled', 'o3', '2026-01-19T10:00:00Z'),
  ];

  it('of independent events, and of what is about an order before the order, gives one result', async () => {
    const changes = {
      pendingUntil: 'paid',
      expiry: { after: 'earning', months: 6 },
      engagement: [{ kind: 'visit', points: 5 }],
    };
    const inOrder = await ana(changes);
    await inOrder.apply(...story);
    const { ledgerVersion: _version, ...expected } = await inOrder.profile('2026-03-01T00:00:00Z');
    expect(expected).toMatchObject({ activePoints: 3 + 200 - 40 + 5, pendingPoints: 0 });
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(story, { minLength: story.length }),
        fc.boolean(),
        async (shuffled, together) => {
          const other = await ana(changes);
          if (together) await other.apply(...shuffled);
          else for (const one of shuffled) await other.apply(one);
          const { ledgerVersion: _other, ...got } = await other.profile('2026-03-01T00:00:00Z');
          expect(got).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the points ledger of a member', () => {
  it('tells every movement with its event and the balances after it, which add up at every instant', async () => {
    const { apply, entries, profile } = await ana({
      pendingUntil: 'returnWindow',
      expiry: { after: 'earning', months: 2 },
    });
    await apply(
      order('o1', '2026-01-10T10:00:00Z', 20_000),
      { type: 'points.earned', at: '2026-01-11T10:00:00Z', points: 50 },
      { type: 'points.locked', at: '2026-01-12T10:00:00Z', points: 30, lock: 'a' },
      { type: 'points.spent', at: '2026-01-13T10:00:00Z', points: 20, lock: 'a' },
      { type: 'points.released', at: '2026-01-14T10:00:00Z', lock: 'a' },
      of('order.refunded', 'o1', '2026-02-20T10:00:00Z'),
    );
    const until = '2026-06-01T00:00:00Z';
    const said = await entries(until);
    expect(said.map(({ kind, points, event }) => [kind, points, event?.type ?? null])).toEqual([
      ['earn', 200, 'order.placed'],
      ['earn', 50, 'points.earned'],
      ['lock', 30, 'points.locked'],
      ['spend', 20, 'points.spent'],
      ['release', 0, 'points.released'],
      ['activate', 200, null],
      ['reverse', -200, 'order.refunded'],
      ['expire', 30, null],
    ]);
    for (const { balances: b } of said)
      expect(b.active + b.pending + b.locked).toBe(b.earned - b.spent - b.expired);
    for (const [index, { at, balances }] of said.entries()) {
      if (said[index + 1]?.at.getTime() === at.getTime()) continue;
      if (at < new Date('2026-02-20T10:00:00Z')) continue;
      expect(await profile(at.toISOString())).toMatchObject({
        activePoints: balances.active,
        pendingPoints: balances.pending,
        expiredPoints: balances.expired,
      });
    }
  });
});
