import { randomUUID } from 'node:crypto';

import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { afterAll, beforeEach, expect, it } from 'vitest';

import { freshDatabase } from '../../test/database.ts';
import { messageStates } from '../contract/message.ts';
import { feedbackKinds } from '../feedback/feedback.ts';
import { recordFeedback } from '../feedback/record.ts';
import { requeueMessage } from '../message/messages.ts';
import { transaction } from '../postgres/pool.ts';
import { readAfter } from './after.ts';
import { countHours } from './count.ts';
import { statsCsv } from './csv.ts';
import { figureNames, figures, figuresOf } from './figures.ts';
import { groupings, readStats } from './read.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());
beforeEach(() =>
  pool.query(
    'truncate messages, delivery_feedback, trigger_firings, mail_stats, mail_stat_hours cascade',
  ),
);

type Made = {
  readonly id: string;
  readonly tenant: string;
  readonly brand: string;
  readonly template: string;
  readonly campaign: string | null;
  readonly trigger: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly hoursAgo: number;
};

const campaigns = [randomUUID(), randomUUID()];
const waits = ['queued', 'held', 'sending'];

const message: fc.Arbitrary<Made> = fc.record({
  id: fc.uuid(),
  tenant: fc.constantFrom('main', 'other'),
  brand: fc.constantFrom('juniper', 'kestrel'),
  template: fc.constantFrom('welcome', 'bonus-reminder'),
  campaign: fc.constantFrom(null, ...campaigns),
  trigger: fc.constantFrom(null, 'bonus', 'birthday'),
  state: fc.constantFrom(...messageStates),
  reason: fc.constantFrom(null, 'address-suppressed', 'quiet-hours'),
  hoursAgo: fc.integer({ min: 0, max: 50 }),
});

async function store(made: readonly Made[]): Promise<void> {
  await pool.query(
    `insert into messages (id, tenant, request_hash, lane, template, brand, data, campaign_id, state, reason, next_at, accepted_at, finished_at)
     select id, tenant, '', case when campaign is null then 'transactional' else 'campaign' end, template, brand, '{}', campaign, state,
       reason, now(), now() - make_interval(hours => "hoursAgo"),
       case when state <> all($2) then now() - make_interval(hours => "hoursAgo") end
     from jsonb_to_recordset($1) as r(id uuid, tenant text, template text, brand text, campaign uuid, state text, reason text, "hoursAgo" int)`,
    [JSON.stringify(made), waits],
  );
  await pool.query(
    `insert into trigger_firings (tenant, brand, trigger, cause, at, due_at, state, message_id)
     select tenant, brand, trigger, id::text, now(), now(), 'fired', id
     from jsonb_to_recordset($1) as r(id uuid, tenant text, brand text, trigger text) where trigger is not null`,
    [JSON.stringify(made)],
  );
}

const keep = () => countHours((work) => transaction(pool, work), new AbortController().signal);

const asked = { since: new Date(Date.now() - 100 * 3_600_000) };

/** Counted from the rows themselves, the simplest way there is. */
async function byHand(tenant: string, by: 'template' | 'trigger' | 'campaign') {
  const name = { template: 'm.template', campaign: 'm.campaign_id::text', trigger: 't.trigger' }[
    by
  ];
  const { rows } = await pool.query<{ key: string; what: string; n: number }>(
    `select m.brand || ' ' || ${name} as key, m.state as what, count(*)::int as n
       from messages m left join trigger_firings t on t.message_id = m.id
      where m.tenant = $1 and ${name} is not null group by 1, 2
     union all
     select m.brand || ' ' || ${name}, f.kind, count(distinct m.id)::int
       from messages m left join trigger_firings t on t.message_id = m.id join delivery_feedback f on f.message_id = m.id
      where m.tenant = $1 and ${name} is not null group by 1, 2`,
    [tenant],
  );
  return rows.map(({ key, what, n }) => `${key} ${what} ${n}`).toSorted();
}

async function byStats(tenant: string, by: 'template' | 'trigger' | 'campaign') {
  const { lines } = await readStats(pool, tenant, { by, ...asked });
  return lines
    .flatMap(({ brand, name, figures: theirs }) =>
      figureNames.map((figure) => ({ key: `${brand} ${name}`, figure, n: theirs[figure].count })),
    )
    .filter(({ n }) => n > 0)
    .map(({ key, figure, n }) => `${key} ${figure} ${n}`)
    .toSorted();
}

