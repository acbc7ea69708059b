import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi({ env: { DEFAULT_BRAND: '' } });
  headers = await api.as();
});
afterAll(() => api.close());

const review = { campaign: 'year-in-review', year: 2025, brand: 'kestrel' };
const call = (
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  more: Record<string, string> = {},
) => api.app.inject({ method, url, headers: { ...headers, ...more }, ...(payload && { payload }) });
const make = async (body: object = review) =>
  (await call('POST', '/v1/campaigns', body)).json<{ id: string }>().id;
const post = (url: string, payload: string) =>
  api.app.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'text/csv' },
    payload,
  });
const put = (name: string, conditions: object) =>
  api.app.inject({
    method: 'PUT',
    url: `/v1/segments/${name}?brand=kestrel`,
    headers,
    payload: { conditions },
  });
const remove = (name: string) =>
  api.app.inject({ method: 'DELETE', url: `/v1/segments/${name}?brand=kestrel`, headers });
const upload = (id: string, payload: string | Readable, type = 'text/csv') =>
  api.app.inject({
    method: 'POST',
    url: `/v1/campaigns/${id}/audience`,
    headers: { ...headers, 'content-type': type },
    payload,
  });

describe('making a campaign', () => {
  it('takes a small audience along and starts', async () => {
    const reply = await call('POST', '/v1/campaigns', {
      ...review,
      audience: { memberIds: ['m-1', 'm-2', 'm-1'] },
      start: true,
    });
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toMatchObject({ state: 'running', audience: 2, made: 0, year: 2025 });
  });

  it('gives the same one for the same key, and refuses another body', async () => {
    const key = { 'idempotency-key': 'review-2025' };
    const first = await call('POST', '/v1/campaigns', review, key);
    const again = await call('POST', '/v1/campaigns', review, key);
    expect(again.payload).toBe(first.payload);
    expect([first, again].map((reply) => reply.headers['idempotent-replayed'])).toEqual([
      undefined,
      'true',
    ]);
    expect((await call('POST', '/v1/campaigns', { ...review, year: 2024 }, key)).statusCode).toBe(
      409,
    );
  });

  it.each([
    [{ ...review, year: 2027 }, 'year'],
    [{ ...review, year: '2025' }, 'year'],
    [{ ...review, brand: 'nobody' }, 'brand'],
    [{ campaign: 'year-in-review', year: 2025 }, 'brand'],
    [{ ...review, start: true }, 'start'],
    [{ ...review, audience: { memberIds: ['m-1', ''] } }, 'audience.memberIds[1]'],
    [{ ...review, campaign: 'flash-sale' }, 'campaign'],
    [{ ...review, segment: 'gold' }, 'segment'],
  ])('refuses %j by name', async (body, path) => {
    const reply = await call('POST', '/v1/campaigns', body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
  });
});

describe('uploading an audience', () => {
  it('reads CSV by its header, with other columns, quotes and semicolons', async () => {
    const id = await make();
    const reply = await upload(
      id,
      '\uFEFFname;memberId\r\n"Ana; B";m-1\r\nBo;m-2\r\n\r\nAgain;m-1\r\n',
    );
    expect(reply.json()).toEqual({ received: 3, added: 2, audience: 2 });
  });

  it('reads NDJSON as ids or objects', async () => {
    const id = await make();
    const reply = await upload(id, '"m-1"\n{"memberId":"m-2"}\n\n"m-3"', 'application/x-ndjson');
    expect(reply.json()).toEqual({ received: 3, added: 3, audience: 3 });
  });

  it('reads as it arrives, in any pieces, and adds nobody twice when sent again', async () => {
    const id = await make();
    const count = 12_345;
    function* pieces() {
      yield 'member';
      yield 'Id\n';
      for (let n = 0; n < count; n += 1) {
        yield `m-${n}`;
        yield '\n';
      }
    }
    const first = await upload(id, Readable.from(pieces()));
    expect(first.json()).toEqual({ received: count, added: count, audience: count });
    const again = await upload(id, Readable.from(pieces()));
    expect(again.json()).toEqual({ received: count, added: 0, audience: count });
  });

  it.each([
    ['text/csv', 'id\nm-1\n', 'line 1'],
    ['text/csv', 'memberId\nm-1\nm-2,more\n', 'line 3'],
    ['text/csv', 'memberId,n\nm-1,1\n,2\n', 'line 3'],
    ['application/x-ndjson', '"m-1"\n7\n', 'line 2'],
    ['application/x-ndjson', '"m-1"\n\n{"memberId":', 'line 3'],
  ])('names the line of %s that is wrong: %j', async (type, text, path) => {
    const reply = await upload(await make(), text, type);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
  });

  it('X8, X13: refuses a line of more than 64 KB, broken UTF-8 and two columns of ids', async () => {
    for (const [type, before, path] of [
      ['application/x-ndjson', '"m-1"\n"', 'line 2'],
      ['text/csv', 'memberId\nm-1\nm-2,', 'line 3'],
      ['text/csv', 'memberId', 'line 1'],
    ] as const) {
      const reply = await upload(await make(), `${before}${'x'.repeat(66_000)}`, type);
      expect(reply.statusCode).toBe(400);
      expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
    }
    const broken = Readable.from([Buffer.from('memberId\nm-1\nm-\u00eb\n', 'latin1')]);
    expect((await upload(await make(), broken)).json()).toMatchObject({
      error: { problems: [{ path: 'line 3', message: expect.stringContaining('UTF-8') }] },
    });
    const twice = await upload(await make(), 'memberId,memberId\nm-1,m-2\n');
    expect(twice.statusCode).toBe(400);
  });

  it('takes no one once the campaign runs, and no other content type', async () => {
    const id = await make({ ...review, audience: { memberIds: ['m-1'] } });
    expect((await upload(id, '{}', 'application/json')).statusCode).toBe(415);
    await call('POST', `/v1/campaigns/${id}/start`);
    expect((await upload(id, 'memberId\nm-2\n')).statusCode).toBe(409);
  });
});

describe('any commercial template', () => {
  const reminder = {
    template: 'bonus-reminder',
    brand: 'kestrel',
    data: { name: '500 points', useBy: '2026-12-31T22:59:59Z' },
    group: 'spring',
  };

  it('takes data for all, rows with their own, and members to keep out', async () => {
    const made = await call('POST', '/v1/campaigns', {
      ...reminder,
      exclude: { memberIds: ['m-9'] },
    });
    expect(made.statusCode).toBe(201);
    const { id } = made.json<{ id: string }>();
    expect(made.json()).toMatchObject({ year: null, data: reminder.data, group: 'spring' });
    const rows = 'memberId,bonusId,tier\nm-1,b-1,gold\nm-2,b-2,\n';
    const strange = await upload(id, rows);
    expect(strange.json()).toMatchObject({
      error: {
        problems: [{ path: 'line 1', message: expect.stringContaining('"tier" is no field') }],
      },
    });
    const url = `/v1/campaigns/${id}/audience?ignore=tier`;
    expect((await post(url, rows)).json()).toEqual({ received: 2, added: 2, audience: 2 });
    expect((await post(url, 'memberId,tier\nm-3,gold\n')).json()).toMatchObject({
      error: { problems: [{ path: 'line 2', message: expect.stringContaining('data.bonusId') }] },
    });
    const exclusions = await post(`/v1/campaigns/${id}/exclusions`, 'memberId,x\nm-2,1\nm-9,2\n');
    expect(exclusions.json()).toEqual({ received: 2, added: 1 });
    expect((await call('POST', `/v1/campaigns/${id}/start`)).statusCode).toBe(200);
    expect((await post(`/v1/campaigns/${id}/exclusions`, 'memberId\nm-7\n')).statusCode).toBe(409);
  });

  it.each([
    [{ ...reminder, year: 2025 }, 'year'],
    [{ ...reminder, data: { name: 7 } }, 'data.name'],
    [{ ...reminder, audience: { memberIds: ['m-1'] } }, 'data.bonusId'],
    [{ ...reminder, template: 'status-statement' }, 'template'],
    [{ ...reminder, campaign: 'bonus-reminder' }, 'template'],
    [{ ...review, data: {} }, 'data'],
  ])('refuses %j by name', async (body, path) => {
    const reply = await call('POST', '/v1/campaigns', body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path }] } });
  });
});

