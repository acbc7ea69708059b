import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { findMember } from '../members/find.ts';
import { findMessage } from './messages.ts';
import { suppressAddress, suppressRefused } from './rows/guards.ts';

/** Stands in every field that says something of the person. */
const canary = 'gesa-lind';
const email = `${canary}@mail.example`;
let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as();
  const entry = { address: email, source: 'test' };
  await suppressAddress(api.database.pool, 'main', {
    ...entry,
    reason: 'unsubscribe',
    scope: 'commercial',
  });
  await post('/v1/events', {
    source: 'crm',
    id: '1',
    at: '2026-01-01T09:00:00Z',
    memberId: canary,
    type: 'member.enrolled',
    brand: 'juniper',
    membershipNumber: '1',
    email,
  });
  await post(`/v1/members/${canary}/erase`, {});
});
afterAll(() => api.close());

const post = (url: string, payload: object) =>
  api.app.inject({ method: 'POST', url, headers, payload });
const rowsWithCanary = async (table: string) => {
  const { rows } = await api.database.pool.query<{ row: string }>(
    `select t::text as row from ${table} t where t::text ilike $1`,
    [`%${canary}%`],
  );
  return rows.map(({ row }) => row);
};

it('X1: an erased address stands in no entry of the suppression list, whatever it was there for', async () => {
  expect(
    await findMember(api.database.pool, 'main', { by: 'memberId', value: canary }),
  ).toMatchObject({
    status: 'erased',
  });
  const { rows } = await api.database.pool.query(
    'select scope, address from suppressions order by scope',
  );
  expect(rows).toEqual([
    { scope: 'all', address: null },
    { scope: 'commercial', address: null },
  ]);
});

it('X1: nor in one that is made later', async () => {
  const { pool } = api.database;
  const spelled = email.toUpperCase();
  await suppressAddress(pool, 'main', {
    address: spelled,
    source: 'test',
    reason: 'complaint',
    scope: 'commercial',
  });
  await suppressRefused(
    pool,
    'main',
    { address: email, messageId: crypto.randomUUID(), sure: true },
    60,
  );
  expect(await rowsWithCanary('suppressions')).toEqual([]);
});

describe('X11: a message that arrives for somebody who was erased', () => {
  const message = {
    template: 'bonus-posted',
    brand: 'juniper',
    data: { bonusId: canary, name: canary, reason: canary },
    about: [`bonus:${canary}`],
  };
  it.each([
    ['by member', { memberId: canary }, 'erased'],
    [
      'by address, however written',
      { email: email.toUpperCase(), name: canary },
      'address-suppressed',
    ],
    ['by both', { memberId: canary, email }, 'erased'],
  ])('%s is emptied at once', async (_how, to, reason) => {
    const reply = await post('/v1/messages', {
      ...message,
      to,
      idempotencyKey: `${canary}-${reason}`,
    });
    expect(reply.statusCode).toBe(202);
    const { id } = reply.json<{ id: string }>();
    expect(await rowsWithCanary('messages')).toEqual([]);
    expect(await findMessage(api.database.pool, 'main', id)).toMatchObject({
      state: 'suppressed',
      reason: expect.stringMatching(/^(erased|address-suppressed)$/),
      emptiedAt: expect.any(Date),
      finishedAt: expect.any(Date),
    });
  });

  it('in a batch takes none of the others with it', async () => {
    const messages = [
      { ...message, to: { memberId: canary } },
      {
        ...message,
        to: { memberId: 'somebody' },
        data: { ...message.data, bonusId: 'b', name: 'Spring', reason: 'visit' },
        about: [],
      },
    ];
    const reply = await post('/v1/messages/batch', messages);
    const { messages: accepted } = reply.json<{ messages: { id: string }[] }>();
    const states = await Promise.all(
      accepted.map(async ({ id }) => (await findMessage(api.database.pool, 'main', id))?.state),
    );
    expect(states).toEqual(['suppressed', 'queued']);
  });
});
