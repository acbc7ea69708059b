import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as();
});
afterAll(() => api.close());

const bonus = (to: object = { memberId: 'm-1' }) => ({
  template: 'bonus-posted',
  to,
  data: { bonusId: 'spring-500', name: 'Spring bonus', reason: 'anniversary' },
});
const post = (url: string, payload: object | string, more: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/json', ...more },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
const stored = async (key: string) => {
  const { rows } = await api.database.pool.query<{ count: number }>(
    'select count(*)::int as count from messages where idempotency_key like $1',
    [key],
  );
  return rows[0]?.count;
};

describe('handing in one message', () => {
  it('answers 202 once the message is stored', async () => {
    const reply = await post('/v1/messages', bonus());
    expect(reply.statusCode).toBe(202);
    const { id } = reply.json<{ id: string }>();
    const { rows } = await api.database.pool.query('select state from messages where id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ state: 'queued' }]);
  });

  it('makes one message of 50 requests at once with one key, and gives each the same reply', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        post('/v1/messages', bonus(), { 'idempotency-key': 'at-once' }),
      ),
    );
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    expect(new Set(replies.map(({ payload }) => payload)).size).toBe(1);
    expect(replies.filter(({ headers: h }) => h['idempotent-replayed'] === 'true')).toHaveLength(
      49,
    );
    expect(await stored('at-once')).toBe(1);
  });

  it('takes the key from header or body, and says when they differ', async () => {
    const inHeader = await post('/v1/messages', bonus(), { 'idempotency-key': 'either' });
    const inBody = await post('/v1/messages', { ...bonus(), idempotencyKey: 'either' });
    expect(inBody.payload).toBe(inHeader.payload);
    const both = await post(
      '/v1/messages',
      { ...bonus(), idempotencyKey: 'one' },
      { 'idempotency-key': 'other' },
    );
    expect(both.statusCode).toBe(400);
    expect(both.json()).toMatchObject({ error: { problems: [{ path: 'idempotencyKey' }] } });
  });

  it('refuses a known key with another body', async () => {
    await post('/v1/messages', bonus(), { 'idempotency-key': 'taken' });
    const other = await post('/v1/messages', bonus({ memberId: 'm-2' }), {
      'idempotency-key': 'taken',
    });
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ error: { code: 'idempotency-conflict' } });
    expect(await stored('taken')).toBe(1);
  });

  it('keeps keys of different tenants apart', async () => {
    const elsewhere = await api.as('elsewhere');
    const mine = await post('/v1/messages', bonus(), { 'idempotency-key': 'shared' });
    const theirs = await post('/v1/messages', bonus({ memberId: 'm-9' }), {
      ...elsewhere,
      'idempotency-key': 'shared',
    });
    expect(theirs.statusCode).toBe(202);
    expect(theirs.json<{ id: string }>().id).not.toBe(mine.json<{ id: string }>().id);
  });

  it('names every field that is wrong', async () => {
    const reply = await post('/v1/messages', {
      template: 'bonus-posted',
      to: { memberId: 'm-1' },
      data: { bonusId: 7, name: '' },
    });
    expect(reply.statusCode).toBe(400);
    const paths = reply
      .json<{ error: { problems: { path: string }[] } }>()
      .error.problems.map(({ path }) => path);
    expect(paths).toEqual(['data.bonusId', 'data.name', 'data.reason']);
  });
});

const withData = (json: string) =>
  `{"template":"bonus-posted","to":{"memberId":"m-1"},"data":${json}}`;

const filler = (bytes: number) => JSON.stringify({ ...bonus(), filler: 'x'.repeat(bytes) });

