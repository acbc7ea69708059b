import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Programme } from '../../brand/brand.ts';
import {
  type Circumstances,
  earnedBy,
  type EarningLine,
  expiryOf,
  termsOf,
  untilOf,
} from './earning.ts';

const programme = (changes: object = {}, earn: object = {}) =>
  Programme.parse({
    name: 'Test',
    version: '1',
    currency: 'EUR',
    accrual: 'programme',
    burn: { points: 100, amount: 50, minimum: 100 },
    earn: { points: 1, perAmount: 1, ...earn },
    returnWindowDays: 30,
    tiers: [
      { id: 'green', name: 'Green', benefits: [] },
      { id: 'gold', name: 'Gold', threshold: 500, benefits: [] },
    ],
    entitlements: [],
    reviewMinimumPurchases: 1,
    ...changes,
  });
const line = (unitPrice: number, changes: Partial<EarningLine> = {}): EarningLine => ({
  kind: 'product',
  productId: 'p',
  category: 'coffee',
  attributes: [],
  quantity: 1,
  refundedQuantity: 0,
  unitPrice,
  ...changes,
});
const usual: Circumstances = {
  timeZone: 'Europe/Berlin',
  tierId: () => 'green',
  isFirst: () => false,
};
const buy = (lines: readonly EarningLine[], changes: object = {}) => ({
  at: Date.parse('2026-03-04T10:00:00Z'),
  channel: 'store',
  store: 'North',
  currency: 'EUR',
  total: lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0),
  lines,
  ...changes,
});
/** Points for a purchase under these earn rules. */
function points(
  earn: object,
  lines: readonly EarningLine[],
  changes: object = {},
  circumstances: Partial<Circumstances> = {},
) {
  const terms = termsOf(buy(lines, changes), programme({}, earn), { ...usual, ...circumstances });
  return terms ? earnedBy(terms, of(lines), true).points : null;
}
const times = (factor: number, when: object = {}) => ({ id: String(factor), times: factor, when });

const extra = (when: object) => ({ extras: [{ id: 'x', points: 50, when }] });
const never = () => {
  throw new Error('asked');
};

/** Of a purchase with these lines, nothing of whose money came back. */
const of = (lines: readonly EarningLine[]) => ({ lines, total: 0, refunded: 0 });

describe('what a purchase earns', () => {
  it('is the base rate of what was paid, rounded down once', () => {
    expect(points({}, [line(499)])).toBe(4);
    // Line by line it would be 0: each is 50 cents.
    expect(points({}, [line(50), line(50), line(50)])).toBe(1);
    expect(points({ points: 1, perAmount: 3 }, [line(300)])).toBe(1);
    expect(points({ points: 1, perAmount: 3 }, [line(299)])).toBe(0);
  });

  it('is exact where binary fractions are not', () => {
    // 0.29 × 100 is 28.999… as a float, 1.1 × 3 is 3.3000000000000003, 1.15 × 100 is 114.99999999999999.
    expect(points({ points: 100 }, [line(29)])).toBe(29);
    expect(points({ multipliers: [times(1.1)] }, [line(1000)])).toBe(11);
    expect(points({ multipliers: [times(1.15)] }, [line(10_000)])).toBe(115);
    expect(points({ multipliers: [times(2.3)] }, [line(10_000)])).toBe(230);
    expect(points({ points: 3, multipliers: [times(1.1)] }, [line(1000)])).toBe(33);
    expect(points({ multipliers: [times(0.1), times(0.2)], combine: 'sum' }, [line(9000)])).toBe(0);
    expect(points({ multipliers: [times(0.7), times(0.8)], combine: 'sum' }, [line(10_000)])).toBe(
      50,
    );
  });

  it('knows what a major unit is: yen have no cents', () => {
    const yen = programme({ currency: 'JPY' }, { points: 1, perAmount: 100 });
    const bought = [line(1250)];
    const terms = termsOf(buy(bought, { currency: 'JPY' }), yen, usual);
    expect(terms && earnedBy(terms, of(bought), true).points).toBe(12);
  });

  it('is nothing in another currency', () => {
    expect(points({}, [line(5000)], { currency: 'CHF' })).toBeNull();
  });

  it('counts what was paid after a discount on the whole, and points that paid for it earn none', () => {
    expect(points({}, [line(6000), line(4000)], { total: 7500 })).toBe(75);
    expect(points({}, [line(1000), line(2000)], { total: 0 })).toBe(0);
  });

  it('counts delivery only where the programme says so', () => {
    expect(points({}, [line(1000)], { total: 1500 })).toBe(10);
    expect(points({ on: 'total' }, [line(1000)], { total: 1500 })).toBe(15);
  });

  it('counts the total of a purchase without lines', () => {
    expect(points({}, [], { total: 1250 })).toBe(12);
  });

  it('leaves out gift cards', () => {
    const exclude = { categories: ['gift-cards'], products: ['bag'] };
    const lines = [
      line(1000),
      line(5000, { category: 'gift-cards' }),
      line(20, { productId: 'bag' }),
    ];
    expect(points({ exclude }, lines)).toBe(10);
  });
});

