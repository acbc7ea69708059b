import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { of, openClub, order } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { yearFigures } from '../figures/year-figures.ts';
import { ledgerEntries } from '../points/entries.ts';
import { rebuild } from '../rebuild/rebuild.ts';

let database: FreshDatabase;
let ana: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  ana = openClub(database.pool);
});
afterAll(() => database.close());

type Ana = Awaited<ReturnType<typeof ana>>;
const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T10:00:00Z`;
const external = { accrual: 'source' };
const later = '2026-03-01T00:00:00Z';

/** What is said of her afterwards, at several days, and by the year. */
async function said({ tenant, profile, entries }: Ana) {
  const days = await Promise.all([day(11), day(12), day(13), later].map(profile));
  const year = { tenant, brand: 'club', year: 2026, timeZone: 'Europe/Berlin', currency: 'EUR' };
  const figures = await yearFigures(database.pool, { ...year, locale: 'en' }, ['ana']);
  return {
    days: days.map(({ ledgerVersion: _version, ...one }) => one),
    figures: figures.get('ana'),
    entries: await entries(later),
  };
}

/** Told in this order, and in order of time: the same. @returns what is said then */
async function alike(changes: object, events: readonly object[], told: readonly number[]) {
  const [inOrder, other] = [await ana(changes), await ana(changes)];
  const numbered = events.map((event, n) => ({ id: `e${n}`, ...event }));
  for (const event of numbered) await inOrder.apply(event);
  for (const n of told) await other.apply(numbered[n] ?? {});
  const [expected, got] = [await said(inOrder), await said(other)];
  expect(got).toEqual(expected);
  for (const one of [inOrder, other])
    for await (const { differences } of rebuild(database.pool, one.tenant, one.brandOf, {
      store: false,
    }))
      expect(differences).toEqual([]);
  return expected;
}

const placed = order('o1', day(10), 10_000, { saved: 500 });
const counted = order('o1', day(10), 10_000, { pointsEarned: { points: 100 } });
const guests = { memberId: undefined };

const mugs = (quantity: number) => [
  { productId: 'mug', unitPrice: 2000, quantity, fullPrice: true },
];
const cardOf = (category: string) => ({
  lines: [{ productId: 'card', category, unitPrice: 5000, fullPrice: true }],
});
const backOf = (productId: string, n: number, fields: object = {}) =>
  of('order.refunded', 'o1', day(n), { lines: [{ productId, quantity: 1 }], ...fields });

describe('what is told of a purchase counts in order of time, in whatever order it is told', () => {
  it.each([
    ['without a member', of('order.cancelled', 'o1', day(11), guests)],
    ['of somebody not enrolled', of('order.cancelled', 'o1', day(11), { memberId: 'later' })],
  ])('T1: cancelled first, %s', async (whose, cancelled) => {
    const { days, figures } = await alike({}, [placed, cancelled], [1, 0]);
    const stays = whose === 'without a member' ? 0 : 100;
    expect(days.at(-1)).toMatchObject({ activePoints: stays });
    expect(figures).toMatchObject({ purchases: stays / 100 });
  });

  it('T1: a cancellation of a member who enrols later is about her order', async () => {
    const one = await ana({});
    const bea = { memberId: 'bea' };
    await one.apply(
      of('order.cancelled', 'o1', day(11), bea),
      { type: 'member.enrolled', at: day(9), brand: 'club', membershipNumber: '2', ...bea },
      { ...placed, ...bea },
    );
    const { rows } = await database.pool.query(
      `select document #> '{points,earned}' as earned, document -> 'savings' as saved, document -> 'boughtProducts' as bought
         from laurel.profiles where tenant = $1 and member_id = 'bea'`,
      [one.tenant],
    );
    expect(rows).toEqual([{ earned: 0, saved: [], bought: {} }]);
  });

  it('T1: a booking that is cancelled first stops what it is really about', async () => {
    const one = await ana({});
    const made = { ...placed, type: 'booking.made', bookingId: 'b1', subject: 'stay:7' };
    const { orderId: _none, ...booking } = made;
    await one.apply(
      { type: 'booking.cancelled', bookingId: 'b1', at: day(11), ...guests },
      booking,
    );
    const { rows } = await database.pool.query<{ subject: string }>(
      'select subject from laurel.cancelled_subjects where tenant = $1',
      [one.tenant],
    );
    expect(rows.map(({ subject }) => subject)).toContain('stay:7');
  });

  it('T2: cancelled with points left, before it was placed', async () => {
    const leave = of('order.cancelled', 'o1', day(11), { points: 'leave' });
    const { days, figures } = await alike({}, [placed, leave], [1, 0]);
    expect(days.at(-1)).toMatchObject({ activePoints: 100, boughtProducts: {} });
    expect(figures).toMatchObject({ pointsEarned: 100, purchases: 0 });
  });

  it('T2: placed, cancelled with points left, then told of a whole refund before', async () => {
    const events = [
      placed,
      of('order.refunded', 'o1', day(11)),
      of('order.cancelled', 'o1', day(12), { points: 'leave' }),
    ];
    const { days } = await alike({}, events, [0, 2, 1]);
    expect(days.at(-1)).toMatchObject({ activePoints: 0, currentTier: { id: 'base' } });
  });

  it.each([[[0, 1, 2]], [[1, 2, 0]], [[2, 1, 0]], [[2, 0, 1]]])(
    'T2: a refund that is told once more as what cannot be, told as %j',
    async (told) => {
      const events = [
        order('o1', day(10), 0, { lines: [] }),
        of('order.refunded', 'o1', day(11), { refundId: 'r1' }),
        backOf('mug', 12, { refundId: 'r1' }),
      ];
      const one = await ana({});
      for (const n of told) await one.tell({ id: `e${n}`, ...events[n] });
      // All of it came back: no purchase is left of it.
      expect(await one.profile(later)).toMatchObject({ channels: {}, lastPurchases: [] });
    },
  );

  it.each([[[0, 2, 1]], [[2, 1, 0]], [[2, 0, 1]]])(
    'T15: what a booking was counted by follows a change that is told later, told as %j',
    async (told) => {
      const change = { type: 'booking.changed', bookingId: 'b1' };
      const { orderId: _none, ...made } = { ...placed, type: 'booking.made', bookingId: 'b1' };
      const events = [
        { ...made, total: 0, lines: [] },
        { ...change, at: day(11), total: 9000 },
        { ...change, at: day(12), startsAt: day(30) },
      ];
      const { days } = await alike({}, events, told);
      expect(days.at(-1)).toMatchObject({ activePoints: 90 });
    },
  );

  it.each([[[0, 2, 1]], [[2, 1, 0]], [[1, 2, 0]]])(
    'T15: what was added keeps the category it was added with, also in an edit told before, told as %j',
    async (told) => {
      const rules = { earn: { points: 1, perAmount: 1, exclude: { categories: ['gifts'] } } };
      const events = [
        order('o1', day(10), 5000),
        of('order.changed', 'o1', day(11), { total: 6000, ...cardOf('gifts') }),
        of('order.changed', 'o1', day(12), { total: 5000, ...cardOf('paper') }),
      ];
      const { days } = await alike(rules, events, told);
      expect(days.at(-1)).toMatchObject({ activePoints: 0 });
    },
  );

  it('T8: wholly refunded, and an older edit told last', async () => {
    const edit = { total: 6000, lines: [{ productId: 'mug', unitPrice: 6000, fullPrice: true }] };
    const events = [
      placed,
      of('order.changed', 'o1', day(11), edit),
      of('order.refunded', 'o1', day(12)),
    ];
    const { days } = await alike({}, events, [0, 2, 1]);
    expect(days.at(-1)).toMatchObject({ activePoints: 0, boughtProducts: {}, lastPurchases: [] });
  });

  it('T9: an edit leaves one unit, and an earlier refund of three is told afterwards', async () => {
    const events = [
      order('o1', day(10), 10_000, { lines: mugs(5) }),
      of('order.refunded', 'o1', day(11), { lines: [{ productId: 'mug', quantity: 3 }] }),
      of('order.changed', 'o1', day(12), { total: 2000, lines: mugs(1) }),
    ];
    const { days } = await alike({}, events, [0, 2, 1]);
    expect(days.at(-1)).toMatchObject({ activePoints: 0 });
  });

  it('T9: a part that is told after the whole came back is ignored, whenever it was', async () => {
    const part = of('order.refunded', 'o1', day(11), {
      lines: [{ productId: 'mug', quantity: 1 }],
    });
    const whole = of('order.refunded', 'o1', day(12));
    const events = [
      order('o1', day(10), 9000, {
        lines: [{ productId: 'mug', quantity: 3, unitPrice: 3000, fullPrice: true }],
      }),
    ];
    await alike({}, [...events, part, whole], [0, 2, 1]);
    const one = await ana({});
    await one.apply(...events, whole);
    const [result] = await one.apply({ ...part, at: day(13) });
    expect(result).toMatchObject({ kind: 'ignored', why: 'already-returned' });
  });

  it('T12: what was spent on an order that came back, and wasn’t given back, is in the year as in the ledger', async () => {
    const events = [
      { type: 'points.earned', at: day(9), points: 300, activeAt: day(9) },
      { ...placed, pointsSpent: 136 },
      of('order.refunded', 'o1', day(12)),
    ];
    const { figures, days } = await alike({}, events, [0, 2, 1]);
    expect(figures).toMatchObject({ pointsSpent: 136, pointsEarned: 300 });
    expect(days.at(-1)).toMatchObject({ spentPoints: 136 });
  });

  it('T15: two refunds in parts, one of which says what it takes back', async () => {
    const lines = [
      { productId: 'mug', unitPrice: 3333, fullPrice: true },
      { productId: 'tea', unitPrice: 6667, fullPrice: true },
    ];
    const events = [
      { ...counted, lines, pointsEarned: { points: 101, qualifyingPoints: 67 } },
      backOf('mug', 11, { pointsTakenBack: 20 }),
      backOf('tea', 12),
    ];
    for (const told of [
      [0, 2, 1],
      [2, 1, 0],
      [1, 0, 2],
    ])
      expect(await alike(external, events, told)).toMatchObject({ figures: { pointsEarned: 14 } });
  });

  it('an edit, an end and a redemption of the same order, with points told by themselves', async () => {
    const events = [
      { type: 'points.earned', at: day(9), points: 500, activeAt: day(9) },
      { ...counted, pointsSpent: 50 },
      { type: 'points.earned', at: day(11), points: 40, ref: 'o1' },
      of('order.refunded', 'o1', day(12), { lines: [], amount: 100, pointsTakenBack: 10 }),
      of('order.cancelled', 'o1', day(13)),
    ];
    for (const told of [
      [4, 3, 2, 1, 0],
      [0, 1, 4, 2, 3],
      [2, 4, 0, 3, 1],
    ])
      expect(await alike(external, events, told)).toMatchObject({ figures: { pointsEarned: 500 } });
  });

  it('L4: of one product at two prices, the line that is named comes back, or the one with its price', async () => {
    const lines = [
      { productId: 'mug', lineId: 'a', unitPrice: 1000, fullPrice: true },
      { productId: 'mug', lineId: 'b', unitPrice: 9000, fullPrice: true },
    ];
    for (const which of [{ lineId: 'b' }, { unitPrice: 9000 }]) {
      const back = of('order.refunded', 'o1', day(11), {
        lines: [{ productId: 'mug', quantity: 1, ...which }],
      });
      const { days, figures } = await alike(
        {},
        [order('o1', day(10), 10_000, { lines }), back],
        [1, 0],
      );
      expect(days.at(-1)).toMatchObject({ activePoints: 10 });
      expect(figures).toMatchObject({ spent: { amount: 1000 } });
    }
  });

  it('L5: a refund that is told again with what it came to is put right, whichever is told last', async () => {
    const events = [
      placed,
      of('order.refunded', 'o1', day(11), { refundId: 'r1', lines: [], amount: 0 }),
      of('order.refunded', 'o1', day(12), { refundId: 'r1', lines: [], amount: 4000 }),
    ];
    for (const told of [
      [0, 2, 1],
      [2, 1, 0],
    ]) {
      const { figures } = await alike({}, events, told);
      expect(figures).toMatchObject({ spent: { amount: 6000 } });
    }
  });
});

it('T5: points that never became active are not on the way any more once they are over', async () => {
  const one = await ana(external);
  const waits = (points: number, expires: string) => ({
    type: 'points.earned',
    at: day(10),
    points,
    activeAt: null,
    ref: `r${points}`,
    expiresAt: expires,
  });
  await one.apply(waits(90, day(20)), waits(7, day(25)));
  const pending = async (at: string) => {
    const { pendingPoints, expiredPoints } = await one.profile(at);
    return [pendingPoints, expiredPoints];
  };
  expect(await pending(day(19))).toEqual([97, 0]);
  expect(await pending(day(20))).toEqual([7, 90]);
  expect(await pending(later)).toEqual([0, 97]);
});

it('a bonus is the one that was granted first, and a coupon the one that was issued first', async () => {
  const granted = (n: number, points: number) => ({
    type: 'bonus.granted',
    at: day(n),
    bonusId: 'g',
    points,
  });
  const issued = (n: number, offerId: string) => ({
    type: 'coupon.issued',
    at: day(n),
    code: 'c',
    offerId,
  });
  const one = await ana(external);
  await one.apply(granted(12, 50), issued(12, 'second'));
  await one.apply(granted(10, 30), issued(10, 'first'));
  const profile = await one.profile(later);
  expect(profile).toMatchObject({ activePoints: 30, earnedPoints: 30 });
  expect(profile.bonuses).toMatchObject([{ points: 30, grantedAt: day(10) }]);
  expect(profile.coupons).toMatchObject([{ offerId: 'first' }]);
});

it('an event that is ignored adds no line to the ledger, and nothing to its balances', async () => {
  const one = await ana(external);
  await one.apply(counted, of('order.refunded', 'o1', day(11)));
  const before = await one.entries(later);
  const part = { lines: [{ productId: 'mug', quantity: 1 }] };
  expect(await one.apply(of('order.refunded', 'o1', day(12), part))).toMatchObject([
    { kind: 'ignored' },
  ]);
  expect(before).toHaveLength(2);
  expect(await one.entries(later)).toEqual(before);
});

it('what was earned in the name of an order goes back, though that was cancelled before its member enrolled', async () => {
  const bea = { memberId: 'bea' };
  const events = [
    { type: 'member.enrolled', at: day(1), brand: 'club', membershipNumber: '2', ...bea },
    { type: 'points.earned', at: day(10), points: 7, ref: 'o9', ...bea },
    of('order.cancelled', 'o9', day(11), bea),
  ];
  for (const told of [
    [0, 1, 2],
    [0, 2, 1],
    [2, 0, 1],
  ]) {
    const one = await ana(external);
    for (const n of told) await one.apply(events[n] ?? {});
    const entries = await ledgerEntries(database.pool, one.tenant, 'bea', new Date(later));
    expect(entries.map(({ kind, points }) => [kind, points])).toEqual([
      ['earn', 7],
      ['reverse', -7],
    ]);
  }
});

it('what an order earned is known of the latest five purchases, and of none before', async () => {
  const one = await ana({});
  const days = [10, 11, 12, 13, 14, 15];
  await one.apply(...days.map((n) => order(`o${n}`, day(n), 1000)));
  const { lastPurchases } = await one.profile(later);
  expect(lastPurchases.map(({ orderId, points }) => [orderId, points?.earned])).toEqual(
    days
      .slice(1)
      .map((n) => [`o${n}`, 10])
      .toReversed(),
  );
});
