import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { of, openClub, order } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { yearFigures } from '../figures/year-figures.ts';
import { rebuild } from '../rebuild/rebuild.ts';

let database: FreshDatabase;
let ana: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  ana = openClub(database.pool);
});
afterAll(() => database.close());

type Ana = Awaited<ReturnType<typeof ana>>;
const later = '2026-03-01T00:00:00Z';
const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T10:00:00Z`;
const mug = {
  productId: 'mug',
  category: 'mugs',
  unitPrice: 2000,
  fullPrice: true,
};
const extra = (kind: string, unitPrice: number) => ({
  kind,
  productId: kind,
  category: 'extras',
  quantity: 3,
  unitPrice,
  fullPrice: true,
});
const kinds = ['tip', 'shipping', 'gift-card', 'fee'];
const extras = kinds.map((kind) => extra(kind, 500));
const placed = order('o1', day(10), 8000, { lines: [mug, ...extras] });
const year = {
  brand: 'club',
  year: 2026,
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  locale: 'en',
};

async function said({ tenant, profile }: Ana) {
  const { activePoints, boughtProducts, boughtCategories, affinities, spend, lastPurchases } =
    await profile(later);
  const figures = await yearFigures(database.pool, { tenant, ...year }, ['ana']);
  return {
    points: activePoints,
    bought: [boughtProducts, boughtCategories, affinities].map((one) => Object.keys(one)),
    lead: lastPurchases?.map(({ product: lead }) => lead),
    spent: spend?.thisYear.amount,
    year: figures.get('ana'),
  };
}

/** Told in this order and in the opposite one. */
async function told(earn: object, ...events: readonly object[]) {
  const results = [];
  for (const all of [events, events.toReversed()]) {
    const one = await ana({ earn: { points: 1, perAmount: 1, ...earn } });
    await database.pool.query(
      `insert into laurel.products (tenant, brand, product_id, document)
       select $1, 'club', id, jsonb_build_object('name', jsonb_build_object('en', id)) from unnest($2::text[]) as id`,
      [one.tenant, ['mug', ...kinds]],
    );
    for (const event of all) await one.apply(event);
    results.push(await said(one));
    for await (const { differences } of rebuild(database.pool, one.tenant, one.brandOf, {
      store: false,
    }))
      expect(differences).toEqual([]);
  }
  const [first, second] = results;
  expect(second).toEqual(first);
  return first;
}

const line = (category: string, quantity: number, unitPrice: number) => ({
  productId: `${category}-${unitPrice}`,
  category,
  quantity,
  unitPrice,
  fullPrice: true,
});

it('affinity counts purchases: neither lines nor units nor money', async () => {
  const one = await ana({});
  const events = [
    order('many', day(10), 60_000, { lines: [line('mugs', 20, 2000), line('mugs', 1, 20_000)] }),
    order('cup', day(10), 300, { lines: [line('coffee', 1, 300)] }),
    order('both', day(10), 2600, { lines: [line('mugs', 1, 2300), line('coffee', 1, 300)] }),
    order('tea', day(10), 200, { lines: [line('tea', 1, 200)] }),
  ];
  for (const event of events) await one.apply(event);
  expect((await one.profile(later)).affinities).toEqual({ mugs: 0.4, coffee: 0.4, tea: 0.2 });
});

describe('L15: what is paid with a purchase and is no product', () => {
  it('earns nothing, unless the programme names its kind', async () => {
    expect((await told({}, placed))?.points).toBe(20);
    expect((await told({ on: 'total' }, placed))?.points).toBe(20);
    expect((await told({ kinds: ['product', 'tip'] }, placed))?.points).toBe(35);
    expect((await told({ kinds: ['product', ...kinds] }, placed))?.points).toBe(80);
  });

  it('is not bought: no favourite of the year, no affinity, no main product', async () => {
    expect(await told({}, placed)).toMatchObject({
      bought: [['mug'], ['mugs'], ['mugs']],
      lead: ['mug'],
      spent: 8000,
      year: {
        purchases: 1,
        favourite: { name: 'mug', count: 1 },
        topCategory: 'mugs',
      },
    });
  });

  it('can be edited and come back by itself', async () => {
    const tipped = { kinds: ['product', 'tip'] };
    const edit = of('order.changed', 'o1', day(11), {
      total: 2300,
      lines: [mug, extra('tip', 100)],
    });
    expect(await told(tipped, placed, edit)).toMatchObject({
      points: 23,
      spent: 2300,
    });
    const back = of('order.refunded', 'o1', day(12), {
      lines: [{ kind: 'tip', productId: 'tip', quantity: 2 }],
    });
    expect(await told(tipped, placed, back)).toMatchObject({
      points: 25,
      spent: 7000,
    });
    expect(await told(tipped, placed, edit, back)).toMatchObject({
      points: 21,
      spent: 2100,
    });
    expect(await told({}, placed, edit, back)).toMatchObject({
      points: 20,
      spent: 2100,
    });
  });

  it('keeps no purchase whose products came back', async () => {
    const back = of('order.refunded', 'o1', day(12), {
      lines: [{ productId: 'mug', quantity: 1 }],
    });
    expect(await told({}, placed, back)).toMatchObject({
      points: 0,
      bought: [[], [], []],
      year: { purchases: 0, favourite: null },
    });
    const { rows } = await database.pool.query<{ refunded: string }>(
      `select distinct refunded from laurel.purchases where state = 'refunded'`,
    );
    expect(rows.map(({ refunded }) => Number(refunded))).toEqual([2000]);
  });

  it('is only money where the order was told without such a line', async () => {
    const bare = order('o1', day(10), 2400, { lines: [mug] });
    const tip = { kind: 'tip', productId: 'tip', quantity: 1 };
    const back = of('order.refunded', 'o1', day(12), {
      lines: [tip],
      amount: 400,
    });
    expect(await told({}, bare, back)).toMatchObject({
      points: 20,
      spent: 2000,
    });
  });

  it('takes nothing of what a source counted with it', async () => {
    const counted = { ...placed, pointsEarned: { points: 100 } };
    const back = of('order.refunded', 'o1', day(12), {
      lines: kinds.map((kind) => ({ kind, productId: kind, quantity: 3 })),
    });
    expect(await told({}, counted, back)).toMatchObject({
      points: 100,
      spent: 2000,
    });
  });
});
