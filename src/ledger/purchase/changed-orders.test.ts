import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { of, openClub, order } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { applyEvents } from '../apply.ts';
import { rebuild } from '../rebuild/rebuild.ts';

let database: FreshDatabase;
let ana: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  ana = openClub(database.pool);
});
afterAll(() => database.close());

type Ana = Awaited<ReturnType<typeof ana>>;

const line = (productId: string, unitPrice: number, quantity = 1) => ({
  productId,
  category: productId,
  quantity,
  unitPrice,
  fullPrice: true,
});
const changed = (day: number, lines: readonly ReturnType<typeof line>[], fields: object = {}) =>
  of('order.changed', 'o1', `2026-01-${day}T10:00:00Z`, {
    total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
    lines,
    ...fields,
  });
const placed = (fields: object = {}) =>
  order('o1', '2026-01-10T10:00:00Z', 5000, {
    lines: [line('mug', 1000), line('tea', 2000, 2)],
    ...fields,
  });
const product = (day: number, productId: string, category: string) => ({
  source: 'shop',
  id: `${productId}-${day}`,
  type: 'product.upserted',
  at: `2026-01-${day}T00:00:00Z`,
  brand: 'club',
  product: { productId, name: { en: productId }, category },
});
const bare = (productId: string) => ({ productId, unitPrice: 1000, fullPrice: true });
const later = '2026-03-01T00:00:00Z';

/** What every mail may say of the purchase. */
async function said({ profile }: Ana) {
  const { activePoints, pendingPoints, qualifyingPoints, earnedPoints, spend, savings, ...rest } =
    await profile(later);
  const products = Object.fromEntries(
    Object.entries(rest.boughtProducts).map(([id, { count }]) => [id, count]),
  );
  const points = { activePoints, pendingPoints, qualifyingPoints, earnedPoints };
  return { ...points, spend: spend?.thisYear.amount, saved: savings[0]?.saved.amount, products };
}

async function differences({ tenant, brandOf }: Ana) {
  const found: unknown[] = [];
  for await (const { differences: some, incomplete } of rebuild(database.pool, tenant, brandOf, {
    store: false,
  }))
    found.push(...some, ...incomplete);
  return found;
}

