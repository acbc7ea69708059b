import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { yearInReview } from '../../../templates/year-in-review/template.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { addAudience } from '../../campaign/audience.ts';
import { changeCampaign, createCampaign } from '../../campaign/campaigns.ts';
import { fanOutOnce } from '../../campaign/fan-out.ts';
import { transaction } from '../../postgres/pool.ts';
import { loadBrands } from '../../render/voice/brand-files.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

let ids = 0;
const event = (type: string, fields: object) => {
  ids += 1;
  return { source: 'test', id: `e${ids}`, at: '2026-03-01T10:00:00Z', type, ...fields };
};
const pair = (type: string) =>
  event(type, { memberId: 'ana', otherMemberId: 'bea', reason: 'asked' });

it('what was counted before accounts were merged or parted is counted again, and one message left', async () => {
  const { pool } = database;
  const tell = (...events: readonly unknown[]) => applyEvents(pool, 't', brandOf, events);
  for (const [memberId, total] of [['ana', 700] as const, ['bea', 50] as const])
    await tell(
      event('member.enrolled', { memberId, brand: 'juniper', membershipNumber: memberId }),
      event('order.placed', {
        memberId,
        orderId: memberId,
        channel: 'store',
        currency: 'EUR',
        total,
      }),
    );
  const brands = await loadBrands('templates');
  const id = crypto.randomUUID();
  const campaign = { id, tenant: 't', brand: 'juniper', template: 'year-in-review' };
  await createCampaign(pool, { ...campaign, parameters: { year: 2026 }, idempotencyKey: null });
  await addAudience(pool, id, ['ana', 'bea']);
  await transaction(pool, (db) => changeCampaign(db, 't', id, 'running'));
  await fanOutOnce((work) => transaction(pool, work), {
    brandOf: (brand) => brands.get(brand)?.brand,
    templateOf: () => yearInReview,
    now: () => new Date(),
  });
  const messages = async () =>
    (
      await pool.query<{ said: string }>(
        `select concat_ws(' ', member_id, state, reason, data -> 'figures' -> 'spent' ->> 'amount') as said
           from laurel.messages order by member_id`,
      )
    ).rows.map(({ said }) => said);

  expect(await messages()).toEqual(['ana queued 700', 'bea queued 50']);
  await tell(pair('members.merged'));
  expect(await messages()).toEqual(['ana queued 750', 'bea cancelled accounts-merged 50']);
  await tell(pair('members.unmerged'));
  expect(await messages()).toEqual(['ana queued 700', 'bea cancelled accounts-merged 50']);
});