describe('segments', () => {
  it('are saved, counted, used by campaigns and deleted', async () => {
    const conditions = { tier: ['gold'], not: { daysSincePurchase: { atMost: 60 } } };
    expect((await put('lapsing', conditions)).json()).toMatchObject({
      name: 'lapsing',
      conditions,
    });
    const count = await call('GET', '/v1/segments/lapsing/count?brand=kestrel');
    expect(count.json()).toEqual({ members: 0 });
    const nobody = await call('GET', '/v1/segments/lapsing/members/nobody?brand=kestrel');
    expect(nobody.statusCode).toBe(404);
    const made = await call('POST', '/v1/campaigns', {
      ...review,
      segments: ['lapsing'],
      start: true,
    });
    expect(made.json()).toMatchObject({ state: 'running', segments: ['lapsing'] });
    const other = await call('POST', '/v1/campaigns', { ...review, segments: ['no-such'] });
    expect(other.json()).toMatchObject({
      error: { problems: [{ path: 'segments', message: expect.stringContaining('lapsing') }] },
    });
    expect((await remove('lapsing')).json()).toEqual({ deleted: true });
    expect((await remove('lapsing')).statusCode).toBe(404);
  });

  it('name the condition that can’t be', async () => {
    const reply = await put('odd', { any: [{ activePoints: { atLeast: 'many' } }] });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      error: { problems: [{ path: 'conditions.any[0].activePoints.atLeast' }] },
    });
  });
});