describe('an order that was edited', () => {
  it('earns, is spent, bought and saved as if it had been placed like this', async () => {
    const edits = [
      [line('mug', 1000), line('tea', 2000, 2), line('pot', 3000)],
      [line('mug', 900), line('tea', 2000)],
      [line('pot', 3050, 3)],
    ];
    for (const [n, lines] of edits.entries()) {
      const [edited, direct] = [await ana(), await ana()];
      const change = changed(12, lines, { saved: 100 * n });
      await edited.apply(placed({ saved: 500 }), change);
      const { total } = Object.assign({ total: 0 }, change);
      await direct.apply(order('o1', '2026-01-10T10:00:00Z', total, { lines, saved: 100 * n }));
      expect(await said(edited)).toEqual(await said(direct));
      expect(await differences(edited)).toEqual([]);
    }
  });

  it('keeps what came back, also of what an edit takes out and another puts in again', async () => {
    const one = await ana();
    const back = of('order.refunded', 'o1', '2026-01-11T10:00:00Z', {
      lines: [{ productId: 'tea', quantity: 1 }],
    });
    await one.apply(placed(), back, changed(12, [line('mug', 1000)]));
    expect(await said(one)).toMatchObject({ activePoints: 10, products: { mug: 1 } });
    await one.apply(changed(13, [line('mug', 1000), line('tea', 2000, 2)]));
    expect(await said(one)).toMatchObject({
      activePoints: 30,
      spend: 3000,
      products: { mug: 1, tea: 1 },
    });
  });

  it('is no purchase while nothing is left of it, and one again when there is', async () => {
    const one = await ana({ earn: { points: 1, perAmount: 1, extras: [{ id: 'x', points: 7 }] } });
    await one.apply(placed(), changed(11, []));
    expect(await said(one)).toMatchObject({ activePoints: 0, spend: 0, products: {} });
    expect((await one.profile(later)).channels).toEqual({});
    await one.apply(changed(12, [line('mug', 1000)]));
    expect(await said(one)).toMatchObject({ activePoints: 17, products: { mug: 1 } });
  });

  it('S18: keeps the product data it was bought with; what is added has that of its day', async () => {
    const multipliers = [{ id: 'tea', times: 2, when: { categories: ['tea'] } }];
    const one = await ana({ earn: { points: 1, perAmount: 1, multipliers } });
    await applyEvents(database.pool, one.tenant, one.brandOf, [
      product(10, 'sencha', 'tea'),
      product(12, 'sencha', 'drinks'),
      product(10, 'chai', 'drinks'),
      product(12, 'chai', 'tea'),
    ]);
    await one.apply(order('o1', '2026-01-11T10:00:00Z', 1000, { lines: [bare('sencha')] }));
    expect(await said(one)).toMatchObject({ activePoints: 20 });
    await one.apply(
      of('order.changed', 'o1', '2026-01-13T10:00:00Z', {
        total: 2000,
        lines: [bare('sencha'), bare('chai')],
      }),
    );
    expect(await said(one)).toMatchObject({ activePoints: 40 });
    expect(await differences(one)).toEqual([]);
  });

  it('whose points the source counted loses its share, and gains what the source says', async () => {
    const one = await ana({ accrual: 'source' });
    await one.apply(placed({ pointsEarned: { points: 100, qualifyingPoints: 50 } }));
    await one.apply(changed(11, [line('mug', 1000), line('tea', 2000, 2), line('pot', 9000)]));
    expect(await said(one)).toMatchObject({ activePoints: 100, qualifyingPoints: 50 });
    await one.apply(changed(12, [line('mug', 1000)]));
    expect(await said(one)).toMatchObject({ activePoints: 20, qualifyingPoints: 10 });
    await one.apply(
      changed(13, [line('mug', 1000), line('pot', 9000)], { pointsEarned: { points: 300 } }),
    );
    expect(await said(one)).toMatchObject({ activePoints: 300, qualifyingPoints: 300 });
    await one.apply(changed(14, [line('mug', 1000), line('pot', 9000)], { pointsEarned: null }));
    expect(await said(one)).toMatchObject({ activePoints: 0, qualifyingPoints: 0 });
    expect(await differences(one)).toEqual([]);
  });

  it('that was cancelled earns nothing any more', async () => {
    const one = await ana();
    await one.apply(placed(), of('order.cancelled', 'o1', '2026-01-11T10:00:00Z'));
    await one.apply(changed(12, [line('pot', 9000)]));
    expect(await said(one)).toMatchObject({ activePoints: 0, spend: 0, products: {} });
  });

  it('is refused where it is somebody else’s, and a booking where it is one', async () => {
    const { tenant, brandOf, apply } = await ana();
    await apply(
      { ...placed() },
      {
        type: 'member.enrolled',
        at: '2026-01-01T00:00:00Z',
        memberId: 'bea',
        brand: 'club',
        membershipNumber: '2',
      },
      {
        type: 'booking.made',
        bookingId: 'b1',
        at: '2026-01-10T10:00:00Z',
        channel: 'online',
        currency: 'EUR',
        total: 100,
      },
    );
    const events = [
      { ...changed(11, []), source: 's', id: '1', memberId: 'bea' },
      { ...changed(11, []), source: 's', id: '2', memberId: 'ana', orderId: 'b1' },
    ];
    expect(await applyEvents(database.pool, tenant, brandOf, events)).toMatchObject([
      {
        kind: 'refused',
        problems: [{ path: 'orderId', message: 'is an order of another member' }],
      },
      { kind: 'refused', problems: [{ message: 'is a booking; send booking.changed' }] },
    ]);
  });

  it('comes to the same in whatever order its edits, returns and payments are told, and how often', async () => {
    const story = [
      placed({ saved: 300 }),
      of('order.paid', 'o1', '2026-01-11T10:00:00Z'),
      changed(12, [line('mug', 1000), line('tea', 2000, 2), line('pot', 3050)], { saved: 400 }),
      of('order.refunded', 'o1', '2026-01-13T10:00:00Z', {
        lines: [{ productId: 'tea', quantity: 1 }],
        amount: 2000,
      }),
      changed(14, [line('tea', 1900, 2), line('pot', 3050)], { saved: 500 }),
      of('order.refunded', 'o1', '2026-01-15T10:00:00Z', { lines: [], amount: 120 }),
      changed(16, [line('tea', 1900, 2), line('pot', 3050, 2)], { saved: 350 }),
    ];
    const inOrder = await ana({ pendingUntil: 'paid' });
    await inOrder.apply(...story);
    const expected = await said(inOrder);
    expect(expected).toMatchObject({ activePoints: 80, spend: 9900 - 2000 - 120, saved: 275 });
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...story.keys(), ...story.keys()], { minLength: story.length * 2 }),
        fc.boolean(),
        async (shuffled, together) => {
          const one = await ana({ pendingUntil: 'paid' });
          const told = shuffled.map((n) => ({ ...story[n], id: `e${n}` }));
          if (together) await one.apply(...told);
          else for (const event of told) await one.apply(event);
          expect(await said(one)).toEqual(expected);
          expect(await differences(one)).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  });
});
