import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { fixtureBrandOf, readCatalogue } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { applyEvents } from '../apply.ts';
import { type CatalogueFile, catalogueVersion, loadCatalogue, saveCatalogue } from './catalogue.ts';

let database: FreshDatabase;
let file: CatalogueFile;
let tenant = '';
let runs = 0;
beforeAll(async () => {
  [database, file] = await Promise.all([freshDatabase(), readCatalogue('juniper')]);
});
beforeEach(() => {
  runs += 1;
  tenant = `t${runs}`;
});
afterAll(() => database.close());

const save = (input: CatalogueFile) => saveCatalogue(database.pool, tenant, 'juniper', input);
const problemsOf = (input: CatalogueFile) =>
  save(input).then(
    () => [],
    (error: unknown) => error,
  );
const load = () => loadCatalogue(database.pool, tenant, 'juniper');
const version = () => catalogueVersion(database.pool, tenant, 'juniper');

it('comes back as it was saved', async () => {
  const saved = await save(file);
  const catalogue = await load();
  expect(catalogue.version).toBe(saved);
  expect(await version()).toBe(saved);
  expect(catalogue.products.get('keep-cup')).toMatchObject({ equivalenceGroup: 'mug-to-go' });
  expect(new Set(catalogue.offers.map(({ offerId }) => offerId))).toEqual(
    new Set(file.offers.map(({ offerId }) => offerId)),
  );
  expect(catalogue.offers.find(({ offerId }) => offerId === 'first-hundred-beans')).toMatchObject({
    usageLimit: 100,
    usedCount: 100,
  });
});

it('keeps its version when nothing changed, and takes another when something did', async () => {
  const first = await save(file);
  expect(await save(file)).toBe(first);
  const fewer = await save({ ...file, offers: file.offers.slice(1) });
  expect(fewer).not.toBe(first);
  expect((await load()).offers).toHaveLength(file.offers.length - 1);
});

it('counts redemptions, keeps the count when it is saved again, and says so to who polls', async () => {
  const [offer] = file.offers;
  if (!offer) throw new Error('no offer');
  const limited = { ...offer, usageLimit: 5 };
  const before = await save({ ...file, offers: [limited] });
  const base = { source: 's', memberId: 'ana', at: '2026-01-01T00:00:00Z' };
  await applyEvents(database.pool, tenant, await fixtureBrandOf(), [
    { ...base, id: '1', type: 'member.enrolled', brand: 'juniper', membershipNumber: '1' },
    { ...base, id: '2', type: 'offer.redeemed', offerId: limited.offerId },
    { ...base, id: '3', type: 'offer.redeemed', offerId: limited.offerId },
  ]);
  expect(await version()).not.toBe(before);
  await save({ ...file, offers: [limited] });
  expect((await load()).offers).toMatchObject([{ usedCount: 2 }]);
});

it('is empty where nothing was saved', async () => {
  expect(await version()).toBeNull();
  expect(await load()).toEqual({ version: 'none', products: new Map(), offers: [] });
});

it('is refused whole when an entry is wrong, naming it', async () => {
  const [offer] = file.offers;
  if (!offer) throw new Error('no offer');
  expect(await problemsOf({ ...file, offers: [offer, offer] })).toMatchObject({
    problems: [{ path: 'offers[1].offerId' }],
  });
  expect(await problemsOf({ ...file, offers: [{ ...offer, brand: 'kestrel' }] })).toMatchObject({
    problems: [{ path: 'offers[0].brand' }],
  });
  expect(await problemsOf({ ...file, offers: [{ ...offer, endsAt: 'soon' }] })).toMatchObject({
    problems: [{ path: 'offers[0].endsAt' }],
  });
  expect(await version()).toBeNull();
});
