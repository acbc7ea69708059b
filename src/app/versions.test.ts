import { afterAll, beforeAll, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { type Desk, openDesk } from '../../test/desk.ts';
import { openLibrary } from '../../test/library.ts';
import { openVersions } from './versions.ts';

const template = 'address-confirmation';
let database: FreshDatabase;
let desk: Desk;
let deployment: Awaited<ReturnType<typeof openLibrary>>;
beforeAll(async () => {
  database = await freshDatabase();
  desk = await openDesk(() => database.pool);
  deployment = await openLibrary();
});
afterAll(async () => {
  await desk.close();
  await database.close();
});

it('compiles a version once for a brand, from Postgres and the code here', async () => {
  const { hash } = await desk.publish(template);
  const versions = openVersions(database.pool, deployment);
  const key = { template, hash, brand: 'juniper' };
  const [one, same] = await Promise.all([versions.load(key), versions.load(key)]);
  expect(same).toBe(one);
  expect(one('de')).toMatchObject({ version: hash, locale: 'de', definition: { name: template } });
  const other = await versions.load({ ...key, brand: 'kestrel' });
  expect(other('en').published?.brand.id).toBe('kestrel');
});

it.each([
  ['is not stored any more', { hash: 'f'.repeat(64), brand: 'juniper' }],
  ['publish it anew for this brand', { brand: 'nobody' }],
])('what cannot be had may heal, and is never another version: %s', async (why, wrong) => {
  const { hash } = await desk.publish(template);
  const versions = openVersions(database.pool, deployment);
  await expect(versions.load({ template, hash, ...wrong })).rejects.toMatchObject({
    name: 'TemporaryError',
    code: 'version-unloadable',
    message: expect.stringContaining(why),
  });
});

it('what is not what was stored is not used', async () => {
  await desk.edit(`${template}/locales/en.json`, (text) => `${text}\n`);
  const { hash } = await desk.publish(template);
  await database.pool.query(
    `update template_files set content = content || ' '::bytea
     where hash = (select files ->> '${template}/body.mjml' from template_versions where hash = $1)`,
    [hash],
  );
  const versions = openVersions(database.pool, deployment);
  await expect(versions.load({ template, hash, brand: 'juniper' })).rejects.toThrow('hash differs');
});
