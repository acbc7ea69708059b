import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi();
  headers = await api.as('main');
  const events = [
    { type: 'member.enrolled', memberId: 'ana', brand: 'juniper', membershipNumber: '1' },
    { type: 'points.earned', memberId: 'ana', points: 300 },
  ].map((event, n) => ({ ...event, source: 't', id: `${n}`, at: '2026-01-01T00:00:00Z' }));
  await post('/v1/events', events);
});
afterAll(() => api.close());

const post = (url: string, payload: object | undefined, as = headers) =>
  api.app.inject({ method: 'POST', url, headers: as, ...(payload && { payload }) });
const wanted = { memberId: 'ana', points: 200, key: 'cart-1' };
const Answer = z.looseObject({ redemptionId: z.string() });

it('reserves, answers the same under the same key, and refuses with what is available', async () => {
  const first = await post('/v1/redemptions', wanted);
  expect(first.statusCode).toBe(201);
  expect(first.json()).toMatchObject({
    state: 'open',
    points: 200,
    worth: { amount: 800, currency: 'EUR' },
  });
  const again = await post('/v1/redemptions', wanted);
  expect(again.json()).toEqual(first.json());
  expect([first, again].map((reply) => reply.headers['idempotent-replayed'])).toEqual([
    undefined,
    'true',
  ]);
  const other = await post('/v1/redemptions', { ...wanted, points: 150 });
  expect([other.statusCode, other.json()]).toMatchObject([
    409,
    { error: { code: 'idempotency-conflict' } },
  ]);
  const refused = await post('/v1/redemptions', { ...wanted, key: 'cart-2' });
  expect([refused.statusCode, refused.json()]).toEqual([
    409,
    {
      error: {
        code: 'insufficient-points',
        message: 'the member has fewer points than that',
        problems: [],
      },
      available: 100,
      minimum: 100,
    },
  ]);
});

it('commits once, and says so when it is too late for anything else', async () => {
  const { redemptionId: id } = Answer.parse((await post('/v1/redemptions', wanted)).json());
  const commit = async () => (await post(`/v1/redemptions/${id}/commit`, undefined)).json();
  expect(await commit()).toMatchObject({ state: 'committed' });
  expect(await commit()).toMatchObject({ state: 'committed' });
  const late = await post(`/v1/redemptions/${id}/release`, undefined);
  expect([late.statusCode, late.json()]).toMatchObject([
    409,
    { error: { code: 'redemption-committed' } },
  ]);
  const read = await api.app.inject({ url: `/v1/redemptions/${id}`, headers });
  expect(read.json()).toMatchObject({ redemptionId: id, state: 'committed' });
});

it('knows neither strangers nor other tenants’ redemptions', async () => {
  const nobody = await post('/v1/redemptions', { ...wanted, memberId: 'nobody', key: 'x' });
  expect(nobody.statusCode).toBe(404);
  const { redemptionId: id } = Answer.parse((await post('/v1/redemptions', wanted)).json());
  const strangers = await api.as('other');
  expect((await post(`/v1/redemptions/${id}/commit`, undefined, strangers)).statusCode).toBe(404);
  const wrong = await post('/v1/redemptions', { ...wanted, points: 1.5 });
  expect([wrong.statusCode, wrong.json()]).toMatchObject([
    400,
    { error: { problems: [{ path: 'points' }] } },
  ]);
});
