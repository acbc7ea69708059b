import { randomUUID } from 'node:crypto';

import { afterAll, beforeEach, expect, it } from 'vitest';

import { freshDatabase } from '../../test/database.ts';
import { claimMessages, finishClaims } from '../delivery/claims.ts';
import { backlog, takeDue } from '../delivery/due.ts';
import { addAudience } from './audience.ts';
import {
  type CampaignState,
  changeCampaign,
  createCampaign,
  findCampaign,
  takeBackCancelled,
  takeCampaign,
} from './campaigns.ts';
import { campaignCounts } from './counts.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());
beforeEach(() => pool.query('truncate messages, campaigns cascade'));

async function campaign(): Promise<string> {
  const id = randomUUID();
  await createCampaign(pool, {
    id,
    tenant: 'main',
    brand: 'juniper',
    template: 'year-in-review',
    parameters: { year: 2025 },
    idempotencyKey: null,
  });
  return id;
}

/** A campaign whose messages all wait. */
async function fannedOut(messages: number, state: CampaignState = 'done'): Promise<string> {
  const id = await campaign();
  await pool.query('update campaigns set state = $2 where id = $1', [id, state]);
  await pool.query(
    `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, campaign_id, state, next_at)
     select gen_random_uuid(), 'main', '', 'campaign', 'year-in-review', 'juniper', 'm-' || n, '{}', $1, 'queued', now()
     from generate_series(1, $2) n`,
    [id, messages],
  );
  return id;
}

const countsOf = async (id: string) =>
  Object.fromEntries((await campaignCounts(pool, id)).map(({ state, count }) => [state, count]));

it('members added by several uploads at once are in the audience once, without a gap', async () => {
  const id = await campaign();
  const members = Array.from({ length: 2_000 }, (_, n) => `m-${n}`);
  const added = await Promise.all([
    addAudience(pool, id, members),
    addAudience(pool, id, members.slice(500)),
    addAudience(pool, id, members.toReversed()),
  ]);
  expect(added.reduce((sum, count) => sum + count)).toBe(2_000);
  expect((await findCampaign(pool, 'main', id))?.audienceSize).toBe(2_000);
  const { rows } = await pool.query('select max(position) as last from campaign_audience');
  expect(rows).toEqual([{ last: 2_000 }]);
});

it('whoever adds members to a campaign that has begun is told so', async () => {
  const id = await campaign();
  await addAudience(pool, id, ['m-1']);
  await changeCampaign(pool, 'main', id, 'running');
  await expect(addAudience(pool, id, ['m-2'])).rejects.toMatchObject({ code: 'wrong-state' });
});

it('what waits in a paused campaign is neither due nor backlog, and both again once it goes on', async () => {
  const paused = await fannedOut(3);
  await fannedOut(2);
  await changeCampaign(pool, 'main', paused, 'paused');
  expect(await backlog(pool)).toMatchObject([{ lane: 'campaign', waiting: 2 }]);
  expect(await takeDue(pool, 'campaign', 10)).toHaveLength(2);
  expect(await takeDue(pool, 'campaign', 10)).toHaveLength(0);
  await changeCampaign(pool, 'main', paused, 'running');
  expect(await takeDue(pool, 'campaign', 2)).toHaveLength(2);
  expect(await takeDue(pool, 'campaign', 10)).toHaveLength(1);
  expect(await backlog(pool)).toMatchObject([{ lane: 'campaign', waiting: 5 }]);
});

it('cancelling takes hold at once, however many messages wait, and takes them back bit by bit', async () => {
  const id = await fannedOut(12_000);
  await changeCampaign(pool, 'main', id, 'cancelled');
  expect(await takeDue(pool, 'campaign', 10)).toEqual([]);
  expect(await countsOf(id)).toMatchObject({ queued: 7_000, cancelled: 5_000 });
  while ((await takeBackCancelled(pool)) > 0);
  expect(await countsOf(id)).toEqual({ cancelled: 12_000 });
});

it('a message in a worker’s hands that comes back after its campaign was cancelled is cancelled too', async () => {
  const id = await fannedOut(1);
  const [messageId = ''] = await takeDue(pool, 'campaign', 1);
  const [claim] = await claimMessages(pool, [messageId], 15);
  await changeCampaign(pool, 'main', id, 'cancelled');
  await finishClaims(pool, [
    {
      id: messageId,
      token: claim?.token ?? '',
      state: 'queued',
      reason: 'smtp-451',
      error: null,
      at: new Date(),
      delayMs: 0,
      spentTries: 1,
      unknownOutcomes: 0,
      sentTo: null,
      transport: null,
      response: null,
      templateVersion: null,
      decision: null,
      message: null,
    },
  ]);
  expect(await takeBackCancelled(pool)).toBe(1);
  expect(await countsOf(id)).toEqual({ cancelled: 1 });
});

it('a campaign that is left alone does not keep the next from being taken', async () => {
  const first = await fannedOut(0, 'running');
  const second = await fannedOut(0, 'running');
  expect((await takeCampaign(pool, [], new Date()))?.id).toBe(first);
  expect((await takeCampaign(pool, [first], new Date()))?.id).toBe(second);
});
