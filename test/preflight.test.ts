import { afterAll, beforeAll, expect, it } from 'vitest';

import { openDryRun } from '../src/app/dry-run.ts';
import { addAudience, excludeMembers } from '../src/campaign/audience.ts';
import {
  type Campaign,
  changeCampaign,
  createCampaign,
  findCampaign,
} from '../src/campaign/campaigns.ts';
import { campaignCounts } from '../src/campaign/counts.ts';
import { preflight } from '../src/campaign/preflight.ts';
import { loadConfig } from '../src/config.ts';
import { transaction } from '../src/postgres/pool.ts';
import { loadProject } from '../src/project/load-project.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let dry: Awaited<ReturnType<typeof openDryRun>>;
beforeAll(async () => {
  world = await openWorld('postgres', { timeStands: true });
  const { pool, log } = world.app;
  const project = await loadProject();
  dry = await openDryRun({ config: loadConfig(world.env), log, pool, project, now: world.now });
});
afterAll(async () => {
  await dry.close();
  await world.close();
});

const members = ['noah-reyes', 'sam-doyle', 'ida-novak', 'rosa-marin', 'hanna-vogel', 'nobody'];

async function make(
  more: Partial<Pick<Campaign, 'template' | 'parameters' | 'segments' | 'group'>> = {},
) {
  const { pool } = world.app;
  const { id } = await createCampaign(pool, {
    id: crypto.randomUUID(),
    tenant: 'main',
    brand: 'juniper',
    template: 'year-in-review',
    parameters: { year: 2026 },
    idempotencyKey: null,
    ...more,
  });
  await addAudience(pool, id, members);
  await excludeMembers(pool, id, ['hanna-vogel']);
  return id;
}

async function look(id: string, sample: number | null) {
  const { pool, brands, templates } = world.app;
  const campaign = await findCampaign(pool, 'main', id);
  const brand = brands.get('juniper')?.brand;
  const template = templates.find(({ name }) => name === campaign?.template);
  if (!campaign || !brand || !template) throw new Error('not there');
  const parts = {
    pool,
    brand,
    template,
    now: world.now,
    attempt: dry.attempt,
    liveVersionOf: async () => null,
  };
  return preflight(campaign, parts, sample);
}

const messages = async (id: string) =>
  (await world.app.pool.query('select from messages where campaign_id = $1', [id])).rowCount;

it('tells what the campaign then does, and neither sends nor stores anything', async () => {
  const id = await make({
    group: 'reviews',
    segments: [{ name: 'german', conditions: { language: ['de'], tier: ['gold', 'green'] } }],
  });
  const found = await look(id, null);
  expect(world.sink.mails).toEqual([]);
  expect(await messages(id)).toBe(0);
  const turns = await world.app.pool.query('select from campaign_group_members');
  expect(turns.rowCount).toBe(0);
  expect(found.errors).toEqual({});
  expect(found.lookedAt).toBe(found.audience);
  expect(found.suppressed['excluded']).toMatchObject({ count: 1, examples: ['hanna-vogel'] });
  expect(found.tooLittle?.count).toBeGreaterThanOrEqual(1);
  expect(found.tooLittle?.examples.length).toBe(Math.min(3, found.tooLittle?.count ?? 0));
  expect(found.bytes?.smallest).toBeGreaterThan(1_000);

  await transaction(world.app.pool, (db) => changeCampaign(db, 'main', id, 'running'));
  const counts = await untilDone(id);
  const sent = counts.find(({ state }) => state === 'sent')?.count ?? 0;
  const suppressed = counts.filter(({ state }) => state === 'suppressed');
  expect(found.willSend.count).toBe(sent);
  expect(sent).toBeGreaterThan(1);
  expect(
    Object.fromEntries(Object.entries(found.suppressed).map(([why, { count }]) => [why, count])),
  ).toEqual(Object.fromEntries(suppressed.map(({ reason, count }) => [reason, count])));
  expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(found.audience);
});

async function untilDone(id: string) {
  const until = Date.now() + 60_000;
  for (;;) {
    // First whether all exist: what is counted afterwards is all of them.
    const done = (await findCampaign(world.app.pool, 'main', id))?.state === 'done';
    const counts = await campaignCounts(world.app.pool, id);
    const open = counts.some(({ state }) => ['queued', 'sending', 'held'].includes(state));
    if (done && !open) return counts;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(counts)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('draws the same sample again, and says what is broken', async () => {
  const id = await make({ template: 'bonus-reminder', parameters: { data: { bonusId: 'b' } } });
  const first = await look(id, 3);
  expect(first).toMatchObject({ audience: 6, lookedAt: 3 });
  const again = await look(id, 3);
  expect({ ...again, estimatedSeconds: 0 }).toEqual({ ...first, estimatedSeconds: 0 });
  const all = await look(id, null);
  const [broken] = Object.values(all.errors);
  expect(broken?.count).toBeGreaterThan(1);
  expect(broken?.error).toContain('name');
  expect(await messages(id)).toBe(0);
});
