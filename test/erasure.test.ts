import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import { retain } from '../src/app/retention.ts';
import { addAudience, excludeMembers } from '../src/campaign/audience.ts';
import { createCampaign } from '../src/campaign/campaigns.ts';
import { loadConfig } from '../src/config.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { holdEvents } from '../src/ledger/held-events.ts';
import { canonicalOf } from '../src/ledger/identity/identity.ts';
import { rebuild } from '../src/ledger/rebuild/rebuild.ts';
import { askErasure } from '../src/members/erasure-requests.ts';
import { addressHash } from '../src/message/rows/guards.ts';
import { redisUrl } from './database.ts';
import { backends, openWorld, type World } from './world.ts';

/** In everything that is known of her, so that nothing of it is overlooked. */
const canary = 'zqcanary';
const email = `${canary}@mail.example`;
const her = 'm-4711';
const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T10:20:30Z`;

const base = (id: string, day: number) => ({ source: 'pos', id, at: at(day), memberId: her });
const events = [
  {
    ...base('e1', 1),
    type: 'member.enrolled',
    brand: 'juniper',
    membershipNumber: `${canary}-1`,
    email: `${canary}-old@mail.example`,
    firstName: `${canary}First`,
    lastName: `${canary}Last`,
    preferences: { avoidCategories: [`${canary}-fish`] },
    identities: [
      { kind: 'card', value: `${canary}77` },
      { kind: 'customer-number', value: `${canary}C1` },
    ],
  },
  { ...base('e2', 2), type: 'member.updated', email },
  {
    ...base('e3', 3),
    type: 'consent.changed',
    purpose: 'location',
    granted: true,
    givenAt: `${canary}-till`,
    proof: `${canary}-form-7`,
  },
  {
    ...base('e4', 4),
    type: 'order.placed',
    orderId: `${canary}-o1`,
    channel: 'store',
    store: 'Kantstrasse',
    currency: 'EUR',
    total: 1250,
    saved: 100,
    lines: [{ productId: 'oat-latte', quantity: 2, unitPrice: 625, fullPrice: true }],
    pointsEarned: { points: 12 },
  },
  {
    ...base('e5', 5),
    type: 'points.earned',
    points: 40,
    ref: `${canary}-ref`,
    reason: `${canary}-why`,
  },
  { ...base('e6', 6), type: 'points.locked', points: 10, lock: `${canary}-lock` },
  {
    ...base('e7', 7),
    type: 'bonus.granted',
    bonusId: `${canary}-bonus`,
    points: 50,
    reason: `${canary}-birthday`,
  },
  { ...base('e8', 8), type: 'coupon.issued', code: `${canary}-coupon`, offerId: 'x' },
  {
    ...base('e9', 9),
    type: 'signal.observed',
    kind: 'location',
    category: `${canary}-category`,
    store: `${canary}-store`,
  },
  {
    ...base('e10', 10),
    type: 'order.placed',
    // Numbers of cancelled orders stay on the list of what no mail may be about.
    orderId: 'o2',
    channel: 'app',
    currency: 'EUR',
    total: 300,
    lines: [],
    pointsEarned: { points: 3 },
  },
  { ...base('e11', 11), type: 'order.cancelled', orderId: 'o2' },
];
const data = { bonusId: `${canary}-bonus`, name: `${canary} bonus`, reason: `${canary} reason` };

describe.each(backends())('erased, on %s', (backend) => {
  let world: World;
  let folder: string;
  let outbox: string;
  const log: string[] = [];
  const brandOf = (id: string) => world.app.brands.get(id)?.brand;
  const apply = (list: readonly object[]) =>
    applyEvents(world.app.pool, 'main', brandOf, list).then((results) =>
      results.map(({ kind }) => kind),
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'laurel-erasure-'));
    outbox = join(folder, 'outbox');
    world = await openWorld(backend, {
      env: { SMTP_URL: '', OUTBOX_DIR: outbox, LOG_LEVEL: 'debug' },
      log: (line) => log.push(line),
    });
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  /** Every row of every table that has the canary in it, by table. */
  async function foundInTables(what = canary): Promise<string[]> {
    const { rows: tables } = await world.app.pool.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema in ('laurel', 'bullmq', 'public')`,
    );
    expect(tables.length).toBeGreaterThan(15);
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await world.app.pool.query<{ row: string }>(
        `select t::text as row from ${name} as t where t::text ilike $1`,
        [`%${what}%`],
      );
      found.push(...rows.map(({ row }) => `${name}: ${row}`));
    }
    return found;
  }

  async function foundInFiles(): Promise<string[]> {
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      names
        .filter((entry) => entry.isFile())
        .map(async (entry) => ({
          name: entry.name,
          text: await readFile(join(entry.parentPath, entry.name), 'utf8'),
        })),
    );
    return texts.flatMap(({ name, text }) => (text.toLowerCase().includes(canary) ? name : []));
  }

  async function foundInRedis(): Promise<string[]> {
    const url = redisUrl();
    if (backend === 'postgres' || url === null) return [];
    const redis = new Redis(url);
    try {
      const keys = await redis.keys(`*${world.env['QUEUE_PREFIX']}*`);
      const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
      expect(keys.length).toBeGreaterThan(0);
      return keys.filter((_, index) => dumps[index]?.includes(canary));
    } finally {
      redis.disconnect();
    }
  }

  /** What rooms beside ledger and messages know of her. */
  async function tellOtherRooms(messageId: string): Promise<void> {
    const { pool } = world.app;
    const id = randomUUID();
    const campaign = { id, tenant: 'main', brand: 'juniper', template: 'year-in-review' };
    await createCampaign(pool, { ...campaign, parameters: { year: 2025 }, idempotencyKey: null });
    await addAudience(pool, id, [her], [data]);
    await excludeMembers(pool, id, [her]);
    await pool.query(
      `insert into campaign_group_members (tenant, group_name, member_id, campaign_id, message_id)
       values ('main', 'spring', $1, $2, $3)`,
      [her, id, messageId],
    );
    for (const state of ['waiting', 'skipped'])
      await pool.query(
        `insert into trigger_firings (tenant, brand, trigger, cause, member_id, at, due_at, state, detail, facts)
         values ('main', 'juniper', 'hello', $1, $2, now(), now() + interval '1 day', $1, $3, $4)`,
        [state, her, `${canary} detail`, { event: events[6] }],
      );
    await askErasure(pool, 'main', {
      memberId: her,
      brand: 'juniper',
      askedAt: at(12),
      proof: `${canary}-link`,
    });
    await pool.query(
      `insert into pool_codes (tenant, brand, offer_id, code, member_id) values ('main', 'juniper', 'x', 'POOL-1', $1)`,
      [her],
    );
    await pool.query(
      `insert into delivery_feedback (tenant, source, id, kind, at, message_id, address_hash)
       values ('main', 'ses', 'f1', 'delivered', now(), $1, $2)`,
      [messageId, addressHash(email)],
    );
  }

  const sums = async () => {
    const { rows } = await world.app.pool.query(
      `select m.brand, extract(year from e.at at time zone 'Europe/Berlin') as year, e.kind, sum(e.points) as points,
              sum(e.qualifying) as qualifying
         from laurel.points_entries e join laurel.members m using (tenant, member_id)
        group by 1, 2, 3
       union all
       select brand, extract(month from placed_at at time zone 'Europe/Berlin'), state || channel || coalesce(store, ''),
              sum(total - refunded), sum(saved)
         from laurel.purchases group by 1, 2, 3
       union all
       select p.brand, 0, l.product_id, sum(l.quantity), sum(l.unit_price)
         from laurel.purchase_lines l join laurel.purchases p using (tenant, order_id, member_id) group by 1, 2, 3
        order by 1, 2, 3`,
    );
    return rows;
  };

  it('nothing personal is left anywhere, the sums stay, and nothing brings her back', async () => {
    const types = ['consent.changed', 'message.accepted', 'message.sent', 'trigger.skipped'];
    await world.app.pool.query('select laurel.set_webhook_endpoints($1)', [
      JSON.stringify([{ tenant: 'main', name: 'crm', types }]),
    ]);
    expect(await apply(events)).toEqual(events.map(() => 'applied'));
    const enqueue = world.app.producer.enqueue;
    const message = { template: 'bonus-posted', brand: 'juniper', data };
    const sent = await enqueue({ ...message, to: { memberId: her }, idempotencyKey: canary });
    const asGuest = await enqueue({ ...message, to: { email: email.toUpperCase(), name: canary } });
    await enqueue({ ...message, to: { email: `${canary}-old@mail.example` } });
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const waiting = await enqueue({ ...message, to: { memberId: her }, sendAt: later });
    await world.settled(sent.id);
    await world.settled(asGuest.id);
    expect((await foundInTables()).length).toBeGreaterThan(15);
    expect(await foundInFiles()).not.toEqual([]);
    // Under the same card, written otherwise.
    const identity = { kind: 'card', value: `${canary.toLowerCase()}–77` } as const;
    await holdEvents(world.app.pool, 'main', [
      {
        source: 'shop',
        id: 'held',
        connection: 'shop',
        orderId: 'o9',
        problems: [],
        canonical: canonicalOf(identity).canonical,
        event: { identity, type: 'order.paid', orderId: 'o9' },
      },
    ]);
    await tellOtherRooms(sent.id);
    // So that each of these would be seen if something stayed.
    const filled = new Set((await foundInTables(her)).map((row) => row.split(':')[0]));
    for (const table of [
      'campaign_audience',
      'campaign_exclusions',
      'campaign_group_members',
      'erasure_requests',
      'messages',
      'pool_codes',
      'trigger_firings',
      'webhook_deliveries',
    ])
      expect(filled).toContain(`laurel.${table}`);
    const before = await sums();

    expect(await apply([{ ...base('e99', 20), type: 'member.erased' }])).toEqual(['applied']);
    const config = loadConfig(world.env);
    await retain(
      { pool: world.app.pool, config, brandOf },
      new Date(),
      new AbortController().signal,
    );

    expect(await foundInTables()).toEqual([]);
    // That there was such an account, and that it is erased.
    expect(new Set((await foundInTables(her)).map((row) => row.split(':')[0]))).toEqual(
      new Set(['laurel.events', 'laurel.members', 'laurel.profiles']),
    );
    expect(await foundInFiles()).toEqual([]);
    expect(await foundInRedis()).toEqual([]);
    expect(log.filter((line) => line.toLowerCase().includes(canary))).toEqual([]);
    expect(await sums()).toEqual(before);
    expect(await world.settled(waiting.id)).toMatchObject({ state: 'cancelled', reason: 'erased' });
    expect(await world.settled(sent.id)).toMatchObject({ state: 'sent', template: 'bonus-posted' });

    for await (const { differences } of rebuild(world.app.pool, 'main', brandOf, { store: false }))
      expect(differences).toEqual([]);

    // The address stays suppressed, by its hash alone.
    const { rows } = await world.app.pool.query(
      'select scope, reason, address from laurel.suppressions where address_hash = $1',
      [addressHash(` ${email.toUpperCase()}`)],
    );
    expect(rows).toEqual([{ scope: 'all', reason: 'erased', address: null }]);
  });

  it('not the same events again, nor others about her, nor a message, nor a restart', async () => {
    expect(new Set(await apply(events))).toEqual(new Set(['duplicate']));
    const anew = events.map((event) => ({ ...event, id: `again-${event.id}` }));
    expect(new Set(await apply(anew))).toEqual(new Set(['ignored']));
    const again = await openApp({ config: loadConfig(world.env), log: openLog('silent') });
    const { id } = await again.producer.enqueue({
      template: 'bonus-posted',
      brand: 'juniper',
      to: { memberId: her },
      data,
    });
    expect(await world.settled(id)).toMatchObject({ state: 'suppressed', reason: 'erased' });
    await again.close();
    expect(await foundInTables()).toEqual([]);
  });
});
