import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import { bonusReminder } from '../../templates/bonus-reminder/template.ts';
import { templates } from '../../templates/index.ts';
import { freshDatabase } from '../../test/database.ts';
import { defineTemplate } from '../decision/define-template.ts';
import { applyEvents } from '../ledger/apply.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { transaction } from '../postgres/pool.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { addAudience, excludeMembers } from './audience.ts';
import { type Campaign, changeCampaign, createCampaign } from './campaigns.ts';
import { fanOutOnce } from './fan-out.ts';
import { campaignTemplate, parametersOf } from './parameters.ts';
import { readAudience } from './read-audience.ts';
import { rowData } from './row-data.ts';

const database = await freshDatabase();
const { pool } = database;
let brandOf: BrandOf;
let brands: Awaited<ReturnType<typeof loadBrands>>;
beforeAll(async () => {
  [brandOf, brands] = await Promise.all([fixtureBrandOf(), loadBrands('templates')]);
});
afterAll(() => database.close());
beforeEach(() => pool.query('truncate messages, campaigns cascade'));

const common = { bonusId: 'spring-500', name: '500 stars', useBy: '2026-12-31T22:59:59Z' };

const make = (
  more: Partial<Pick<Campaign, 'group' | 'parameters' | 'segments' | 'excludedSegments'>> = {},
) =>
  createCampaign(pool, {
    id: randomUUID(),
    tenant: 'main',
    brand: 'juniper',
    template: 'bonus-reminder',
    parameters: { data: common },
    idempotencyKey: null,
    ...more,
  });

const start = (id: string) => transaction(pool, (db) => changeCampaign(db, 'main', id, 'running'));

async function fanOut(): Promise<void> {
  const parts = {
    brandOf: (id: string) => brands.get(id)?.brand,
    now: () => new Date('2026-06-01T09:00:00Z'),
    templateOf: (name: string) => {
      const found = templates.find((one) => one.name === name);
      if (!found) throw new Error(`no ${name}`);
      return found;
    },
  };
  while ((await fanOutOnce((work) => transaction(pool, work), parts)) > 0);
}

async function messagesOf(id: string) {
  const { rows } = await pool.query<{
    member: string;
    what: string;
    data: unknown;
    about: unknown;
  }>(
    `select member_id as member, concat_ws(' ', state, reason) as what, data, about
       from messages where campaign_id = $1 order by member_id`,
    [id],
  );
  return rows;
}

it('a member’s own fields stand in place of the campaign’s, and what the mail is about follows from them', async () => {
  const { id } = await make();
  await addAudience(pool, id, ['ana', 'bea'], [null, { bonusId: 'own', name: 'Own' }]);
  await start(id);
  await fanOut();
  expect(await messagesOf(id)).toEqual([
    { member: 'ana', what: 'queued', data: common, about: ['bonus:spring-500'] },
    {
      member: 'bea',
      what: 'queued',
      data: { ...common, bonusId: 'own', name: 'Own' },
      about: ['bonus:own'],
    },
  ]);
});

const event = (type: string, fields: object) => ({
  source: 'test',
  id: randomUUID(),
  at: '2026-03-01T10:00:00Z',
  type,
  ...fields,
});

it('whom it excludes gets nothing and is told why, under whichever account the list names them', async () => {
  for (const memberId of ['cleo', 'cleo-old'])
    await applyEvents(pool, 'main', brandOf, [
      event('member.enrolled', { memberId, brand: 'juniper', membershipNumber: memberId }),
    ]);
  await applyEvents(pool, 'main', brandOf, [
    event('members.merged', { memberId: 'cleo', otherMemberId: 'cleo-old', reason: 'asked' }),
  ]);
  const { id } = await make();
  await addAudience(pool, id, ['ana', 'bea', 'cleo', 'cleo-old']);
  expect(await excludeMembers(pool, id, ['bea', 'cleo-old', 'somebody', 'bea'])).toBe(3);
  await start(id);
  await expect(excludeMembers(pool, id, ['ana'])).rejects.toMatchObject({ code: 'wrong-state' });
  await fanOut();
  expect(await messagesOf(id)).toMatchObject([
    { member: 'ana', what: 'queued' },
    { member: 'bea', what: 'suppressed excluded', data: {}, about: [] },
    { member: 'cleo', what: 'suppressed excluded' },
  ]);
});

