import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { cancelMessage, requeueMessage } from '../src/message/messages.ts';
import { readGuards, suppressAddress } from '../src/message/rows/guards.ts';
import { transaction } from '../src/postgres/pool.ts';
import { receiptFor } from './chaos/ground.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let n = 0;
/** A guest nobody has written to yet. */
const guest = (changes: Partial<MessageRequest> = {}): MessageRequest => ({
  ...receiptFor(++n),
  to: { email: `delivery-${n}@example.com` },
  ...changes,
});
const arrived = (id: string) =>
  world.sink.mails.filter(({ messageId }) => messageId.startsWith(id));

beforeAll(async () => {
  world = await openWorld('postgres', {
    env: { MAX_TRIES: '2', QUERY_SECONDS: '2', MAX_MAIL_KB: '64' },
    fixtures: false,
  });
});
afterAll(() => world.close());
afterEach(() => world.sink.behave(() => undefined));

describe('what the mail server says', () => {
  it('451: tried again, and then sent, with the same Message-ID', async () => {
    world.sink.behave(({ nth }) => (nth === 1 ? { refuse: 'end', code: 451 } : undefined));
    const { record } = await world.send(guest());
    expect(record).toMatchObject({ state: 'sent', tries: 1, unknownOutcomes: 0 });
    expect(arrived(record.id)).toHaveLength(1);
  });

  it('451 every time: given up after the last try, with what was said', async () => {
    world.sink.behave(() => ({ refuse: 'end', code: 451, text: 'try later' }));
    const { record } = await world.send(guest());
    expect(record).toMatchObject({ state: 'failed', reason: 'tries-exhausted', tries: 2 });
    expect(record.error).toContain('451');
  });

  it('550 for the recipient: failed, and the address is suppressed from now on', async () => {
    world.sink.behave(() => ({ refuse: 'recipient', code: 550, text: '5.1.1 no such user' }));
    const request = guest();
    const { record } = await world.send(request);
    expect(record).toMatchObject({ state: 'failed', reason: 'recipient-refused' });
    world.sink.behave(() => undefined);
    const again = await world.send({ ...guest(), to: request.to });
    expect(again.record).toMatchObject({ state: 'suppressed', reason: 'address-suppressed' });
  });

  it('nothing, after the dot: sent again with the same Message-ID, and counted', async () => {
    world.sink.behave(({ nth }) => (nth === 1 ? { drop: 'after-dot' } : undefined));
    const { record } = await world.send(guest());
    expect(record).toMatchObject({ state: 'sent', unknownOutcomes: 1 });
    expect(arrived(record.id).map(({ messageId }) => messageId)).toEqual([
      `${record.id}@juniper.example`,
      `${record.id}@juniper.example`,
    ]);
  });
});

it('Postgres hangs: who asks is told to come back, nothing is stuck, and all is sent once it goes on', async () => {
  const ids: string[] = [];
  await transaction(world.app.pool, async (db) => {
    // Somebody's own session that forgot to commit.
    await db.query('set local statement_timeout = 0');
    for (let count = 0; count < 5; count += 1)
      ids.push((await world.app.producer.enqueue(guest())).id);
    await db.query('lock table laurel.messages in access exclusive mode');
    await expect(world.app.producer.enqueue(guest())).rejects.toMatchObject({ code: '57014' });
    const answer = await fetch(`${world.app.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(guest()),
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });
  for (const id of ids) {
    expect(await world.settled(id)).toMatchObject({ state: 'sent', tries: 0 });
    expect(arrived(id)).toHaveLength(1);
  }
}, 60_000);

it('a mail larger than mails may be is put aside, and says what of it is large', async () => {
  const { data, ...request } = guest();
  const line = {
    productId: 'flat-white',
    name: 'Flat white '.repeat(8),
    quantity: 1,
    unitPrice: 390,
  };
  const { record } = await world.send({
    ...request,
    data: { ...data, items: Array.from({ length: 100 }, () => line) },
  });
  expect(record).toMatchObject({ state: 'quarantined', reason: 'too-large', tries: 0 });
  expect(record.error).toMatch(
    /^the mail of message [0-9a-f-]{36} has \d+ KB, .* template "order-confirmation" made html \d+ KB/,
  );
});

describe('between enqueueing and sending', () => {
  it('expired: not sent', async () => {
    const { record } = await world.send(guest({ expiresAt: '2026-11-20T11:59:00Z' }));
    expect(record).toMatchObject({ state: 'suppressed', reason: 'expired' });
  });

  it('taken back: not sent, and it can’t be taken back twice', async () => {
    const { id } = await world.app.producer.enqueue(guest({ sendAt: '2099-01-01T00:00:00Z' }));
    expect(await cancelMessage(world.app.pool, 'main', id)).toBe(true);
    expect(await cancelMessage(world.app.pool, 'main', id)).toBe(false);
    expect(await world.settled(id)).toMatchObject({ state: 'cancelled' });
  });

  it('held: it costs no try, and is sent when it is due', async () => {
    const sendAt = new Date(world.now().getTime() + 1_000).toISOString();
    const { id } = await world.app.producer.enqueue(guest({ sendAt }));
    expect((await world.settled(id, ['held'])).tries).toBe(0);
    expect(await world.settled(id)).toMatchObject({ state: 'sent', tries: 0 });
  });
});

describe('what can’t be made', () => {
  it('a member without an address: put aside, saying so, and put back in line by a person', async () => {
    const { record } = await world.send({ ...guest(), to: { memberId: 'nobody' } });
    expect(record).toMatchObject({ state: 'quarantined', reason: 'no-address' });
    expect(await requeueMessage(world.app.pool, 'main', record.id)).toBe(true);
    expect(await world.settled(record.id)).toMatchObject({ state: 'quarantined' });
  });

  it('data that no longer fits its template: put aside, and the next message goes on', async () => {
    const { id } = await world.app.producer.enqueue(guest({ sendAt: '2099-01-01T00:00:00Z' }));
    await world.app.pool.query(
      `update messages set data = data || '{"totals": null}', state = 'queued', send_at = null, next_at = now() where id = $1`,
      [id],
    );
    expect(await world.settled(id)).toMatchObject({
      state: 'quarantined',
      reason: 'invalid-input',
    });
    expect((await world.send(guest())).record.state).toBe('sent');
  });
});

it('keeps the mail to the one checked address, whoever else is named', async () => {
  const { record } = await world.send(
    guest({ to: { email: 'Ana@EXÄMPLE.com', name: 'Ana, "x"' } }),
  );
  expect(record).toMatchObject({ state: 'sent', sentTo: 'Ana@xn--exmple-cua.com' });
  const [mail] = arrived(record.id);
  expect(mail?.to).toEqual(['Ana@xn--exmple-cua.com']);
  expect((await mail?.parse())?.to).toEqual([
    { address: 'Ana@xn--exmple-cua.com', name: 'Ana, "x"' },
  ]);
});

it('a wider suppression counts over a narrower one, and tenants are apart', async () => {
  const { pool } = world.app;
  const address = 'both@example.com';
  await suppressAddress(pool, 'main', {
    address,
    reason: 'unsubscribe',
    scope: 'commercial',
    source: 't',
  });
  await suppressAddress(pool, 'main', { address, reason: 'complaint', scope: 'all', source: 't' });
  const [mine, others] = await readGuards(pool, [
    { tenant: 'main', address: 'BOTH@example.com', about: [] },
    { tenant: 'other', address, about: [] },
  ]);
  expect(mine?.suppression).toMatchObject({ scope: 'all', reason: 'complaint' });
  expect(others?.suppression).toBeNull();
});
