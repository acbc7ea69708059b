import { randomUUID } from 'node:crypto';

import { parse } from 'csv-parse/sync';
import { afterAll, beforeEach, expect, it } from 'vitest';

import { bonusReminder } from '../../templates/bonus-reminder/template.ts';
import { freshDatabase } from '../../test/database.ts';
import { transaction } from '../postgres/pool.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { addAudience } from './audience.ts';
import { type Campaign, changeCampaign, createCampaign, findCampaign } from './campaigns.ts';
import { campaignCounts } from './counts.ts';
import { fanOutOnce } from './fan-out.ts';
import { decideGates, Gate, releasePilot } from './pilot.ts';
import { reportCsv } from './report-csv.ts';
import { reportCampaign } from './report.ts';

const database = await freshDatabase();
const { pool } = database;
const brands = await loadBrands('templates');
afterAll(() => database.close());
beforeEach(() => pool.query('truncate messages, campaigns, alerts, laurel.purchases cascade'));

const members = Array.from({ length: 2_500 }, (_, n) => `m-${n}`);

async function started(more: Partial<Pick<Campaign, 'holdout' | 'pilot' | 'gate'>>) {
  const { id } = await createCampaign(pool, {
    id: randomUUID(),
    tenant: 'main',
    brand: 'juniper',
    template: 'bonus-reminder',
    parameters: { data: { bonusId: 'b', name: 'b', useBy: '2026-12-31T22:59:59Z' } },
    idempotencyKey: null,
    ...more,
  });
  await addAudience(pool, id, members);
  await transaction(pool, (db) => changeCampaign(db, 'main', id, 'running'));
  return id;
}

async function fanOut(controlGroupPercent = 0): Promise<void> {
  const brand = brands.get('juniper')?.brand;
  const parts = {
    brandOf: () => brand && { ...brand, controlGroupPercent },
    templateOf: () => bonusReminder,
    now: () => new Date('2026-06-01T09:00:00Z'),
  };
  while ((await fanOutOnce((work) => transaction(pool, work), parts)) > 0);
}

/** Counted by Postgres, as anyone can. */
async function drawn(name: string, share: number): Promise<string[]> {
  const { rows } = await pool.query<{ member: string }>(
    `select member from unnest($1::text[]) as member
      where ('x' || left(md5($2 || ':' || member), 8))::bit(32)::bigint / 4294967296.0 < $3::float8`,
    [members, name, share],
  );
  return rows.map(({ member }) => member).toSorted();
}

async function messagesWhere(id: string, where: string): Promise<string[]> {
  const { rows } = await pool.query<{ member: string }>(
    `select member_id as member from messages where campaign_id = $1 and ${where}`,
    [id],
  );
  return rows.map(({ member }) => member).toSorted();
}

const pilotOf = async (id: string) => (await findCampaign(pool, 'main', id))?.pilotState;

it('S20: writes to the pilot first, to the others once released, and never to the holdout or the control group', async () => {
  const id = await started({ holdout: 0.1, pilot: 0.2 });
  await fanOut(5);
  const pilot = await drawn(`pilot:${id}`, 0.2);
  expect(pilot.length).toBeGreaterThan(400);
  expect(pilot.length).toBeLessThan(600);
  expect(await messagesWhere(id, 'true')).toEqual(pilot);
  expect(await findCampaign(pool, 'main', id)).toMatchObject({
    state: 'running',
    pilotState: 'waiting',
  });
  await fanOut(5);
  expect(await messagesWhere(id, 'true')).toEqual(pilot);

  expect(await releasePilot(pool, 'main', id)).toBe(true);
  expect(await releasePilot(pool, 'main', id)).toBe(false);
  await fanOut(5);
  expect(await findCampaign(pool, 'main', id)).toMatchObject({ state: 'done' });
  const control = await drawn('control:main:juniper', 0.05);
  const holdout = (await drawn(`holdout:${id}`, 0.1)).filter((one) => !control.includes(one));
  expect(await messagesWhere(id, `reason = 'control-group'`)).toEqual(control);
  expect(await messagesWhere(id, `reason = 'holdout'`)).toEqual(holdout);
  expect(await messagesWhere(id, 'true')).toEqual(members.toSorted());
  const counts = await campaignCounts(pool, id);
  expect(counts.find(({ state }) => state === 'queued')?.count).toBe(
    2_500 - control.length - holdout.length,
  );
});

const gate = Gate.parse({ afterMinutes: 30, failures: 0.05, complaints: 0.001 });
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const decide = (minutes: number) => transaction(pool, (db) => decideGates(db, inMinutes(minutes)));

it('S20: a gate lets the others through when its time has come, all of the pilot was sent and its figures are good', async () => {
  const id = await started({ pilot: 0.2, gate });
  await fanOut();
  expect(await decide(31)).toBe(0);
  await pool.query(`update messages set state = 'sent', finished_at = now()`);
  expect(await decide(29)).toBe(0);
  expect(await pilotOf(id)).toBe('waiting');
  expect(await decide(31)).toBe(1);
  expect(await pilotOf(id)).toBe('released');
  await fanOut();
  expect(await messagesWhere(id, 'true')).toHaveLength(2_500);
});

