import { randomUUID } from 'node:crypto';

import { afterAll, beforeEach, expect, it } from 'vitest';

import { freshDatabase } from '../../test/database.ts';
import { sentEnding } from '../../test/message-rows.ts';
import { findMessage, requeueMessage } from '../message/messages.ts';
import { insertMessages } from '../message/new-messages.ts';
import { transaction } from '../postgres/pool.ts';
import { claimMessages, type Ending, finishClaims, recoverClaims, renewLeases } from './claims.ts';
import { backlog } from './due.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());
beforeEach(() => pool.query('truncate messages'));

async function accepted(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await insertMessages(
    pool,
    ids.map((id) => ({
      id,
      tenant: 'main',
      idempotencyKey: null,
      requestHash: '',
      lane: 'transactional',
      template: 'one-time-code',
      brand: 'juniper',
      memberId: null,
      email: 'ana@example.com',
      name: null,
      locale: null,
      data: {},
      parsedBy: null,
      about: [],
      sendAt: null,
      after: null,
      expiresAt: null,
      wantedVersion: null,
    })),
  );
  return ids;
}

async function claimed(id: string, leaseSeconds = 15): Promise<Ending> {
  const [claim] = await claimMessages(pool, [id], leaseSeconds);
  if (!claim) throw new Error('not claimed');
  return sentEnding({ id, token: claim.token });
}

const stateOf = async (id: string) => (await findMessage(pool, 'main', id))?.state;

it("records a mail server's answer with bytes that Postgres has no text for, and the answers beside it", async () => {
  const [one = '', other = ''] = await accepted(2);
  const odd = { ...(await claimed(one)), response: '250 \0 \\u0000 \ud800 \\' };
  expect(await finishClaims(pool, [odd, await claimed(other)])).toEqual([true, true]);
  expect((await findMessage(pool, 'main', one))?.response).toBe('250 \ufffd \\u0000 \ufffd \\');
  expect(await stateOf(other)).toBe('sent');
});

it('what was put aside because its worker seemed dead can still be ended by it', async () => {
  const [sent = '', interrupted = ''] = await accepted(2);
  const endings = [
    await claimed(sent, -1),
    { ...(await claimed(interrupted, -1)), state: 'queued' as const, delayMs: 0 },
  ];
  expect(await recoverClaims(pool, ['one-time-code'])).toEqual({ resent: 0, quarantined: 2 });
  expect(await finishClaims(pool, endings)).toEqual([true, true]);
  expect([await stateOf(sent), await stateOf(interrupted)]).toEqual(['sent', 'queued']);
});

it('once a person has put it back in line, only "sent" still counts', async () => {
  const [id = ''] = await accepted(1);
  const ending = await claimed(id, -1);
  await recoverClaims(pool, ['one-time-code']);
  expect(await requeueMessage(pool, 'main', id)).toBe(true);
  expect(await finishClaims(pool, [{ ...ending, state: 'failed' }])).toEqual([false]);
  expect(await finishClaims(pool, [ending])).toEqual([true]);
  expect(await finishClaims(pool, [ending])).toEqual([false]);
});

it('renewing leases never waits for an ending that is being written', async () => {
  const [one = '', other = ''] = await accepted(2);
  const ending = await claimed(one);
  const { token } = await claimed(other);
  await transaction(pool, async (db) => {
    await finishClaims(db, [ending]);
    expect(await renewLeases(pool, [ending.token, token], 15)).toEqual(new Set([token]));
  });
});

it('X9: what a worker has in hand is part of the backlog, with its age', async () => {
  const [id = '', other = ''] = await accepted(2);
  await pool.query(`update messages set next_at = now() - interval '5 minutes' where id = $1`, [
    id,
  ]);
  await claimed(id);
  expect(await backlog(pool)).toEqual([
    {
      lane: 'transactional',
      waiting: 1,
      oldestSeconds: expect.closeTo(300, -1),
      inHand: 1,
      oldestInHandSeconds: expect.closeTo(300, -1),
    },
  ]);
  expect(other).not.toBe(id);
});
