import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { applyEvents } from '../ledger/apply.ts';
import { holdEvents } from '../ledger/held-events.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

it('lists held events, applies them once they can be, and forgets unwanted ones', async () => {
  const event = {
    source: 'shop',
    at: '2026-05-04T18:30:00+02:00',
    memberId: 'ana',
    brand: 'juniper',
  };
  const enrolled = { ...event, type: 'member.enrolled', id: 'h-1', membershipNumber: 'J-1' };
  const refund = { type: 'order.refunded', source: 'shop', id: 'h-2', orderId: '77' };
  const problems = [{ path: 'brand', message: 'brand "juniper" is not configured' }];
  const held = { source: 'shop', connection: 'shopify/shop', canonical: null };
  await holdEvents(database.pool, 'main', [
    { ...held, id: 'h-1', orderId: null, problems, event: enrolled },
    { ...held, id: 'h-2', orderId: '77', problems: [], event: refund },
  ]);
  const listed = await cli.laurel(['webhooks', 'held']);
  expect(listed.stdout).toBe(
    'shop  h-1  brand: brand "juniper" is not configured\nshop  h-2  waits for order 77\n',
  );
  const retried = await cli.laurel(['webhooks', 'retry']);
  expect(retried.stdout).toBe('1 event applied, 1 still held\n');
  const dropped = await cli.laurel(['webhooks', 'drop', 'shop', 'h-2']);
  expect(dropped).toMatchObject({ code: 0 });
  expect((await cli.laurel(['webhooks', 'held'])).stdout).toBe('');
});

it('L9: erases whom a shop that left alone told of, once somebody says so', async () => {
  const { pool } = database;
  const brandOf = await fixtureBrandOf();
  let ids = 0;
  const told = (source: string, type: string, fields: object) => {
    ids += 1;
    return { source, id: `r-${ids}`, at: '2026-05-04T18:30:00+02:00', type, ...fields };
  };
  const enrolled = (source: string, memberId: string) =>
    told(source, 'member.enrolled', { memberId, brand: 'juniper', membershipNumber: memberId });
  const earned = (source: string, who: object) =>
    told(source, 'points.earned', { points: 5, brand: 'juniper', ...who });
  const merged = (memberId: string, otherMemberId: string) =>
    told('gone-shop', 'members.merged', { memberId, otherMemberId, reason: 'same' });
  const results = await applyEvents(pool, 'main', brandOf, [
    ...['g1', 'g2', 'g3', 'g4', 'g5'].map((id) => enrolled('gone-shop', id)),
    enrolled('crm', 'c1'),
    earned('laurel', { memberId: 'g1' }),
    earned('pos', { memberId: 'g2' }),
    // g3 and g4 are one person, of whom the till knows under g4.
    earned('pos', { memberId: 'g4' }),
    merged('g3', 'g4'),
    merged('c1', 'g5'),
    earned('gone-shop', { identity: { kind: 'email', value: 'guest@mail.example' } }),
  ]);
  expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'applied'));
  const problems = [{ path: 'shop_domain', message: 'left' }];
  const one = { source: 'gone-shop', connection: 'shopify/gone-shop', canonical: null, problems };
  await holdEvents(pool, 'main', [
    { ...one, id: 'unread-1', orderId: null, event: { type: 'shop/redact' } },
  ]);
  const statuses = async () => {
    const { rows } = await pool.query<{ id: string; status: string }>(
      `select member_id as id, status from laurel.members where member_id ~ '^(g.|c1|unreg.*)$' order by 1`,
    );
    return Object.fromEntries(rows.map(({ id, status }) => [id.replace(/:.*/, ''), status]));
  };
  const before = await statuses();
  const asked = await cli.laurel(['webhooks', 'redact', 'gone-shop']);
  expect(asked).toMatchObject({
    code: 0,
    stdout:
      "2 accounts of gone-shop, and 1 held event would be erased; this can't be undone: add --yes\n",
  });
  expect(asked.stderr.trim().split('\n')).toEqual([
    'c1 stays: crm told of the member as well',
    'g2 stays: pos told of the member as well',
    'g3 stays: pos told of the member as well',
  ]);
  expect(await statuses()).toEqual(before);
  const done = await cli.laurel(['webhooks', 'redact', 'gone-shop', '--yes']);
  expect(done.stdout).toBe('2 accounts of gone-shop erased\n');
  expect(await statuses()).toEqual({ ...before, g1: 'erased', unregistered: 'erased' });
  const { rows } = await pool.query(
    `select e.source, a.actor from laurel.events e join laurel.member_audit a using (tenant, member_id)
      where e.type = 'member.erased' and e.id like 'redacted-%' and a.action = 'erase'`,
  );
  expect(rows).toEqual([1, 2].map(() => ({ source: 'gone-shop', actor: 'cli' })));
  const held = await pool.query(`select from laurel.held_events where source = 'gone-shop'`);
  expect(held.rowCount).toBe(0);
  const again = await cli.laurel(['webhooks', 'redact', 'gone-shop', '--yes']);
  expect(again.stdout).toBe('0 accounts of gone-shop erased\n');
});
