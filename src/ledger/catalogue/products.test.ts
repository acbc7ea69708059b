import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf, readCatalogue } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { catalogueVersion, loadCatalogue, saveCatalogue } from './catalogue.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
  await applyEvents(database.pool, 't', brandOf, [
    {
      ...event('member.enrolled', '2026-01-01T00:00:00Z'),
      memberId: 'ana',
      brand: 'juniper',
      membershipNumber: '1',
    },
  ]);
});
afterAll(() => database.close());

let ids = 0;
function event(type: string, at: string) {
  ids += 1;
  return { source: 'test', id: `e${ids}`, at, type };
}
const upserted = (at: string, category: string) => ({
  ...event('product.upserted', at),
  brand: 'juniper',
  product: { productId: 'oat-bar', name: { en: 'Oat bar' }, category },
});
const bought = (orderId: string, at: string) => ({
  ...event('order.placed', at),
  memberId: 'ana',
  orderId,
  channel: 'store',
  currency: 'EUR',
  total: 200,
  lines: [{ productId: 'oat-bar', unitPrice: 200, fullPrice: true }],
});
const apply = (...events: readonly unknown[]) => applyEvents(database.pool, 't', brandOf, events);
const categoryOf = async (orderId: string) =>
  (
    await database.pool.query<{ category: string | null }>(
      `select category from laurel.purchase_lines where tenant = 't' and order_id = $1`,
      [orderId],
    )
  ).rows[0]?.category;

it('S18: a purchase counts under the category its product had at that time, however late it is told', async () => {
  await apply(
    upserted('2026-02-01T00:00:00Z', 'snacks'),
    bought('o1', '2026-03-01T10:00:00Z'),
    upserted('2026-04-01T00:00:00Z', 'breakfast'),
    bought('o2', '2026-04-01T00:00:00Z'),
    bought('o3', '2026-03-31T23:59:59Z'),
    bought('o4', '2026-01-02T00:00:00Z'),
  );
  const categories = await Promise.all(['o1', 'o2', 'o3', 'o4'].map(categoryOf));
  expect(categories).toEqual(['snacks', 'breakfast', 'snacks', 'snacks']);
  await apply(upserted('2026-03-15T00:00:00Z', 'treats'), bought('o5', '2026-03-20T00:00:00Z'));
  expect([await categoryOf('o1'), await categoryOf('o3')]).toEqual(['snacks', 'snacks']);
  expect(await categoryOf('o5')).toBe('treats');
});

it('shows the newest data to offers under a new catalogue version, and an older one to nobody', async () => {
  await saveCatalogue(database.pool, 't', 'juniper', await readCatalogue('juniper'));
  const before = await catalogueVersion(database.pool, 't', 'juniper');
  await apply(upserted('2026-05-01T00:00:00Z', 'bakery'));
  const catalogue = await loadCatalogue(database.pool, 't', 'juniper');
  expect(catalogue.products.get('oat-bar')?.category).toBe('bakery');
  expect(catalogue.version).not.toBe(before);
  await apply(upserted('2026-04-20T00:00:00Z', 'late'));
  expect(await catalogueVersion(database.pool, 't', 'juniper')).toBe(catalogue.version);
});

it('keeps each event whole, with the data its lines were counted by', async () => {
  const { rows } = await database.pool.query<{ document: unknown }>(
    `select document from laurel.events
      where tenant = 't' and type in ('order.placed', 'product.upserted') order by seq limit 2`,
  );
  expect(rows.map(({ document }) => document)).toMatchObject([
    { type: 'product.upserted', product: { productId: 'oat-bar', attributes: [] } },
    { orderId: 'o1', lines: [{ productId: 'oat-bar', category: 'snacks', quantity: 1 }] },
  ]);
});

it('names the brand it does not know', async () => {
  expect(await apply({ ...upserted('2026-05-01T00:00:00Z', 'x'), brand: 'nowhere' })).toMatchObject(
    [{ kind: 'refused', problems: [{ path: 'brand' }] }],
  );
});
