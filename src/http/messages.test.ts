import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { readGuards } from '../message/rows/guards.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as();
});
afterAll(() => api.close());

const call = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
  api.app.inject({ method, url, headers, ...(payload && { payload }) });
async function accept(memberId = 'm-1') {
  const reply = await call('POST', '/v1/messages', {
    template: 'bonus-posted',
    to: { memberId },
    data: { bonusId: 'spring', name: 'Spring bonus', reason: 'visit' },
  });
  return reply.json<{ id: string }>().id;
}
const update = (id: string, set: string) =>
  api.database.pool.query(`update messages set ${set} where id = $1`, [id]);

const idsOf = async (query: string) =>
  (await call('GET', `/v1/messages?memberId=m-list${query}`))
    .json<{ messages: { id: string }[] }>()
    .messages.map(({ id }) => id);

describe('looking at messages', () => {
  it('tells what was sent and why it looks as it does', async () => {
    const id = await accept();
    const decision = {
      kind: 'send',
      reason: 'allowed',
      steps: [],
      blocks: [
        { block: 'status', content: 'loyalty', kind: 'show', steps: [] },
        {
          block: 'offers',
          content: 'promotional',
          kind: 'hide',
          reason: 'no-marketing-consent',
          rule: 'marketing-consent',
          steps: [
            {
              rule: 'marketing-consent',
              version: 1,
              outcome: 'hide',
              reason: 'no-marketing-consent',
              actual: { granted: false },
              needed: { granted: true },
              flip: { text: 'The member consents' },
            },
          ],
        },
      ],
      offers: [],
      basis: {
        at: '2026-06-01T09:00:00.000Z',
        profile: 'member',
        ledgerVersion: 12,
        profileAsOf: '2026-06-01T08:59:59.000Z',
        catalogueVersion: 'c',
        programmeVersion: 'p',
        templateVersion: 't',
        locale: 'en',
      },
    };
    await api.database.pool.query(
      `update messages set state = 'sent', sent_to = 'ana@example.com', transport = 'smtp', decision = $2,
         accepted_at = '2026-06-01T09:00:00Z', finished_at = '2026-06-01T09:00:01Z' where id = $1`,
      [id, decision],
    );
    const reply = await call('GET', `/v1/messages/${id}`);
    expect(reply.json()).toMatchObject({
      id,
      state: 'sent',
      decision: { kind: 'send' },
      why: [
        'Sent at 2026-06-01 09:00:01 UTC.',
        'Decided at 2026-06-01T09:00:00.000Z from the profile as of 2026-06-01T08:59:59.000Z (ledger version 12).',
        'Block status is shown: every rule passed.',
        'Block offers is hidden: marketing consent is not granted. What would turn it: The member consents.',
      ],
    });
  });

  it('are found by every filter, and by several, a page at a time without a gap or a double', async () => {
    const tenant = 'search';
    const own = await api.as(tenant);
    // Many at the same instant, as a batch is accepted.
    await api.database.pool.query(
      `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, state, reason, accepted_at, next_at)
       select gen_random_uuid(), $1, '', 'transactional', (array['welcome', 'shipped', 'delivered'])[1 + n % 3], (array['juniper', 'kestrel'])[1 + n % 2],
         'm-' || n % 7, '{}', (array['sent', 'suppressed', 'failed'])[1 + n % 3], (array[null, 'address-suppressed', 'not-a-member', 'smtp-550'])[1 + n % 4],
         '2026-05-01T00:00:00Z'::timestamptz + make_interval(hours => n / 20), now()
       from generate_series(1, 200) as n`,
      [tenant],
    );
    const all = async (query: string, limit = 200) => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const url = `/v1/messages?limit=${limit}${query}${page}`;
        const reply = await api.app.inject({ url, headers: own });
        const body: { messages: { id: string }[]; next: string | null } = reply.json();
        expect(body.messages.length).toBeLessThanOrEqual(limit);
        found.push(...body.messages.map(({ id }) => id));
        cursor = body.next;
      }
      return found;
    };
    const where: readonly (readonly [query: string, condition: string])[] = [
      ['', 'true'],
      ['&template=shipped', `template = 'shipped'`],
      ['&brand=kestrel&state=failed', `brand = 'kestrel' and state = 'failed'`],
      ['&reason=not-a-member', `reason = 'not-a-member'`],
      ['&memberId=m-3', `member_id = 'm-3'`],
      [
        '&since=2026-05-01T03:00:00Z&before=2026-05-01T05:00:00Z',
        `accepted_at >= '2026-05-01T03:00:00Z' and accepted_at < '2026-05-01T05:00:00Z'`,
      ],
      [
        '&reason=smtp-550&since=2026-05-01T02:00:00%2B00:00',
        `reason = 'smtp-550' and accepted_at >= '2026-05-01T02:00:00Z'`,
      ],
    ];
    let looked = 0;
    for (const [query, condition] of where) {
      const { rows } = await api.database.pool.query<{ id: string }>(
        `select id from messages where tenant = $1 and ${condition} order by accepted_at desc, id desc`,
        [tenant],
      );
      expect(rows.length).toBeGreaterThan(5);
      const expected = rows.map(({ id }) => id);
      for (const limit of [7, 20, 200]) expect(await all(query, limit)).toEqual(expected);
      looked += expected.length;
    }
    expect(looked).toBeGreaterThan(400);
  });

  it('lists a member’s, newest first, by state, and no more than asked for', async () => {
    const first = await accept('m-list');
    const second = await accept('m-list');
    await update(first, `state = 'failed', reason = 'bad-data'`);
    expect(await idsOf('')).toEqual([second, first]);
    expect(await idsOf('&state=failed')).toEqual([first]);
    expect(await idsOf('&limit=1')).toEqual([second]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['state=lost', 'state'],
    ['who=me', 'who'],
  ])('refuses ?%s by name', async (query, path) => {
    const reply = await call('GET', `/v1/messages?${query}`);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
  });

  it.each(['nonsense', '01980a4e-7c1e-7d3a-9f5e-2b6f8d1c0a11', '%00', 'x'.repeat(500)])(
    'finds no message %s',
    async (id) => {
      expect((await call('GET', `/v1/messages/${id}`)).statusCode).toBe(404);
    },
  );
});

