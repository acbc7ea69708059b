import { randomUUID } from 'node:crypto';

import { afterAll, beforeEach, expect, it } from 'vitest';

import { bonusReminder } from '../../templates/bonus-reminder/template.ts';
import { templates } from '../../templates/index.ts';
import { freshDatabase } from '../../test/database.ts';
import { InvalidInput } from '../core/errors.ts';
import { transaction } from '../postgres/pool.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { type Alternative, alternativeOf, WantedAlternative } from './alternative.ts';
import { addAudience } from './audience.ts';
import { changeCampaign, createCampaign, findCampaign } from './campaigns.ts';
import { fanOutOnce } from './fan-out.ts';
import { reportCampaign } from './report.ts';

const database = await freshDatabase();
const { pool } = database;
const brands = await loadBrands('templates');
const brand = brands.get('juniper')?.brand;
if (!brand) throw new Error('there is no juniper');
afterAll(() => database.close());
beforeEach(() => pool.query('truncate messages, campaigns, laurel.purchases cascade'));

const members = Array.from({ length: 2_500 }, (_, n) => `m-${n}`);
const data = { bonusId: 'b', name: 'b', useBy: '2026-12-31T22:59:59Z' };

async function fannedOut(alternative: Alternative, holdout = 0): Promise<string> {
  const { id } = await createCampaign(pool, {
    id: randomUUID(),
    tenant: 'main',
    brand: 'juniper',
    template: 'bonus-reminder',
    parameters: { data },
    idempotencyKey: null,
    alternative,
    holdout,
  });
  await addAudience(pool, id, members);
  await transaction(pool, (db) => changeCampaign(db, 'main', id, 'running'));
  const parts = {
    brandOf: () => brand,
    templateOf: (name: string) => ({ ...bonusReminder, name }),
    now: () => new Date('2026-06-01T09:00:00Z'),
  };
  while ((await fanOutOnce((work) => transaction(pool, work), parts)) > 0);
  return id;
}

/** Counted by Postgres, as anyone can. */
async function drawn(id: string, share: number): Promise<string[]> {
  const { rows } = await pool.query<{ member: string }>(
    `select member from unnest($1::text[]) as member
      where ('x' || left(md5('alternative:' || $2 || ':' || member), 8))::bit(32)::bigint / 4294967296.0 < $3::float8`,
    [members, id, share],
  );
  return rows.map(({ member }) => member).toSorted();
}

async function membersWhere(id: string, where: string): Promise<string[]> {
  const { rows } = await pool.query<{ member: string }>(
    `select member_id as member from messages where campaign_id = $1 and ${where}`,
    [id],
  );
  return rows.map(({ member }) => member).toSorted();
}

it.each([
  ['another template', { template: 'bonus-reminder-b', pinnedVersion: null }],
  ['another version', { template: 'bonus-reminder', pinnedVersion: 'f'.repeat(64) }],
])('gives a share %s: always the same members, and all others the first mail', async (_, other) => {
  const id = await fannedOut({ share: 0.4, ...other });
  const b = await drawn(id, 0.4);
  expect(b.length).toBeGreaterThan(850);
  expect(b.length).toBeLessThan(1_150);
  const isB = `template = '${other.template}' and pinned_version is not distinct from ${other.pinnedVersion === null ? 'null' : `'${other.pinnedVersion}'`}`;
  expect(await membersWhere(id, isB)).toEqual(b);
  expect(
    await membersWhere(id, `template = 'bonus-reminder' and pinned_version is null`),
  ).toHaveLength(2_500 - b.length);
});

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
const varianceOf = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + (one - meanOf(values)) ** 2, 0) / (values.length - 1);