it('a member in several campaigns of a group gets one mail, whichever comes first, however they run at once', async () => {
  const members = Array.from({ length: 3_000 }, (_, n) => `m-${n}`);
  const campaigns = await Promise.all(
    ['spring', 'spring', 'spring'].map((group) => make({ group })),
  );
  const alone = await make({ group: 'autumn' });
  for (const [index, { id }] of [...campaigns, alone].entries()) {
    await addAudience(pool, id, index % 2 === 0 ? members : members.toReversed());
    await start(id);
  }
  await Promise.all([fanOut(), fanOut(), fanOut()]);
  const { rows } = await pool.query<{ state: string; reason: string | null; count: number }>(
    `select state, reason, count(*)::int as count from messages where campaign_id <> $1 group by 1, 2 order by 1`,
    [alone.id],
  );
  expect(rows).toEqual([
    { state: 'queued', reason: null, count: 3_000 },
    { state: 'suppressed', reason: 'in-campaign-group', count: 6_000 },
  ]);
  const once = await pool.query(
    `select member_id from messages where campaign_id <> $1 and state = 'queued' group by 1 having count(*) = 1`,
    [alone.id],
  );
  expect(once.rowCount).toBe(3_000);
  const others = await pool.query(
    `select from messages where campaign_id = $1 and state = 'queued'`,
    [alone.id],
  );
  expect(others.rowCount).toBe(3_000);
});

it('a turn in a group is free again once its message turned out not to be sent', async () => {
  const first = await make({ group: 'spring' });
  await addAudience(pool, first.id, ['ana', 'bea']);
  await start(first.id);
  await fanOut();
  await pool.query(
    `update messages set state = 'suppressed', reason = 'no-marketing-consent' where member_id = 'ana'`,
  );
  const second = await make({ group: 'spring' });
  await addAudience(pool, second.id, ['ana', 'bea']);
  await start(second.id);
  await fanOut();
  expect(await messagesOf(second.id)).toMatchObject([
    { member: 'ana', what: 'queued' },
    { member: 'bea', what: 'suppressed in-campaign-group' },
  ]);
});

it('adds the members of its segments when it starts, also beside a list, and leaves those of others out', async () => {
  for (const [memberId, locale] of [
    ['s-ana', 'de-DE'],
    ['s-bea', 'fr-FR'],
    ['s-cleo', 'de-AT'],
    ['s-dora', 'en-GB'],
  ] as const)
    await applyEvents(pool, 'main', brandOf, [
      {
        source: 'test',
        id: randomUUID(),
        at: '2026-03-01T10:00:00Z',
        type: 'member.enrolled',
        memberId,
        brand: 'juniper',
        membershipNumber: memberId,
        locale,
      },
    ]);
  const { id } = await make({
    segments: [
      { name: 'german', conditions: { language: ['de'], daysSinceEnrolment: { atLeast: 30 } } },
      { name: 'french', conditions: { language: ['fr'] } },
    ],
    excludedSegments: [{ name: 'french', conditions: { language: ['fr'] } }],
  });
  await addAudience(pool, id, ['s-dora', 's-ana', 's-stranger']);
  await start(id);
  await fanOut();
  expect(await messagesOf(id)).toMatchObject([
    { member: 's-ana', what: 'queued' },
    { member: 's-bea', what: 'suppressed excluded' },
    { member: 's-cleo', what: 'queued' },
    { member: 's-dora', what: 'queued' },
    { member: 's-stranger', what: 'queued' },
  ]);
});

