import { afterAll, beforeAll, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const wanted = { tenant: 'main', name: 'shop', scopes: ['send', 'read'] } as const;

it('finds a key by the whole of it, and by nothing less', async () => {
  const { key, ...stored } = await createApiKey(database.pool, wanted);
  expect(await findApiKey(database.pool, key)).toEqual(stored);
  const flipped = key.endsWith('A') ? 'B' : 'A';
  for (const wrong of [
    key.slice(0, -1),
    key.slice(0, -1) + flipped,
    `${key}x`,
    stored.prefix,
    '',
  ]) {
    expect(await findApiKey(database.pool, wrong)).toBeNull();
  }
});

it('keeps no secret: neither table nor list has the key', async () => {
  const { key } = await createApiKey(database.pool, wanted);
  const secret = key.split('_').slice(2).join('_');
  const { rows } = await database.pool.query<{ row: string }>(
    'select k::text as row from api_keys k',
  );
  const list = await listApiKeys(database.pool, 'main');
  expect(JSON.stringify([rows, list])).not.toContain(secret);
});

it('ends a revoked key at once, only its own tenant can, and it stays in the list', async () => {
  const { key, prefix } = await createApiKey(database.pool, wanted);
  expect(await revokeApiKey(database.pool, 'elsewhere', prefix)).toBe(false);
  expect(await findApiKey(database.pool, key)).not.toBeNull();
  expect(await revokeApiKey(database.pool, 'main', prefix)).toBe(true);
  expect(await revokeApiKey(database.pool, 'main', prefix)).toBe(false);
  expect(await findApiKey(database.pool, key)).toBeNull();
  const listed = (await listApiKeys(database.pool, 'main')).find((one) => one.prefix === prefix);
  expect(listed?.revokedAt).toBeInstanceOf(Date);
});

it('makes no key that may do nothing', async () => {
  await expect(createApiKey(database.pool, { ...wanted, scopes: [] })).rejects.toMatchObject({
    code: 'no-scopes',
  });
});

it('makes keys that look alike and are never the same', async () => {
  const keys = await Promise.all(
    Array.from({ length: 50 }, async () => (await createApiKey(database.pool, wanted)).key),
  );
  expect(new Set(keys).size).toBe(50);
  for (const key of keys) expect(key).toMatch(/^lrl_[a-z0-9]{10}_[\w-]{43}$/);
});