it('reports one against the other with the interval a statistician would give, and leaves the holdout out', async () => {
  const id = await fannedOut(
    { share: 0.5, template: 'bonus-reminder-b', pinnedVersion: null },
    0.2,
  );
  await pool.query(
    `update messages set state = 'sent', finished_at = now() where state = 'queued'`,
  );
  const [a, b] = [
    await membersWhere(id, `state = 'sent' and template = 'bonus-reminder'`),
    await membersWhere(id, `state = 'sent' and template = 'bonus-reminder-b'`),
  ];
  const clicks = [...a.filter((_, n) => n % 10 === 0), ...b.filter((_, n) => n % 5 === 0)];
  await pool.query(
    `insert into delivery_feedback (tenant, source, id, kind, at, message_id)
     select 'main', 'test', id || n::text, 'clicked', now(), id from messages, generate_series(1, 2) as n
      where member_id = any($1) and state = 'sent'`,
    [clicks],
  );
  await pool.query(
    `insert into laurel.purchases (tenant, order_id, member_id, brand, placed_at, currency, total, state)
     select 'main', m, m, 'juniper', now() + interval '1 day', 'EUR', 500, 'placed' from unnest($1::text[]) as m`,
    [[...a.filter((_, n) => n % 3 === 0), ...b.filter((_, n) => n % 2 === 0)]],
  );
  const campaign = await findCampaign(pool, 'main', id);
  if (!campaign) throw new Error('the campaign is gone');
  const { alternatives, treated } = await reportCampaign(pool, campaign, {
    days: 7,
    currency: 'EUR',
  });
  expect(treated.members).toBe(a.length + b.length);
  expect(alternatives?.a).toMatchObject({
    template: 'bonus-reminder',
    members: a.length,
    sent: a.length,
    clicked: a.filter((_, n) => n % 10 === 0).length,
  });
  expect(alternatives?.b).toMatchObject({
    template: 'bonus-reminder-b',
    members: b.length,
    sent: b.length,
    clicked: b.filter((_, n) => n % 5 === 0).length,
  });
  for (const [found, every, worth] of [
    [alternatives?.difference.clicked, [10, 5], 1],
    [alternatives?.difference.buyers, [3, 2], 1],
    [alternatives?.difference.spendPerMember, [3, 2], 500],
  ] as const) {
    const [ofA, ofB] = [a, b].map((side, at) =>
      side.map((_, n) => (n % (every[at] ?? 1) === 0 ? worth : 0)),
    );
    if (!ofA || !ofB) throw new Error('there are two');
    const value = meanOf(ofB) - meanOf(ofA);
    const margin =
      1.959964 * Math.sqrt(varianceOf(ofA) / ofA.length + varianceOf(ofB) / ofB.length);
    expect(found?.value).toBeCloseTo(value, 6);
    expect(found?.from).toBeCloseTo(value - margin, 4);
    expect(found?.to).toBeCloseTo(value + margin, 4);
  }
});

it('refuses what can’t be compared, naming the field', async () => {
  const first = {
    tenant: 'main',
    brand,
    template: bonusReminder,
    version: undefined,
    made: { data },
    now: new Date('2026-06-01T09:00:00Z'),
  };
  const asked = async (wanted: object): Promise<string> => {
    const parsed = WantedAlternative.safeParse(wanted);
    if (!parsed.success) return parsed.error.issues.map(({ message }) => message).join();
    return alternativeOf(pool, first, parsed.data, templates).then(
      (found) => JSON.stringify(found),
      (error: unknown) => {
        if (error instanceof InvalidInput) return error.message;
        throw error;
      },
    );
  };
  expect(await asked({ share: 0.3 })).toContain('needs a template or a templateVersion');
  expect(await asked({ template: 'bonus-reminder' })).toContain('same as the first');
  expect(await asked({ template: 'welcome' })).toMatch(/^alternative\.template.*commercial/);
  expect(await asked({ template: 'early-access' })).toMatch(
    /^alternative\.template.*does not take the same/,
  );
  expect(await asked({ template: 'year-in-review' })).toContain('does not take the same');
  expect(await asked({ templateVersion: 'abcdef0123' })).toMatch(
    /^alternative\.templateVersion.*no published version/,
  );
});