const Everything = z.strictObject({
  text: z.string(),
  count: z.int(),
  yes: z.boolean().optional(),
  price: z.strictObject({ amount: z.int(), currency: z.string() }).optional(),
  tags: z.array(z.string()).optional(),
  code: z.union([z.string(), z.number()]).optional(),
});
const everything = defineTemplate({
  name: 'everything',
  title: 'Everything',
  class: 'commercial',
  schema: Everything,
  blocks: [],
  headline: () => ({}),
  onUnknown: 'resend',
});

async function read(text: string, form: 'csv' | 'ndjson', data: object, ignore?: string[]) {
  async function* chunks() {
    yield Buffer.from(text);
  }
  const entries = [];
  const options = { form, rowData: rowData(everything, { data: { ...data } }, ignore) };
  for await (const { line: _line, ...entry } of readAudience(chunks(), options))
    entries.push(entry);
  return entries;
}

it('reads cells as what their field wants, and leaves empty ones to the campaign', async () => {
  const csv = [
    'memberId,count,yes,price.amount,tags,code',
    'ana,3,TRUE,450,"[""a"",""b""]",007',
    'bea,,,,,',
  ].join('\n');
  const data = { text: 'Hello', count: 1, price: { amount: 1, currency: 'EUR' } };
  expect(await read(csv, 'csv', data)).toEqual([
    {
      memberId: 'ana',
      data: {
        count: 3,
        yes: true,
        price: { amount: 450, currency: 'EUR' },
        tags: ['a', 'b'],
        code: '007',
      },
    },
    { memberId: 'bea' },
  ]);
  const json = '{"memberId":"ana","count":7,"price":{"amount":5,"currency":"EUR"}}\n"bea"';
  expect(await read(json, 'ndjson', data)).toEqual([
    { memberId: 'ana', data: { count: 7, price: { amount: 5, currency: 'EUR' } } },
    { memberId: 'bea' },
  ]);
});

it('names line and field of what the template can’t take', async () => {
  expect(await read('memberId,count\nana,three\nbea,\ncleo,2.5', 'csv', { text: 'x' })).toEqual([
    { problem: 'data.count must be a number, not a string' },
    { problem: 'data.count is missing; must be a number' },
    { problem: expect.stringContaining('data.count') },
  ]);
  const strange = read('memberId,tier,count\nana,gold,1', 'csv', { text: 'x' });
  await expect(strange).rejects.toMatchObject({ message: expect.stringContaining('line 1') });
  await expect(strange).rejects.toThrow('"tier" is no field of "everything"');
  expect(await read('memberId,tier,count\nana,gold,1', 'csv', { text: 'x' }, ['tier'])).toEqual([
    { memberId: 'ana', data: { count: 1 } },
  ]);
  expect(await read('{"memberId":"ana","__proto__":{"x":1},"count":1}', 'ndjson', {})).toEqual([
    { problem: expect.stringContaining('__proto__') },
  ]);
});

it('is of any commercial template the brand has, and says at once which field can’t be', () => {
  const juniper = { id: 'juniper', trades: [] };
  const now = new Date('2026-06-01T09:00:00Z');
  expect(campaignTemplate('bonus-reminder', juniper, templates)).toBe(bonusReminder);
  expect(() => campaignTemplate('welcome', juniper, templates)).toThrow(
    /is transactional.*bonus-reminder/,
  );
  // What is missing may come with the members.
  expect(parametersOf(bonusReminder, { data: { name: 'Spring' } }, now)).toEqual({
    data: { name: 'Spring' },
  });
  expect(() => parametersOf(bonusReminder, { data: { name: 7 } }, now)).toThrow(/data\.name/);
  expect(() => parametersOf(bonusReminder, { data: { nmae: 'x' } }, now)).toThrow(/data\.nmae/);
  expect(() => parametersOf(bonusReminder, { year: 2025 }, now)).toThrow(/year/);
});