describe('pilot and report', () => {
  it('S20: a pilot is released once, and a campaign without one is told so', async () => {
    const body = { ...review, audience: { memberIds: ['m-1'] }, holdout: 0.1, start: true };
    const made = await call('POST', '/v1/campaigns', { ...body, pilot: 0.05, gate: {} });
    const { id } = made.json<{ id: string }>();
    expect(made.json()).toMatchObject({
      holdout: 0.1,
      pilot: { share: 0.05, state: 'making', gate: { afterMinutes: 60, complaints: 0.001 } },
    });
    const released = () => call('POST', `/v1/campaigns/${id}/release`);
    expect((await released()).json()).toMatchObject({ pilot: { state: 'released' } });
    expect((await released()).statusCode).toBe(200);
    const plain = await make(body);
    expect((await call('POST', `/v1/campaigns/${plain}/release`)).statusCode).toBe(409);
    const gate = await call('POST', '/v1/campaigns', { ...body, gate: {} });
    expect(gate.json()).toMatchObject({ error: { problems: [{ path: 'gate' }] } });
    const report = await call('GET', `/v1/campaigns/${id}/report?days=30`);
    expect(report.json()).toMatchObject({
      days: 30,
      treated: { members: 0 },
      difference: { spendPerMember: null },
    });
  });
});

describe('running a campaign', () => {
  it('starts, pauses, resumes and cancels; doing it twice changes nothing', async () => {
    const id = await make({ ...review, audience: { memberIds: ['m-1'] } });
    for (const [verb, state] of [
      ['start', 'running'],
      ['start', 'running'],
      ['pause', 'paused'],
      ['resume', 'running'],
      ['cancel', 'cancelled'],
      ['cancel', 'cancelled'],
    ] as const) {
      const reply = await call('POST', `/v1/campaigns/${id}/${verb}`);
      expect(reply.json()).toMatchObject({ id, state });
    }
    expect((await call('POST', `/v1/campaigns/${id}/resume`)).statusCode).toBe(409);
  });

  it('doesn’t start without an audience', async () => {
    expect((await call('POST', `/v1/campaigns/${await make()}/start`)).statusCode).toBe(409);
  });

  it('reports how far it is and why members got no mail', async () => {
    const id = await make({ ...review, audience: { memberIds: ['m-1', 'm-2', 'm-3'] } });
    const row = (n: number, state: string, reason: string | null) =>
      api.database.pool.query(
        `insert into messages (id, tenant, request_hash, lane, template, brand, data, campaign_id, state, reason, next_at)
         values (gen_random_uuid(), 'main', $1, 'campaign', 'year-in-review', 'kestrel', '{}', $2, $3, $4, now())`,
        [String(n), id, state, reason],
      );
    await row(1, 'sent', null);
    await row(2, 'suppressed', 'no-marketing-consent');
    await row(3, 'suppressed', 'no-marketing-consent');
    expect((await call('GET', `/v1/campaigns/${id}`)).json()).toMatchObject({
      audience: 3,
      messages: { sent: 1, suppressed: 2 },
      reasons: { suppressed: { 'no-marketing-consent': 2 } },
    });
    const list = (await call('GET', '/v1/campaigns')).json<{ campaigns: { id: string }[] }>();
    expect(list.campaigns[0]?.id).toBe(id);
  });
});
