import { randomUUID } from 'node:crypto';

import { openTemplates } from '../src/app/templates.ts';
import { addAudience } from '../src/campaign/audience.ts';
import { changeCampaign, createCampaign } from '../src/campaign/campaigns.ts';
import { fanOutOnce } from '../src/campaign/fan-out.ts';
import { openPool, transaction } from '../src/postgres/pool.ts';
import { activeMembers } from './members.ts';
import { tenant } from './services.ts';

const brandId = 'juniper';

/** A running campaign with so many mails that wait: those of the fixtures' members who take them, over and over. */
export async function fillCampaign(databaseUrl: string, mails: number): Promise<void> {
  const pool = openPool(databaseUrl);
  try {
    const { brands, templates } = await openTemplates();
    const willing = (await activeMembers(brandId)).filter(
      ({ consents }) => consents.marketing?.granted,
    );
    const { id } = await createCampaign(pool, {
      id: randomUUID(),
      tenant,
      brand: brandId,
      template: 'year-in-review',
      parameters: { year: 2026 },
      idempotencyKey: null,
    });
    await addAudience(
      pool,
      id,
      willing.map(({ memberId }) => memberId),
    );
    await transaction(pool, (db) => changeCampaign(db, tenant, id, 'running'));
    const parts = {
      brandOf: (brand: string) => brands.get(brand)?.brand,
      templateOf: templates.definition,
      now: () => new Date(),
    };
    while ((await fanOutOnce((work) => transaction(pool, work), parts)) > 0);
    await pool.query(
      `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, about, campaign_id, state, next_at)
       select gen_random_uuid(), m.tenant, '', m.lane, m.template, m.brand, m.member_id, m.data, m.about, m.campaign_id, 'queued', now()
       from generate_series(1, $2::int / $3::int) n cross join messages m where m.campaign_id = $1`,
      [id, mails, Math.max(1, willing.length)],
    );
    await pool.query('vacuum analyze messages');
  } finally {
    await pool.end();
  }
}
