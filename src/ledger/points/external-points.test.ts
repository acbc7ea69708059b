import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { of, openClub, order } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { externalFor, externalTerms } from './external-points.ts';

let database: FreshDatabase;
let ana: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  ana = openClub(database.pool);
});
afterAll(() => database.close());

const lines = [
  { productId: 'mug', quantity: 1, unitPrice: 1000, fullPrice: true },
  { productId: 'tea', quantity: 4, unitPrice: 500, fullPrice: true },
];
const counted = (points: number, fields: object = {}) =>
  order('o1', '2026-01-10T10:00:00Z', 3000, { lines, pointsEarned: { points }, ...fields });
const back = (productId: string, quantity: number, day: number, fields: object = {}) =>
  of('order.refunded', 'o1', `2026-01-${day}T10:00:00Z`, {
    lines: [{ productId, quantity }],
    ...fields,
  });
const at = (day: number) => `2026-01-${day}T10:00:00Z`;
const later = '2026-03-01T00:00:00Z';

describe('a refund of what the source counted', () => {
  it('takes back the same part of the points as of the goods, what is kept rounded down', async () => {
    const { apply, profile } = await ana({ accrual: 'source' });
    await apply(counted(100, { pointsEarned: { points: 100, qualifyingPoints: 50 } }));
    await apply(back('tea', 1, 11));
    expect(await profile(later)).toMatchObject({ activePoints: 83, qualifyingPoints: 41 });
    await apply(back('mug', 1, 12));
    expect(await profile(later)).toMatchObject({ activePoints: 50, qualifyingPoints: 25 });
    await apply(back('tea', 3, 13));
    expect(await profile(later)).toMatchObject({ activePoints: 0, qualifyingPoints: 0 });
  });

  it('is measured by units where the goods cost nothing, and by money where no goods are known', async () => {
    const free = await ana({ accrual: 'source' });
    const samples = [{ productId: 'tea', quantity: 3, unitPrice: 0, fullPrice: true }];
    await free.apply(counted(90, { total: 0, lines: samples }), back('tea', 1, 11));
    expect(await free.profile(later)).toMatchObject({ activePoints: 60 });
    const till = await ana({ accrual: 'source' });
    await till.apply(counted(90, { lines: [] }));
    await till.apply(
      of('order.refunded', 'o1', '2026-01-11T10:00:00Z', { lines: [], amount: 1000 }),
    );
    expect(await till.profile(later)).toMatchObject({ activePoints: 60 });
    // Money without the goods that are known takes nothing.
    const goodwill = await ana({ accrual: 'source' });
    await goodwill.apply(counted(90));
    await goodwill.apply(
      of('order.refunded', 'o1', '2026-01-11T10:00:00Z', { lines: [], amount: 1000 }),
    );
    expect(await goodwill.profile(later)).toMatchObject({ activePoints: 90 });
  });

  it('takes what the source says where it says so, also nothing, and leaves that as it is later', async () => {
    const { apply, profile } = await ana({ accrual: 'source' });
    await apply(counted(90), back('mug', 1, 11, { pointsTakenBack: 0 }));
    expect(await profile(later)).toMatchObject({ activePoints: 90 });
    await apply(back('tea', 2, 12));
    expect(await profile(later)).toMatchObject({ activePoints: 60 });
    await apply(back('tea', 2, 13, { pointsTakenBack: 25 }));
    expect(await profile(later)).toMatchObject({ activePoints: 35 });
  });

  it('takes nothing where the programme says that the source sends its own movements', async () => {
    const told = { accrual: 'source', takeBack: { otherwise: 'share', sources: { test: 'told' } } };
    const { apply, profile } = await ana(told);
    await apply(counted(90), of('order.refunded', 'o1', '2026-01-11T10:00:00Z'));
    expect(await profile(later)).toMatchObject({ activePoints: 90 });
    await apply({ type: 'points.adjusted', at: '2026-01-12T10:00:00Z', points: -90, reason: 'o1' });
    expect(await profile(later)).toMatchObject({ activePoints: 0 });
    const other = await ana(told);
    await other.apply(
      { ...counted(90), source: 'till' },
      { ...back('tea', 2, 11), source: 'till' },
    );
    expect(await other.profile(later)).toMatchObject({ activePoints: 60 });
  });

  it('follows a booking that becomes smaller, and stays where it becomes larger', async () => {
    const { apply, profile } = await ana({ accrual: 'source' });
    const booking = { bookingId: 'b1', channel: 'online', currency: 'EUR', total: 30_000 };
    const changed = (day: number, total: number) =>
      apply({ type: 'booking.changed', bookingId: 'b1', at: at(day), total });
    await apply({ type: 'booking.made', at: at(10), ...booking, pointsEarned: { points: 90 } });
    await changed(11, 40_000);
    expect(await profile(later)).toMatchObject({ activePoints: 90 });
    await changed(12, 10_000);
    expect(await profile(later)).toMatchObject({ activePoints: 30 });
  });

  it('takes no more than is left when it was cancelled before', async () => {
    const { apply, profile } = await ana({ accrual: 'source' });
    await apply(
      counted(90),
      of('order.cancelled', 'o1', '2026-01-11T10:00:00Z'),
      back('tea', 2, 12),
    );
    expect(await profile(later)).toMatchObject({ activePoints: 0, owedPoints: 0, earnedPoints: 0 });
  });

  it('in any pieces takes exactly what was counted, never more, and the same whichever piece is told first', () => {
    const goods = fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 50 }),
        unitPrice: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000_000_000 })),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const pieces = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 20 })));
    fc.assert(
      fc.property(
        goods,
        pieces,
        fc.integer({ min: 1, max: 1_000_000_000_000 }),
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        (drawn, taken, points, qualifying) => {
          const kept = drawn.map((line, n) => ({
            ...line,
            n,
            kind: 'product' as const,
            productId: `p${n}`,
            category: null,
            attributes: [],
            fullPrice: true,
            refundedQuantity: 0,
          }));
          const purchase = { lines: kept, total: 0, refunded: 0 };
          const terms = externalTerms({ points, qualifying }, purchase, 'share');
          const all = () => kept.every((one) => one.refundedQuantity === one.quantity);
          let has = externalFor(terms, purchase, true);
          let gone = 0;
          expect(has).toEqual({ points, qualifying });
          for (const [which, units] of [
            ...taken,
            ...kept.map(({ n, quantity }) => [n, quantity]),
          ]) {
            const line = kept[which ?? 0];
            if (!line) continue;
            line.refundedQuantity = Math.min(line.quantity, line.refundedQuantity + (units ?? 0));
            const now = externalFor(terms, purchase, !all());
            gone += has.points - now.points;
            expect(now.points).toBeLessThanOrEqual(has.points);
            expect(now.points).toBeGreaterThanOrEqual(0);
            expect(Math.abs(now.qualifying)).toBeLessThanOrEqual(Math.abs(has.qualifying));
            has = now;
          }
          expect(has).toEqual({ points: 0, qualifying: 0 });
          expect(gone).toBe(points);
        },
      ),
    );
  });
});