describe('multipliers', () => {
  it('count for lines of a category, with an attribute, or of a product', () => {
    const lines = [
      line(1000),
      line(1000, { category: 'tea', attributes: ['organic'], productId: 't' }),
    ];
    expect(points({ multipliers: [times(3, { categories: ['tea'] })] }, lines)).toBe(40);
    expect(points({ multipliers: [times(3, { attributes: ['organic', 'fair'] })] }, lines)).toBe(
      40,
    );
    expect(points({ multipliers: [times(3, { products: ['t'] })] }, lines)).toBe(40);
    const both = times(3, { categories: ['coffee'], attributes: ['organic'] });
    expect(points({ multipliers: [both] }, lines)).toBe(20);
  });

  it('count by channel and store', () => {
    expect(points({ multipliers: [times(2, { channels: ['app'] })] }, [line(1000)])).toBe(10);
    expect(points({ multipliers: [times(2, { channels: ['store'] })] }, [line(1000)])).toBe(20);
    expect(points({ multipliers: [times(2, { stores: ['North'] })] }, [line(1000)])).toBe(20);
    expect(
      points({ multipliers: [times(2, { stores: ['North'] })] }, [line(1000)], { store: null }),
    ).toBe(10);
  });

  it('count on the brand’s weekday and from the first to the end of the last of its days', () => {
    const earn = { multipliers: [times(2, { from: '2026-03-04', to: '2026-03-05' })] };
    const on = (at: string) => points(earn, [line(1000)], { at: Date.parse(at) });
    expect(on('2026-03-03T22:59:59Z')).toBe(10);
    expect(on('2026-03-03T23:00:00Z')).toBe(20);
    expect(on('2026-03-05T22:59:59Z')).toBe(20);
    expect(on('2026-03-05T23:00:00Z')).toBe(10);
    const tuesday = { multipliers: [times(2, { weekdays: ['tue'] })] };
    const at = Date.parse('2026-03-02T23:30:00Z');
    expect(points(tuesday, [line(1000)], { at })).toBe(20);
  });

  it('count for tiers, as she was when she bought', () => {
    const earn = { multipliers: [times(2, { tiers: ['gold'] })] };
    expect(points(earn, [line(1000)])).toBe(10);
    expect(points(earn, [line(1000)], {}, { tierId: () => 'gold' })).toBe(20);
  });

  it('ask for tier and first purchase only where a rule depends on it', () => {
    const circumstances = { tierId: never, isFirst: never };
    const earn = {
      multipliers: [times(2, { channels: ['app'], tiers: ['gold'] })],
      extras: [{ id: 'first', points: 5, when: { channels: ['app'], first: true } }],
    };
    expect(points(earn, [line(1000)], {}, circumstances)).toBe(10);
  });

  it('combine as the programme says', () => {
    const multipliers = [times(2, { channels: ['store'] }), times(1.5)];
    expect(points({ multipliers }, [line(1000)])).toBe(20);
    expect(points({ multipliers, combine: 'product' }, [line(1000)])).toBe(30);
    expect(points({ multipliers, combine: 'sum' }, [line(1000)])).toBe(25);
  });
});

describe('extras', () => {
  it('come on top of a first purchase, and of a date', () => {
    expect(points(extra({ first: true }), [line(1000)])).toBe(10);
    expect(points(extra({ first: true }), [line(1000)], {}, { isFirst: () => true })).toBe(60);
    expect(points(extra({ from: '2026-03-04', to: '2026-03-04' }), [line(1000)])).toBe(60);
    expect(points(extra({ from: '2026-03-05' }), [line(1000)])).toBe(10);
  });

  it('need their minimum, also of what is kept', () => {
    const earn = extra({ minimumAmount: 1500 });
    const lines = [line(1000), line(500, { productId: 'q' })];
    expect(points(earn, lines)).toBe(65);
    const terms = termsOf(buy(lines), programme({}, earn), usual);
    const back = [line(1000), line(500, { refundedQuantity: 1 })];
    expect(terms && earnedBy(terms, of(back), true).points).toBe(10);
  });
});