/** What was counted by hand, under the figures' names; waiting is of two states. */
function named(counted: readonly string[]): string[] {
  const sums = new Map<string, number>();
  for (const line of counted) {
    const [brand, name, what = '', n] = line.split(' ');
    const figure = figureNames.find((one) => figures[one].counts.some((count) => count === what));
    if (!figure) continue;
    const key = `${brand} ${name} ${figure}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(n));
  }
  return [...sums].map(([key, n]) => `${key} ${n}`).toSorted();
}

async function expectEqual(): Promise<number> {
  let lines = 0;
  for (const tenant of ['main', 'other'])
    for (const by of groupings) {
      const expected = named(await byHand(tenant, by));
      expect({ tenant, by, figures: await byStats(tenant, by) }).toEqual({
        tenant,
        by,
        figures: expected,
      });
      lines += expected.length;
    }
  return lines;
}

it('says what counting every message says, before hours are kept, after, and after messages changed', async () => {
  let lines = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(message, { minLength: 10, maxLength: 60, selector: ({ id }) => id }),
      fc.array(
        fc.record({
          of: fc.nat(),
          kind: fc.constantFrom(...feedbackKinds),
          id: fc.constantFrom('a', 'b', 'c'),
        }),
        { maxLength: 30 },
      ),
      async (made, told) => {
        await pool.query(
          'truncate messages, delivery_feedback, trigger_firings, mail_stats, mail_stat_hours cascade',
        );
        const half = made.slice(0, made.length / 2);
        await store(half);
        lines += await expectEqual();
        await keep();
        lines += await expectEqual();
        await store(made.slice(half.length));
        // Hours that were kept before take what came later only where that is later than them, as with every clock.
        await pool.query('delete from mail_stat_hours');
        await keep();
        for (const { of, kind, id } of told) {
          const one = made[of % made.length];
          if (!one) continue;
          const event = { id: `${id} ${kind} ${one.id}`, kind, at: new Date().toISOString() };
          await transaction(pool, (db) =>
            recordFeedback(db, one.tenant, id, [{ ...event, messageId: one.id }], new Date()),
          );
        }
        lines += await expectEqual();
        // Put back in line, though its hour was over and done with.
        for (const { id, tenant } of made) await requeueMessage(pool, tenant, id);
        lines += await expectEqual();
        await pool.query(
          `update messages set state = 'sent', finished_at = accepted_at where state = any($1)`,
          [waits],
        );
        await pool.query('update mail_stat_hours set due_at = now() where due_at is not null');
        await keep();
        lines += await expectEqual();
      },
    ),
    { numRuns: 25 },
  );
  expect(lines).toBeGreaterThan(800);
});

const sent = (over: Partial<Made>): Made => ({
  id: randomUUID(),
  tenant: 'main',
  brand: 'juniper',
  template: 'welcome',
  campaign: null,
  trigger: null,
  state: 'sent',
  reason: null,
  hoursAgo: 30,
  ...over,
});

it('keeps what it counted: what is removed from messages stays in reports, and an hour that is over is not looked at again', async () => {
  await store([
    sent({}),
    sent({}),
    sent({ state: 'suppressed', reason: 'opted-out' }),
    sent({ hoursAgo: 2, state: 'held' }),
  ]);
  expect(await keep()).toBe(2);
  expect(await keep()).toBe(0);
  const before = await readStats(pool, 'main', { by: 'template', ...asked });
  await pool.query(`delete from messages where state <> 'held'`);
  expect(await readStats(pool, 'main', { by: 'template', ...asked })).toEqual(before);
  const { rows } = await pool.query(
    'select due_at is null as kept from mail_stat_hours order by hour',
  );
  expect(rows).toEqual([{ kept: true }, { kept: false }]);
});

it('two that tell the same of a mail at once count it once', async () => {
  const one = sent({});
  await store([one]);
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      transaction(pool, (db) =>
        recordFeedback(
          db,
          'main',
          `source-${n}`,
          [{ id: 'x', kind: 'delivered', at: new Date().toISOString(), messageId: one.id }],
          new Date(),
        ),
      ),
    ),
  );
  const { lines } = await readStats(pool, 'main', { by: 'template', ...asked });
  expect(lines[0]?.figures.delivered).toEqual({ count: 1, of: 'sent', base: 1, share: 1 });
});

it('a percentage has its base, and none where there is nothing', () => {
  const some = figuresOf([
    { what: 'sent', reason: '', n: 40 },
    { what: 'suppressed', reason: 'opted-out', n: 10 },
    { what: 'hard-bounce', reason: '', n: 4 },
  ]);
  expect(some.sent).toEqual({ count: 40, of: 'accepted', base: 50, share: 0.8 });
  expect(some.hardBounced).toEqual({ count: 4, of: 'sent', base: 40, share: 0.1 });
  expect(figuresOf([]).clicked).toEqual({ count: 0, of: 'sent', base: 0, share: null });
});

it('says after how many mails points were spent, a coupon used or something bought, and writes it as CSV', async () => {
  const made = ['a', 'b', 'c', 'd'].map((member) => ({ ...sent({}), member }));
  await store(made);
  for (const { id, member } of made)
    await pool.query('update messages set member_id = $2 where id = $1', [id, member]);
  await pool.query(
    `insert into laurel.points_entries (tenant, member_id, ledger_version, n, kind, points, at) values
       ('main', 'a', 1, 1, 'spend', -5, now()), ('main', 'b', 1, 1, 'spend', -5, now() - interval '40 hours'),
       ('main', 'c', 1, 1, 'earn', 5, now())`,
  );
  await pool.query(
    `insert into laurel.coupons (tenant, code, member_id, used_at) values ('main', 'x', 'c', now()), ('main', 'y', 'd', now() + interval '9 days')`,
  );
  await pool.query(
    `insert into laurel.purchases (tenant, order_id, member_id, brand, placed_at, currency, total, state)
     values ('main', 'o', 'd', 'juniper', now(), 'EUR', 5, 'placed'), ('main', 'p', 'a', 'juniper', now(), 'EUR', 5, 'cancelled')`,
  );
  const stats = await readStats(pool, 'main', { by: 'template', ...asked });
  const after = await readAfter(pool, 'main', stats, 7);
  const theirs = { days: 7, mails: 4, redeemed: 2, bought: 1 };
  expect([...after]).toEqual([['juniper\nwelcome', theirs]]);
  const [row] = parse<Record<string, string>>(
    statsCsv(
      stats,
      stats.lines.map((line) => ({ ...line, after: theirs })),
    ),
    { columns: true },
  );
  expect(row).toMatchObject({
    template: 'welcome',
    accepted: '4',
    sent: '4',
    'sent of accepted': '1',
    'redeemed of sent': '0.5',
    'bought of sent': '0.25',
  });
});
