import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
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