describe('taking back and repeating', () => {
  it('cancels a waiting message, once and for all', async () => {
    const id = await accept();
    expect((await call('POST', `/v1/messages/${id}/cancel`)).json()).toMatchObject({
      state: 'cancelled',
    });
    expect((await call('POST', `/v1/messages/${id}/cancel`)).statusCode).toBe(200);
  });

  it('says when it is too late', async () => {
    const id = await accept();
    await update(id, `state = 'sent', finished_at = now()`);
    const reply = await call('POST', `/v1/messages/${id}/cancel`);
    expect(reply.statusCode).toBe(409);
    expect(reply.json()).toMatchObject({ error: { code: 'wrong-state', message: /is sent/ } });
  });

  it('puts a failed message back in line, and no other', async () => {
    const id = await accept();
    expect((await call('POST', `/v1/messages/${id}/requeue`)).statusCode).toBe(409);
    await update(id, `state = 'failed', reason = 'bad-data', finished_at = now()`);
    expect((await call('POST', `/v1/messages/${id}/requeue`)).json()).toMatchObject({
      state: 'queued',
      reason: null,
    });
  });
});

const guardsOf = async (address: string, about: string[]) => {
  const [found] = await readGuards(api.database.pool, [{ tenant: 'main', address, about }]);
  return found;
};

