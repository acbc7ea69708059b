import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openClub } from '../../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { exportMember } from '../../members/export.ts';

let database: FreshDatabase;
let club: ReturnType<typeof openClub>;
beforeAll(async () => {
  database = await freshDatabase();
  club = openClub(database.pool);
});
afterAll(() => database.close());

const said = (birthday: string | null, at: string) => ({ type: 'member.updated', birthday, at });
const consent = (granted: boolean, at: string, basis?: string) => ({
  type: 'consent.changed',
  purpose: 'birthday',
  granted,
  at,
  ...(basis !== undefined && { basis }),
});

describe('L15: a member’s birthday', () => {
  it('is read with a consent of its own, and no longer once that is withdrawn', async () => {
    const ana = await club();
    const known = async () => (await ana.profile('2026-04-01T00:00:00Z')).birthday;
    await ana.apply(said('1990-05-17', '2026-02-01T00:00:00Z'));
    expect(await known()).toBeNull();
    await ana.apply(consent(true, '2026-02-02T00:00:00Z', 'existing-customer'));
    expect(await known()).toBeNull();
    await ana.apply(consent(true, '2026-02-03T00:00:00Z'));
    expect(await known()).toBe('1990-05-17');
    await ana.apply(consent(false, '2026-02-04T00:00:00Z'));
    expect(await known()).toBeNull();
  });

  it('is what was said last, whichever is told last, and can be taken back', async () => {
    const ana = await club();
    const known = async () => (await ana.profile('2026-04-01T00:00:00Z')).birthday;
    await ana.apply(
      consent(true, '2026-02-03T00:00:00Z'),
      said('--12-31', '2026-02-05T00:00:00Z'),
      said('1990-05-17', '2026-02-01T00:00:00Z'),
    );
    expect(await known()).toBe('12-31');
    await ana.apply(said(null, '2026-02-06T00:00:00Z'));
    expect(await known()).toBeNull();
  });

  it('is exported, and is gone once she is erased', async () => {
    const ana = await club();
    await ana.apply(
      consent(true, '2026-02-03T00:00:00Z'),
      said('1987-05-17', '2026-02-01T00:00:00Z'),
    );
    const all = await exportMember(database.pool, ana.tenant, 'ana', ['ana'], new Date());
    expect(all.accounts).toMatchObject([{ birthday: '1987-05-17' }]);
    expect(all.profile).toMatchObject({ birthday: '1987-05-17' });
    await ana.apply({ type: 'member.erased', at: '2026-03-01T00:00:00Z' });
    for (const table of ['members', 'profiles', 'events']) {
      const { rows } = await database.pool.query<{ text: string }>(
        `select (to_jsonb(t) - 'id')::text as text from laurel.${table} t where tenant = $1`,
        [ana.tenant],
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ text }) => text.includes('05-17'))).toEqual([]);
    }
  });
});
