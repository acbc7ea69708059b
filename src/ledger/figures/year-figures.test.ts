import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf, loadFixtures, readCatalogue } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { randomHistory } from '../../../test/random-events.ts';
import { YearFigures } from '../../contract/year-figures.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { saveCatalogue } from '../catalogue/catalogue.ts';
import { LedgerEvent } from '../events.ts';
import { type ExplainedYear, explainYear } from './explain-year.ts';
import {
  type YearOf,
  yearFigures,
  yearFiguresParameters,
  yearFiguresSelect,
} from './year-figures.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

const of = (tenant: string, year = 2025): YearOf => ({
  tenant,
  brand: 'juniper',
  year,
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  locale: 'en',
});

const berlin = new Intl.DateTimeFormat('en-u-hc-h23', {
  timeZone: 'Europe/Berlin',
  year: 'numeric',
  month: 'numeric',
});
const yearAndMonth = (at: string) => {
  const parts = new Map(berlin.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return { year: Number(parts.get('year')), month: Number(parts.get('month')) };
};

let explainedRows = 0;
const added = (rows: readonly Record<string, unknown>[], column: string) =>
  rows.reduce((all, row) => all + Number(row[column] ?? 0), 0);

/** Adds the rows of an explanation up by hand, each query pasted as it is shown. Returns how many there were. */
async function addUp({ figures, made }: ExplainedYear): Promise<number> {
  let count = 0;
  const rowsOf = async (figure: keyof YearFigures) => {
    const one = made.find((part) => part.figures.includes(figure)) ?? { sql: '', rows: [] };
    const { rows } = await database.pool.query<Record<string, unknown>>(one.sql);
    expect(rows).toEqual(one.rows);
    count += rows.length;
    return rows;
  };
  const orders = await rowsOf('purchases');
  expect(orders).toHaveLength(figures.purchases);
  expect([added(orders, 'spent'), added(orders, 'saved')]).toEqual([
    figures.spent.amount,
    figures.saved.amount,
  ]);
  const byMonth = Array.from(
    { length: 12 },
    (_, month) => orders.filter((row) => row['month'] === month + 1).length,
  );
  expect(byMonth).toEqual(figures.byMonth);
  const points = await rowsOf('pointsEarned');
  expect([Math.max(0, added(points, 'earned')), Math.max(0, added(points, 'spent'))]).toEqual([
    figures.pointsEarned,
    figures.pointsSpent,
  ]);
  const units = new Map<string, number>();
  for (const { product, units: n } of await rowsOf('favourite'))
    units.set(String(product), (units.get(String(product)) ?? 0) + Number(n));
  // Null where its name is unknown.
  const most = Math.max(0, ...units.values());
  expect([most, null]).toContain(figures.favourite?.count ?? null);
  return count;
}

type Placed = Extract<LedgerEvent, { type: 'order.placed' }>;
type Refunded = Extract<LedgerEvent, { type: 'order.refunded' }>;
type Order = {
  event: Placed;
  state: 'placed' | 'cancelled' | 'refunded';
  refunded: number;
  kept: number[];
  /** The points its source counted for what is kept, and what was not taken back of them. */
  counted: number;
  left: number;
};

/** The points that a source counted, for what is kept: by price, by units, or by money. */
function shareOf({ event, kept, refunded }: Order): number {
  const points = event.pointsEarned?.points ?? 0;
  const sums = (weight: (price: number) => number) => [
    event.lines.reduce((sum, { unitPrice }, n) => sum + (kept[n] ?? 0) * weight(unitPrice), 0),
    event.lines.reduce((sum, { unitPrice, quantity }) => sum + quantity * weight(unitPrice), 0),
  ];
  const [left, whole] = [sums((price) => price), sums(() => 1)].find(
    ([, all]) => (all ?? 0) > 0,
  ) ?? [event.total - refunded, event.total];
  return whole ? Math.floor((points * (left ?? 0)) / whole) : points;
}
type Movement = { kind: 'earned' | 'spent'; points: number; at: string; orderId?: string };

/** Most first; among equals what came last, then the first by name. */
const most = (things: readonly { key: string; count: number; at: number }[]) => {
  const counted = new Map<string, { count: number; at: number }>();
  for (const { key, count, at } of things) {
    const before = counted.get(key) ?? { count: 0, at: 0 };
    counted.set(key, { count: before.count + count, at: Math.max(before.at, at) });
  }
  return [...counted].toSorted(
    ([one, a], [other, b]) => b.count - a.count || b.at - a.at || (one < other ? -1 : 1),
  )[0];
};
const isPlacing = ({ type }: LedgerEvent) => Number(type === 'order.placed');
/** The same figures once more: event by event, in plain loops. */
function naively(events: readonly LedgerEvent[], year: number, names: Map<string, string>) {
  const orders = new Map<string, Order>();
  const movements: Movement[] = [];
  /** Those whose points were given back. */
  const cancelled = new Set<string>();
  const giveBack = (event: Refunded, order: Order) => {
    const left = (productId: string) =>
      order.event.lines.reduce(
        (sum, line, n) => sum + (line.productId === productId ? (order.kept[n] ?? 0) : 0),
        0,
      );
    // Goods it doesn't have: told before the order, or it would have been refused.
    if (event.lines?.some(({ productId, quantity }) => quantity > left(productId))) return;
    let worth = 0;
    for (const { productId, quantity } of event.lines ?? []) {
      let missing = quantity;
      order.event.lines.forEach((line, index) => {
        const taken = line.productId === productId ? Math.min(missing, order.kept[index] ?? 0) : 0;
        missing -= taken;
        worth += taken * line.unitPrice;
        order.kept[index] = (order.kept[index] ?? 0) - taken;
      });
    }
    if (!event.lines) order.kept = order.kept.map(() => 0);
    const whole = order.kept.every((units) => units === 0);
    if (whole) worth = order.event.total;
    order.refunded = Math.min(order.event.total, order.refunded + (event.amount ?? worth));
    if (whole && order.state === 'placed') order.state = 'refunded';
    const counted = order.state === 'placed' ? shareOf(order) : 0;
    const share =
      order.state === 'cancelled' ? 0 : Math.min(order.counted - counted, Math.max(0, order.left));
    const said = event.pointsTakenBack;
    // A cancelled order gives back no more than it has left.
    const limit = order.state === 'cancelled' ? Math.max(0, order.left) : Infinity;
    const points = said === undefined ? share : Math.min(said, limit);
    order.counted = counted;
    order.left -= points;
    movements.push({ kind: 'earned', points: -points, at: event.at, orderId: event.orderId });
  };
  // In order of time; an order before what is told of it.
  const sorted = events.toSorted(
    (one, other) => isPlacing(other) - isPlacing(one) || Date.parse(one.at) - Date.parse(other.at),
  );
  for (const event of sorted) {
    const { at } = event;
    if (event.type === 'order.placed') {
      const kept = event.lines.map(({ quantity }) => quantity);
      const { orderId, pointsEarned, pointsSpent: spent = 0 } = event;
      const counted = pointsEarned?.points ?? 0;
      orders.set(orderId, { event, state: 'placed', refunded: 0, kept, counted, left: counted });
      movements.push({ kind: 'earned', points: counted, at, orderId });
      movements.push({ kind: 'spent', points: spent, at, orderId });
    }
    const order = 'orderId' in event ? orders.get(event.orderId ?? '') : undefined;
    if (event.type === 'order.cancelled' && order) {
      const { orderId } = event;
      if (event.points === 'reverse') {
        movements.push({ kind: 'earned', points: -Math.max(0, order.left), at, orderId });
        if (!cancelled.has(orderId))
          movements.push({ kind: 'spent', points: -(order.event.pointsSpent ?? 0), at, orderId });
        cancelled.add(orderId);
        order.left = Math.min(0, order.left);
      }
      order.state = 'cancelled';
    }
    if (event.type === 'order.refunded' && order) giveBack(event, order);
    if (event.type === 'points.earned' || event.type === 'bonus.granted')
      movements.push({ kind: 'earned', points: event.points, at });
    if (event.type === 'points.spent') movements.push({ kind: 'spent', points: event.points, at });
  }

  const mine = [...orders.values()].filter(
    ({ state, event }) => state === 'placed' && yearAndMonth(event.at).year === year,
  );
  const inMoney = mine.filter(({ event }) => event.currency === 'EUR');
  const sum = (kind: Movement['kind']) =>
    movements
      .filter((one) => one.kind === kind)
      .filter(({ at, orderId }) => {
        const order = orderId === undefined ? undefined : orders.get(orderId);
        return yearAndMonth(order ? order.event.at : at).year === year;
      })
      .reduce((all, { points }) => all + points, 0);

  const units = mine.flatMap(({ event, kept }) =>
    event.lines.map(({ productId }, index) => ({
      key: productId,
      count: kept[index] ?? 0,
      at: Date.parse(event.at),
    })),
  );
  const bought = units.filter(({ count }) => count > 0);
  const categoryOf: Record<string, string> = {
    'oat-latte': 'coffee',
    'flat-white': 'coffee',
    'house-beans': 'beans',
    'travel-mug': 'mugs',
  };
  const [product, { count } = { count: 0 }] = most(bought) ?? [];
  const name = product === undefined ? undefined : names.get(product);
  const months = mine.map(({ event }) => yearAndMonth(event.at).month);
  const times = (month: number) => months.filter((one) => one === month).length;
  return {
    year,
    purchases: mine.length,
    spent: {
      amount: inMoney.reduce((all, { event, refunded }) => all + event.total - refunded, 0),
      currency: 'EUR',
    },
    saved: {
      amount: inMoney.reduce(
        (all, { event: { saved, total }, refunded }) =>
          all + (total > 0 ? Math.floor((saved * (total - refunded)) / total) : saved),
        0,
      ),
      currency: 'EUR',
    },
    pointsEarned: Math.max(0, sum('earned')),
    pointsSpent: Math.max(0, sum('spent')),
    favourite: name === undefined ? null : { name, count },
    topCategory:
      most(
        bought.flatMap((one) => {
          const category = categoryOf[one.key];
          return category === undefined ? [] : [{ ...one, key: category }];
        }),
      )?.[0] ?? null,
    favouriteStore:
      most(
        mine.flatMap(({ event: { store, at } }) =>
          store === undefined ? [] : [{ key: store, count: 1, at: Date.parse(at) }],
        ),
      )?.[0] ?? null,
    busiestMonth:
      months.toSorted((one, other) => times(other) - times(one) || one - other)[0] ?? null,
    byMonth: Array.from({ length: 12 }, (_, index) => times(index + 1)),
  } satisfies YearFigures;
}

const orderAt = (n: number, at: string) => ({
  source: 's',
  id: `o${n}`,
  memberId: 'ana',
  at,
  type: 'order.placed',
  orderId: `b${n}`,
  channel: 'store',
  currency: 'EUR',
  total: 100,
});

describe('the figures of a year', () => {
  it('are what a naive recount of the events comes to, returns and boundary included', async () => {
    const catalogue = await readCatalogue('juniper');
    const names = new Map(
      catalogue.products.map(({ productId, name }) => [productId, name['en'] ?? '']),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(randomHistory('ana'), randomHistory('bea')), async (drawn) => {
        // Edited orders are as if they had been placed like that: changed-orders.test.ts.
        const [ofAna, ofBea] = drawn.map((history) =>
          history.filter(({ type }) => type !== 'order.changed'),
        );
        run += 1;
        const tenant = `y${run}`;
        await saveCatalogue(database.pool, tenant, 'juniper', catalogue);
        const expected = new Map<string, unknown>();
        for (const [memberId, history] of Object.entries({ ana: ofAna ?? [], bea: ofBea ?? [] })) {
          const results = await applyEvents(database.pool, tenant, brandOf, history);
          const applied = history.filter((_, index) => results[index]?.kind === 'applied');
          const events = applied.map((event) => LedgerEvent.parse(event));
          expected.set(memberId, naively(events, 2025, names));
        }
        const figures = await yearFigures(database.pool, of(tenant), ['ana', 'bea']);
        expect(Object.fromEntries(figures)).toEqual(Object.fromEntries(expected));
        const explained = await explainYear(database.pool, of(tenant), 'ana');
        expect(explained?.figures ?? figures.get('ana')).toEqual(figures.get('ana'));
        if (explained) explainedRows += await addUp(explained);
      }),
      { numRuns: 60 },
    );
    expect(explainedRows).toBeGreaterThan(50);
  });

  it('belong to the year it was where the brand is', async () => {
    await applyEvents(database.pool, 'boundary', brandOf, [
      {
        source: 's',
        id: 'e',
        at: '2024-01-01T00:00:00Z',
        memberId: 'ana',
        type: 'member.enrolled',
        brand: 'juniper',
        membershipNumber: '1',
      },
      orderAt(1, '2024-12-31T22:59:59Z'),
      orderAt(2, '2024-12-31T23:00:00Z'),
      orderAt(3, '2025-12-31T22:59:59Z'),
      orderAt(4, '2025-12-31T23:00:00Z'),
    ]);
    const purchases = async (year: number) =>
      (await yearFigures(database.pool, of('boundary', year), ['ana'])).get('ana')?.purchases;
    expect([await purchases(2024), await purchases(2025), await purchases(2026)]).toEqual([
      1, 2, 1,
    ]);
  });

  it('can be frozen for many members in one statement', async () => {
    await loadFixtures(database.pool, 'demo');
    const members = ['noah-reyes', 'sam-doyle', 'rosa-marin'];
    await database.pool.query('create table frozen (member_id text primary key, figures jsonb)');
    await database.pool.query(
      `insert into frozen select member_id, figures from (${yearFiguresSelect}) as f`,
      yearFiguresParameters(of('demo', 2026), members),
    );
    const { rows } = await database.pool.query<{ member_id: string; figures: unknown }>(
      'select * from frozen',
    );
    const frozen = new Map(rows.map((row) => [row.member_id, YearFigures.parse(row.figures)]));
    expect(frozen.get('noah-reyes')).toMatchObject({ favouriteStore: 'Rosenthaler Platz' });
    expect(frozen.get('noah-reyes')?.purchases).toBeGreaterThan(100);
    expect(frozen.get('sam-doyle')).toMatchObject({ purchases: 2 });
    expect(frozen.get('rosa-marin')).toMatchObject({ purchases: 0, favourite: null });
  });
});