describe('what counts for the tier', () => {
  it('is all of it, the base rate’s, or none', () => {
    const earn = { multipliers: [times(3)], extras: [{ id: 'x', points: 50 }] };
    const qualifying = (how: string) => {
      const bought = [line(1000)];
      const terms = termsOf(buy(bought), programme({}, { ...earn, qualifying: how }), usual);
      return terms && earnedBy(terms, of(bought), true).qualifying;
    };
    expect(qualifying('all')).toBe(80);
    expect(qualifying('base')).toBe(10);
    expect(qualifying('none')).toBe(0);
  });
});

describe('giving back', () => {
  const lines = fc.array(
    fc.record({
      unitPrice: fc.integer({ min: 0, max: 9999 }),
      quantity: fc.integer({ min: 1, max: 4 }),
      category: fc.constantFrom('coffee', 'tea', 'gift-cards'),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it('in any parts and any order takes exactly what the whole had earned, and never more', () => {
    fc.assert(
      fc.property(
        lines,
        fc.infiniteStream(fc.nat()),
        fc.nat({ max: 100 }),
        fc.constantFrom(0.1, 0.29, 1.1, 1.15, 2.675),
        (drawn, choices, percent, factor) => {
          const bought = drawn.map((one, n) => line(one.unitPrice, { ...one, productId: `p${n}` }));
          const sum = bought.reduce((all, one) => all + one.unitPrice * one.quantity, 0);
          const terms = termsOf(
            buy(bought, { total: Math.floor((sum * percent) / 100) }),
            programme(
              {},
              {
                perAmount: 7,
                points: 3,
                multipliers: [times(factor, { categories: ['tea'] })],
                exclude: { categories: ['gift-cards'] },
                extras: [{ id: 'x', points: 20, when: { minimumAmount: 500 } }],
              },
            ),
            usual,
          );
          if (!terms) throw new Error('the programme’s own currency');
          const units = bought.flatMap(({ quantity }, n) => Array<number>(quantity).fill(n));
          const returned = bought.map(() => 0);
          let has = earnedBy(terms, of(bought), true).points;
          const whole = has;
          let taken = 0;
          while (units.length > 0) {
            const [n = 0] = units.splice((choices.next().value ?? 0) % units.length, 1);
            returned[n] = (returned[n] ?? 0) + 1;
            const kept = bought.map((one, place) => ({
              ...one,
              refundedQuantity: returned[place] ?? 0,
            }));
            const now = earnedBy(terms, of(kept), units.length > 0).points;
            expect(now).toBeLessThanOrEqual(has);
            taken += has - now;
            has = now;
          }
          expect([has, taken]).toEqual([0, whole]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('when points can be spent, and until when', () => {
  it('waits for what the programme says of the channel', () => {
    const one = programme({ pendingUntil: 'paid' });
    expect(untilOf(one, 'online')).toBe('paid');
    const by = programme({
      pendingUntil: { otherwise: 'fulfilled', channels: { store: 'placed' } },
    });
    expect([untilOf(by, 'store'), untilOf(by, 'online')]).toEqual(['placed', 'fulfilled']);
  });

  it('lapses months after earning, or at the end of that month or year', () => {
    const at = Date.parse('2026-03-04T10:00:00Z');
    const expires = (expiry: object | undefined) => {
      const lapses = expiryOf(programme({ expiry }), at, 'Europe/Berlin');
      return lapses === undefined ? null : new Date(lapses).toISOString();
    };
    expect(expires({ after: 'earning', months: 6 })).toBe('2026-09-04T09:00:00.000Z');
    expect(expires({ after: 'earning', months: 6, end: 'month' })).toBe('2026-09-30T22:00:00.000Z');
    expect(expires({ after: 'earning', months: 12, end: 'year' })).toBe('2027-12-31T23:00:00.000Z');
    expect(expires(undefined)).toBeNull();
    expect(expires({ after: 'inactivity', months: 12 })).toBeNull();
  });
});
