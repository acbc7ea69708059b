import { afterAll, beforeAll, expect, it } from 'vitest';

import { rebuild } from '../src/ledger/rebuild/rebuild.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { type HttpApi, openHttpApi } from './http-api.ts';
import { type Delivery, deliveriesOf } from './shop/deliveries.ts';
import { liveShop } from './shop/model.ts';
import { random } from './shop/random.ts';
import { type Recount, recount } from './shop/recount.ts';
import { shopConnection, shopHeaders } from './webhooks.ts';

const seed = 20_260_504;
const shop = liveShop(seed, { customers: 60, orders: 330 });
const deliveries = deliveriesOf(shop, seed);

let api: HttpApi;
beforeAll(async () => {
  const connection = { ...shopConnection, taxesIncluded: true };
  api = await openHttpApi({
    webhooks: {
      ordered: { ...connection, tenant: 'ordered' },
      shuffled: { ...connection, tenant: 'shuffled' },
    },
    now: () => new Date('2030-01-01T00:00:00Z'),
  });
});
afterAll(() => api.close());

/** Several at once, as shops do. @returns what the replies' counts come to */
async function deliver(to: string, all: readonly Delivery[]) {
  const sums: Record<string, number> = {};
  const queue = [...all.entries()];
  const one = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [n, { topic, payload }] = next;
      const body = JSON.stringify(payload);
      const reply = await api.app.inject({
        method: 'POST',
        url: `/v1/webhooks/shopify/${to}`,
        headers: shopHeaders(topic, body, `delivery-${n}`),
        payload: body,
      });
      if (reply.statusCode !== 200) throw new Error(`${topic}: ${reply.body}`);
      const { problems, ...counts } = reply.json<Record<string, number> & { problems: unknown }>();
      if (counts['refused']) throw new Error(`${topic}: ${JSON.stringify(problems)}`);
      for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    }
  };
  await Promise.all(Array.from({ length: 6 }, one));
  return sums;
}

/** What the ledger has, by who it leads to. */
async function ledger(tenant: string): Promise<Map<string, Recount>> {
  const { rows } = await api.database.pool.query<Recount & { who: string }>(
    `with recursive led (account, root) as (
       select member_id, member_id from laurel.members where tenant = $1 and merged_into is null
       union all
       select m.member_id, led.root from laurel.members m join led on m.merged_into = led.account where m.tenant = $1),
     named as (
       select led.root, min(i.kind || ':' || replace(i.canonical, 'SHOPIFY', '')) as who
         from laurel.identities i join led on led.account = i.member_id where i.tenant = $1 group by led.root)
     select who, count(*)::int as orders, (count(*) filter (where p.state = 'cancelled'))::int as cancelled,
            sum(p.refunded)::int as refunded,
            coalesce(sum(p.total - p.refunded) filter (where p.state <> 'cancelled'), 0)::int as spend
       from laurel.purchases p join led on led.account = p.member_id join named using (root)
      where p.tenant = $1 and p.placed_at is not null group by who`,
    [tenant],
  );
  return new Map(rows.map(({ who, ...sums }) => [who, sums]));
}

const sorted = (all: Map<string, Recount>) =>
  [...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([who, sums]) => ({ who, ...sums }));

/** Profiles and purchases without what tells of the order of arrival. */
async function counted(tenant: string) {
  const { rows: purchases } = await api.database.pool.query(
    `select order_id, state, total, refunded, placed_at, channel, store,
            (select jsonb_agg(jsonb_build_array(product_id, quantity, refunded_quantity, unit_price, full_price) order by n)
               from laurel.purchase_lines l where l.tenant = p.tenant and l.order_id = p.order_id) as lines
       from laurel.purchases p where tenant = $1 order by order_id`,
    [tenant],
  );
  const { rows: members } = await api.database.pool.query(
    `select member_id, status, email, first_name, last_name from laurel.members
      where tenant = $1 and status <> 'unregistered' order by member_id`,
    [tenant],
  );
  const { rows: consents } = await api.database.pool.query(
    `select member_id, granted from laurel.consents where tenant = $1 order by member_id`,
    [tenant],
  );
  return { purchases, members, consents };
}

it('comes to what a naive recount of the shop’s days comes to', { timeout: 120_000 }, async () => {
  expect(deliveries.length).toBeGreaterThan(1_000);
  await deliver('ordered', deliveries);
  expect(sorted(await ledger('ordered'))).toEqual(sorted(recount(shop)));
  expect(
    (
      await api.database.pool.query(
        'select from laurel.held_events where tenant = $1 and problems <> $2',
        ['ordered', '[]'],
      )
    ).rowCount,
  ).toBe(0);
});

it('comes to the same in whatever order the webhooks arrive', { timeout: 120_000 }, async () => {
  const sums = await deliver('shuffled', random(seed + 1).shuffled(deliveries));
  expect(sums['waiting']).toBeGreaterThan(10);
  expect(sorted(await ledger('shuffled'))).toEqual(sorted(recount(shop)));
  expect(await counted('shuffled')).toEqual(await counted('ordered'));
});

it('is computed anew from its events to what is stored', { timeout: 120_000 }, async () => {
  const brands = await loadBrands('templates');
  const brandOf = (id: string) => brands.get(id)?.brand;
  const found: unknown[] = [];
  for await (const some of rebuild(api.database.pool, 'shuffled', brandOf, { store: false }))
    found.push(...some.differences, ...some.incomplete);
  expect(found).toEqual([]);
});

it('changes nothing when all of it is delivered once more', { timeout: 120_000 }, async () => {
  const before = await counted('ordered');
  const sums = await deliver('ordered', deliveries.slice(0, 300));
  expect(sums['applied']).toBe(0);
  expect(await counted('ordered')).toEqual(before);
});