it.each([
  [
    'complaints',
    `insert into mail_stats (tenant, hour, brand, template, campaign, trigger, what, reason, n)
    select tenant, now(), brand, template, id::text, '', 'complaint', '', 3 from campaigns where pilot_state = 'waiting'`,
  ],
  [
    'failures',
    `update messages set state = 'failed' where id in (select id from messages limit 60)`,
  ],
  ['no mail', `update messages set state = 'suppressed'`],
])('S20: a gate stops where there are too many %s, and tells somebody', async (what, fault) => {
  const id = await started({ pilot: 0.2, gate });
  await fanOut();
  await pool.query(`update messages set state = 'sent', finished_at = now()`);
  await pool.query(fault);
  expect(await decide(31)).toBe(1);
  expect(await pilotOf(id)).toBe('failed');
  const alerts = await pool.query(
    `select data ->> 'why' as why from alerts where type = 'campaign.gate-failed'`,
  );
  expect(alerts.rows).toEqual([{ why: expect.stringContaining(what) }]);
  await fanOut();
  expect((await messagesWhere(id, 'true')).length).toBeLessThan(700);
  expect(await releasePilot(pool, 'main', id)).toBe(true);
});

async function campaignOf(id: string): Promise<Campaign> {
  const found = await findCampaign(pool, 'main', id);
  if (!found) throw new Error('the campaign is gone');
  return found;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
const variance = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + (one - mean(values)) ** 2, 0) / (values.length - 1);

it('S20: reports what members bought against those kept out, with the interval a statistician would give', async () => {
  const id = await started({ holdout: 0.3 });
  await fanOut();
  // Every fourth of those written to bought for 10.00, every tenth of the others for 8.00; what was before or given back doesn't count.
  const held = new Set(await messagesWhere(id, `reason = 'holdout'`));
  const spent = { treated: [] as number[], holdout: [] as number[] };
  const orders: [member: string, total: number, refunded: number, days: number, state: string][] =
    [];
  for (const [n, member] of members.entries()) {
    const arm = held.has(member) ? 'holdout' : 'treated';
    const total = arm === 'treated' ? (n % 4 === 0 ? 1_000 : 0) : n % 10 === 0 ? 800 : 0;
    spent[arm].push(total);
    if (total > 0) orders.push([member, total + 50, 50, 3, 'placed']);
    if (n % 5 === 0)
      orders.push([member, 9_999, 0, -3, 'placed'], [member, 9_999, 0, 40, 'placed']);
    if (n % 7 === 0) orders.push([member, 9_999, 0, 2, 'cancelled']);
  }
  await pool.query(
    `insert into laurel.purchases (tenant, order_id, member_id, brand, placed_at, currency, total, refunded, state)
     select 'main', n::text, m, 'juniper', now() + make_interval(days => d), 'EUR', t, r, s
       from unnest($1::text[], $2::bigint[], $3::bigint[], $4::int[], $5::text[]) with ordinality as o (m, t, r, d, s, n)`,
    [0, 1, 2, 3, 4].map((column) => orders.map((order) => order[column])),
  );
  // Of each arm every fifth spent points, or used a coupon within two weeks; not before, nor long after.
  const redeemers = members.filter((_, n) => n % 5 === 0);
  const half = redeemers.length / 2;
  await pool.query(
    `insert into laurel.points_entries (tenant, member_id, ledger_version, n, kind, points, at)
     select 'main', m, 1, 1, 'spend', -100, now() + interval '2 days' from unnest($1::text[]) as m
     union all select 'main', m, 2, 1, 'spend', -100, now() - interval '2 days' from unnest($2::text[]) as m
     union all select 'main', m, 3, 1, 'earn', 100, now() + interval '2 days' from unnest($2::text[]) as m`,
    [redeemers.slice(0, half), members],
  );
  await pool.query(
    `insert into laurel.coupons (tenant, code, member_id, used_at)
     select 'main', 'c-' || m, m, now() + interval '3 days' from unnest($1::text[]) as m
     union all select 'main', 'late-' || m, m, now() + interval '30 days' from unnest($2::text[]) as m`,
    [redeemers.slice(half), members],
  );
  const report = await reportCampaign(pool, await campaignOf(id), { days: 14, currency: 'EUR' });
  const { treated, holdout } = spent;
  const margin =
    1.959964 * Math.sqrt(variance(treated) / treated.length + variance(holdout) / holdout.length);
  expect(report.mails).toMatchObject({
    accepted: 2_500,
    suppressed: { count: held.size, base: 2_500, of: 'accepted', share: held.size / 2_500 },
    reasons: { suppressed: { holdout: held.size } },
  });
  expect(report.treated).toMatchObject({ members: treated.length });
  expect(report.holdout).toMatchObject({ members: holdout.length });
  expect(report.treated.spendPerMember).toBeCloseTo(mean(treated), 6);
  expect(report.holdout.spendPerMember).toBeCloseTo(mean(holdout), 6);
  expect(report.treated.buyers).toBeCloseTo(mean(treated.map((one) => Number(one > 0))), 9);
  const { spendPerMember } = report.difference;
  expect(spendPerMember?.value).toBeCloseTo(mean(treated) - mean(holdout), 6);
  expect(spendPerMember?.from).toBeCloseTo(mean(treated) - mean(holdout) - margin, 4);
  expect(spendPerMember?.to).toBeCloseTo(mean(treated) - mean(holdout) + margin, 4);
  const redeemedIn = (arm: 'treated' | 'holdout') =>
    redeemers.filter((one) => held.has(one) === (arm === 'holdout')).length / spent[arm].length;
  expect(report.treated.redeemers).toBeCloseTo(redeemedIn('treated'), 9);
  expect(report.holdout.redeemers).toBeCloseTo(redeemedIn('holdout'), 9);
  expect(report.difference.redeemers?.value).toBeCloseTo(
    redeemedIn('treated') - redeemedIn('holdout'),
    9,
  );
  const table = parse(reportCsv(report), { relaxColumnCount: true });
  expect(table).toContainEqual([
    'suppressed: holdout',
    `${held.size}`,
    '2500',
    'accepted',
    `${held.size / 2_500}`,
  ]);
  expect(table).toContainEqual(['members', `${treated.length}`, `${holdout.length}`, '', '', '']);
});
