import { afterAll, beforeAll, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as();
  const enrolled = {
    type: 'member.enrolled',
    source: 'crm',
    id: 'e-1',
    at: '2026-05-01T10:00:00+02:00',
    memberId: 'ana',
    brand: 'juniper',
    membershipNumber: 'J-1',
  };
  await api.app.inject({ method: 'POST', url: '/v1/events', headers, payload: enrolled });
});
afterAll(() => api.close());

const envelope = {
  specversion: '1.0',
  id: 'till-1',
  source: '/tills/4',
  type: 'laurel.order.placed',
  time: '2026-05-04T18:30:00+02:00',
  datacontenttype: 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const line = { productId: 'latte', quantity: 2, unitPrice: 450, fullPrice: true };
const order = (orderId: string) => ({
  memberId: 'ana',
  orderId,
  channel: 'store',
  currency: 'EUR',
  total: 900,
  lines: [line],
});
const post = async (type: string, payload: unknown, more: Record<string, string> = {}) => {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { ...headers, 'content-type': type, ...more },
    payload: JSON.stringify(payload),
  });
  return { status: reply.statusCode, ...reply.json<{ refused: number; results: unknown[] }>() };
};
const structured = 'application/cloudevents+json';
const batched = 'application/cloudevents-batch+json; charset=utf-8';

it('applies a structured one, once by source and id, in whichever mode it comes again', async () => {
  const event = { ...envelope, data: order('S-1') };
  expect(await post(structured, event)).toMatchObject({
    status: 200,
    results: [{ kind: 'applied', source: '/tills/4', id: 'till-1', memberId: 'ana' }],
  });
  expect(await post(batched, [event])).toMatchObject({ results: [{ kind: 'duplicate' }] });
  const { specversion, id, source, type, time } = envelope;
  const binary = {
    'ce-specversion': specversion,
    'ce-id': id,
    'ce-source': source,
    'ce-type': type,
    'ce-time': time,
  };
  expect(await post('application/json', order('S-1'), binary)).toMatchObject({
    results: [{ kind: 'duplicate' }],
  });
});

it('refuses a bad one of a batch by the field its sender knows, and applies the others', async () => {
  const wrongPrice = { ...order('S-3'), lines: [{ ...line, unitPrice: 4.5 }] };
  const reply = await post(batched, [
    { ...envelope, id: 'b-1', data: order('S-2') },
    { ...envelope, id: 'b-2', data: wrongPrice },
    { ...envelope, id: 'b-3', specversion: '0.3', data: {} },
    { ...envelope, id: 'b-4', time: 'yesterday', data: order('S-4') },
    { ...envelope, id: 'b-5', data: { ...order('S-5'), at: envelope.time } },
    { ...envelope, id: 'b-6', data_base64: 'e30=' },
  ]);
  expect(reply).toMatchObject({
    status: 200,
    refused: 5,
    results: [
      { kind: 'applied', id: 'b-1' },
      { kind: 'refused', id: 'b-2', problems: [{ path: 'data.lines[0].unitPrice' }] },
      { kind: 'refused', id: 'b-3', problems: [{ path: 'specversion' }] },
      { kind: 'refused', id: 'b-4', problems: [{ path: 'time' }] },
      { kind: 'refused', id: 'b-5', problems: [{ path: 'data.at' }] },
      { kind: 'refused', id: 'b-6', problems: [{ path: 'data' }, { path: 'data_base64' }] },
    ],
  });
});

it('names headers where the envelope came in headers, which are percent-encoded', async () => {
  const binary = {
    'ce-specversion': '1.0',
    'ce-id': 'caf%C3%A9-1',
    'ce-source': 'shop',
    'ce-type': 'points.earned',
    'ce-subject': 'member:ana',
  };
  expect(await post('application/json', { points: 10 }, binary)).toMatchObject({
    refused: 1,
    results: [{ id: 'café-1', problems: [{ path: 'ce-time' }] }],
  });
  const timed = { ...binary, 'ce-time': envelope.time };
  expect(await post('application/json', { points: 1.5 }, timed)).toMatchObject({
    results: [{ problems: [{ path: 'data.points' }] }],
  });
  expect(await post('application/json', { points: 10 }, timed)).toMatchObject({
    results: [{ kind: 'applied', id: 'café-1', memberId: 'ana' }],
  });
});

it('takes the member from the subject where the data names nobody, and says so when she is unknown', async () => {
  const event = { ...envelope, type: 'points.earned', id: 'p-1', data: { points: 10 } };
  expect(await post(structured, { ...event, subject: 'member:ana' })).toMatchObject({
    results: [{ kind: 'applied', memberId: 'ana' }],
  });
  expect(await post(structured, { ...event, id: 'p-2', subject: 'member:nobody' })).toMatchObject({
    results: [{ kind: 'refused', problems: [{ path: 'subject' }] }],
  });
  expect(await post(structured, { ...event, id: 'p-3', subject: 'basket:7' })).toMatchObject({
    results: [{ kind: 'refused', problems: [{ path: 'data.memberId' }] }],
  });
});

it('refuses as a whole what cannot be read at all', async () => {
  expect(await post(structured, ['not an object'])).toMatchObject({ refused: 1 });
  expect(await post(batched, { ...envelope, data: {} })).toMatchObject({ status: 400 });
});

it('L13: takes an empty batch, and times with a small t and z', async () => {
  expect(await post(batched, [])).toMatchObject({ status: 200, refused: 0, results: [] });
  const event = { ...envelope, id: 'small', time: '2026-05-04t18:30:00z', data: order('S-13') };
  expect(await post(structured, event)).toMatchObject({ results: [{ kind: 'applied' }] });
  const { rows } = await api.database.pool.query(
    `select placed_at as at from laurel.purchases where order_id = 'S-13'`,
  );
  expect(rows).toEqual([{ at: new Date('2026-05-04T18:30:00Z') }]);
});

const consent = (id: string, granted: boolean, at?: string) =>
  post('application/json', {
    type: 'consent.changed',
    source: 'crm',
    id,
    memberId: 'ana',
    purpose: 'marketing',
    granted,
    ...(at && { at }),
  });

const granted = async () => {
  const { rows } = await api.database.pool.query<{ granted: string | null }>(
    `select document -> 'consents' -> 'marketing' ->> 'granted' as granted from laurel.profiles where member_id = 'ana'`,
  );
  return rows[0]?.granted;
};

it('L3: an answer about consent without a date never beats one that has a date', async () => {
  for (const [id, yes, at, after] of [
    ['undated-no', false, undefined, 'false'],
    ['undated-yes', true, undefined, 'true'],
    ['dated-no', false, '2020-01-01T00:00:00Z', 'false'],
    ['undated-yes-again', true, undefined, 'false'],
    ['dated-yes', true, '2021-01-01T00:00:00Z', 'true'],
    ['undated-no-again', false, undefined, 'true'],
  ] as const) {
    expect(await consent(id, yes, at)).toMatchObject({ results: [{ kind: 'applied' }] });
    expect([id, await granted()]).toEqual([id, after]);
  }
});