describe('cancelling subjects', () => {
  it('stops what is about them, and can be taken back', async () => {
    const reply = await call('POST', '/v1/cancellations', {
      subjects: ['order:1', 'trip:X7', 'order:1'],
    });
    expect(reply.json()).toEqual({ cancelled: ['order:1', 'trip:X7'] });
    expect([
      ...((await guardsOf('a@example.com', ['order:1', 'order:2']))?.cancelled.keys() ?? []),
    ]).toEqual(['order:1']);
    expect((await call('DELETE', '/v1/cancellations/order%3A1')).statusCode).toBe(204);
    expect((await call('DELETE', '/v1/cancellations/order:1')).statusCode).toBe(404);
    expect((await guardsOf('a@example.com', ['order:1']))?.cancelled.size).toBe(0);
  });

  it('names the subject that is none', async () => {
    const reply = await call('POST', '/v1/cancellations', { subjects: ['order:1', 'Order 2'] });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path: 'subjects[1]' }] } });
  });
});

describe('suppressing addresses', () => {
  it('suppresses every spelling at once, and can be taken back', async () => {
    const reply = await call('POST', '/v1/suppressions', {
      address: 'User@example.com',
      reason: 'complaint',
    });
    expect(reply.statusCode).toBe(204);
    const found = await guardsOf('uSER@EXAMPLE.com', []);
    expect(found?.suppression).toMatchObject({ reason: 'complaint', scope: 'all' });
    expect((await call('DELETE', '/v1/suppressions/USER%40example.com')).statusCode).toBe(204);
    expect((await guardsOf('user@example.com', []))?.suppression).toBeNull();
    expect((await call('DELETE', '/v1/suppressions/user@example.com')).statusCode).toBe(404);
  });

  it.each([
    [{ address: 'a@b,c@d' }, 'address'],
    [{ address: 'a@example.com', scope: 'some' }, 'scope'],
    [{ address: 'a@example.com', note: 'x' }, 'note'],
    [{ address: 7 }, 'address'],
  ])('refuses %j by name', async (body, path) => {
    const reply = await call('POST', '/v1/suppressions', body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
  });
});

const enrol = (memberId: string) => ({
  type: 'member.enrolled',
  source: 'crm',
  id: `enrol-${memberId}`,
  at: '2026-01-01T00:00:00Z',
  memberId,
  brand: 'kestrel',
  membershipNumber: `K-${memberId}`,
});
const postEvents = (payload: string, type = 'application/json') =>
  api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { ...headers, 'content-type': type },
    payload,
  });

describe('ledger events', () => {
  it('applies one, knows it again, and refuses a wrong one by field without losing the others', async () => {
    expect((await postEvents(JSON.stringify(enrol('e-1')))).json()).toMatchObject({
      refused: 0,
      results: [{ kind: 'applied', memberId: 'e-1' }],
    });
    const bad = { ...enrol('e-2'), at: 'yesterday' };
    const mixed = await postEvents(JSON.stringify([enrol('e-1'), bad, enrol('e-3')]));
    expect(mixed.statusCode).toBe(200);
    expect(mixed.json()).toMatchObject({
      refused: 1,
      results: [
        { kind: 'duplicate' },
        { kind: 'refused', id: 'enrol-e-2', problems: [{ path: 'at' }] },
        { kind: 'applied' },
      ],
    });
  });

  it('reads NDJSON line by line: one that can’t be read is refused in its place', async () => {
    const lines = [
      JSON.stringify(enrol('e-4')),
      '{"type":',
      '{"a":"\\u0000"}',
      '',
      JSON.stringify(enrol('e-5')),
    ];
    const reply = await postEvents(lines.join('\r\n'), 'application/x-ndjson');
    expect(reply.json()).toMatchObject({
      refused: 2,
      results: [
        { kind: 'applied', memberId: 'e-4' },
        { kind: 'refused', problems: [{ path: 'body' }] },
        { kind: 'refused', problems: [{ path: 'a' }] },
        { kind: 'applied', memberId: 'e-5' },
      ],
    });
  });

  it('refuses none and more than 1,000', async () => {
    expect((await postEvents('[]')).statusCode).toBe(400);
    expect(
      (await postEvents(JSON.stringify(Array.from({ length: 1_001 }, () => ({}))))).statusCode,
    ).toBe(400);
  });
});