describe('hostile payloads end as 400 and name where', () => {
  it.each([
    ['NUL in a value', withData('{"bonusId":"a\\u0000b"}'), 'data.bonusId'],
    ['NUL in a key', withData('{"a\\u0000b":1}'), 'data["a\\u0000b"]'],
    ['a lone surrogate', withData('{"name":"\\ud800"}'), 'data.name'],
    ['__proto__', withData('{"__proto__":{"a":1}}'), 'data.__proto__'],
    ['1e400', withData('{"bonusId":1e400}'), 'data.bonusId'],
    ['an unknown field', '{"template":"bonus-posted","to":{"memberId":"m"},"bcc":"x"}', 'bcc'],
    ['a number for a string', '{"template":7,"to":{"memberId":"m"}}', 'template'],
    ['a key of 256 characters', withData(`{"${'k'.repeat(256)}":1}`), 'data["kkkk'],
    ['an array 200,000 deep', withData('['.repeat(200_000) + ']'.repeat(200_000)), 'data[0][0]'],
    ['half a JSON', '{"template":', 'body'],
    ['no object', '[]', 'body'],
    ['nothing', '', 'body'],
    [
      'CRLF in an address',
      '{"template":"x","to":{"email":"a@b.example\\r\\nBcc: e@x.y"}}',
      'to.email',
    ],
    ['two addresses', '{"template":"x","to":{"email":"a@b,c@d"}}', 'to.email'],
    [
      'a comment in an address',
      '{"template":"x","to":{"email":"user@good.com(x)evil.com"}}',
      'to.email',
    ],
    ['a group address', '{"template":"x","to":{"email":"grp:a@b,c@d;"}}', 'to.email'],
    ['a local host', '{"template":"x","to":{"email":"a@localhost"}}', 'to.email'],
    ['an address literal', '{"template":"x","to":{"email":"a@[127.0.0.1]"}}', 'to.email'],
    ['a NUL after an address', '{"template":"x","to":{"email":"a@b.example\\u0000"}}', 'to.email'],
    ['an invisible local part', '{"template":"x","to":{"email":"\\u200b@b.example"}}', 'to.email'],
    [
      'a quoted address',
      '{"template":"x","to":{"email":"\\"x@gmail.com x\\"@internal"}}',
      'to.email',
    ],
    [
      '65 characters before the @',
      `{"template":"x","to":{"email":"${'a'.repeat(65)}@b.example"}}`,
      'to.email',
    ],
    ['a label of 64', `{"template":"x","to":{"email":"a@${'b'.repeat(64)}.example"}}`, 'to.email'],
    ['an address "null"', '{"template":"x","to":{"email":"null"}}', 'to.email'],
    [
      'an address as display name',
      '{"template":"x","to":{"memberId":"m","name":"PayPal <security@paypal.com>"}}',
      'to.name',
    ],
    ['headers of its own', withData('{}').replace(/}$/, ',"headers":{"Bcc":"x"}}'), 'headers'],
    ['a prepared message', withData('{}').replace(/}$/, ',"prepared":true}'), 'prepared'],
    ['a file for a text', withData('{}').replace(/}$/, ',"text":{"path":"/etc/passwd"}}'), 'text'],
  ])('%s', async (_name, payload, path) => {
    const reply = await post('/v1/messages', payload);
    expect(reply.statusCode).toBe(400);
    const [first] = reply.json<{ error: { problems: { path: string }[] } }>().error.problems;
    expect(first?.path.slice(0, path.length)).toBe(path);
  });

  it('bytes that are not UTF-8', async () => {
    const reply = await api.app.inject({
      method: 'POST',
      url: '/v1/messages',
      headers: { ...headers, 'content-type': 'application/json' },
      payload: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(reply.statusCode).toBe(400);
  });

  it('answers 422 for an address only SMTPUTF8 could reach', async () => {
    const reply = await post('/v1/messages', bonus({ email: 'josé@exämple.com' }));
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path: 'to.email' }] } });
  });

  it('answers 413 for two megabytes, and for more than a batch may have', async () => {
    expect((await post('/v1/messages', filler(2 * 1024 * 1024))).statusCode).toBe(413);
    expect((await post('/v1/messages/batch', filler(6 * 1024 * 1024))).statusCode).toBe(413);
  });

  it('answers 415 for what it does not read', async () => {
    const reply = await post('/v1/messages', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(reply.statusCode).toBe(415);
    expect(reply.json()).toMatchObject({ error: { code: 'unsupported-media-type' } });
  });
});

const many = (count: number) => Array.from({ length: count }, () => bonus());

describe('handing in a batch', () => {
  const three = ['m-1', 'm-2', 'm-3'].map((memberId) => bonus({ memberId }));

  it('takes an object, an array or NDJSON', async () => {
    const asObject = await post('/v1/messages/batch', { messages: three });
    const asArray = await post('/v1/messages/batch', three);
    const ndjson = `${three.map((one) => JSON.stringify(one)).join('\n')}\n`;
    const asLines = await post('/v1/messages/batch', ndjson, {
      'content-type': 'application/x-ndjson',
    });
    for (const reply of [asObject, asArray, asLines]) {
      expect(reply.statusCode).toBe(202);
      expect(reply.json<{ messages: unknown[] }>().messages).toHaveLength(3);
    }
  });

  it('stores all or none, and names the message and field', async () => {
    const bad = [...three, { ...bonus(), data: {} }].map((one, index) => ({
      ...one,
      idempotencyKey: `none-${index}`,
    }));
    const reply = await post('/v1/messages/batch', { messages: bad });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      error: {
        problems: expect.arrayContaining([
          expect.objectContaining({ path: 'messages[3].data.bonusId' }),
        ]),
      },
    });
    expect(await stored('none-%')).toBe(0);
  });

  it('stores none when one key is taken by another body', async () => {
    await post('/v1/messages', bonus(), { 'idempotency-key': 'clash-1' });
    const reply = await post('/v1/messages/batch', [
      { ...bonus(), idempotencyKey: 'clash-0' },
      { ...bonus({ memberId: 'm-7' }), idempotencyKey: 'clash-1' },
    ]);
    expect(reply.statusCode).toBe(409);
    expect(await stored('clash-0')).toBe(0);
  });

  it('is the same messages when sent again under one key', async () => {
    const first = await post('/v1/messages/batch', three, { 'idempotency-key': 'nightly' });
    const again = await post('/v1/messages/batch', three, { 'idempotency-key': 'nightly' });
    expect(again.payload).toBe(first.payload);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await stored('nightly/%')).toBe(3);
  });

  it('takes 1,000 messages and refuses 1,001 or none', async () => {
    expect((await post('/v1/messages/batch', many(1_000))).statusCode).toBe(202);
    expect((await post('/v1/messages/batch', many(1_001))).statusCode).toBe(400);
    expect((await post('/v1/messages/batch', { messages: [] })).statusCode).toBe(400);
  });

  it('names the line of NDJSON that can’t be read', async () => {
    const reply = await post('/v1/messages/batch', `${JSON.stringify(bonus())}\n{"template":`, {
      'content-type': 'application/x-ndjson',
    });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { problems: [{ path: '[1]' }] } });
  });
});

it('writes nothing about people to its log', async () => {
  await post('/v1/messages', bonus({ email: 'canary@log.example', name: 'Canary Bird' }));
  await post('/v1/messages', bonus({ email: 'canary@log@example' }));
  await api.app.inject({ url: '/v1/messages?memberId=canary-member', headers });
  await api.app.inject({ method: 'DELETE', url: '/v1/suppressions/canary@log.example', headers });
  const log = api.lines.join('');
  expect(log).toContain('/v1/suppressions/:address');
  expect(log).not.toMatch(/canary/i);
  expect(log).not.toContain('lrl_');
});
