import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { shopConnection } from '../../test/webhooks.ts';

let api: HttpApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await openHttpApi({ webhooks: { shop: shopConnection } });
  headers = await api.as();
});
afterAll(() => api.close());

const Parameter = z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header']) });
const Paths = z.record(
  z.string(),
  z.record(z.string(), z.looseObject({ parameters: z.array(Parameter).default([]) })),
);
const methods = ['get', 'post', 'put', 'delete'] as const;

it('X7: NUL in any parameter of any route is 400 or 404, and never a fault of ours', async () => {
  const document = z.object({ paths: Paths }).parse((await api.app.inject('/openapi.json')).json());
  const tried: string[] = [];
  for (const [path, operations] of Object.entries(document.paths))
    for (const method of methods) {
      const { parameters } = operations[method] ?? { parameters: [] };
      const within = parameters.filter(({ in: where }) => where !== 'header');
      for (const { name, in: where } of within)
        for (const text of ['%00', 'a%00b', 'order:1%00', 'template:a%00', 'ana%00@mail.example']) {
          const filled = path.replaceAll(/\{(\w+)\}/g, (_all, one: string) =>
            where === 'path' && one === name ? text : 'x',
          );
          const url = where === 'query' ? `${filled}?${name}=${text}` : filled;
          const reply = await api.app.inject({
            method:
              method === 'get'
                ? 'GET'
                : method === 'post'
                  ? 'POST'
                  : method === 'put'
                    ? 'PUT'
                    : 'DELETE',
            url,
            headers: { ...headers, 'content-type': 'application/json' },
            payload: method === 'get' || method === 'delete' ? '' : '{}',
          });
          tried.push(`${method} ${url}`);
          expect([method, url, reply.statusCode]).toEqual([
            method,
            url,
            expect.toSatisfy((status) => [400, 401, 404, 415].includes(Number(status))),
          ]);
        }
    }
  expect(tried.length).toBeGreaterThan(150);
});

describe('X7: what stands in headers', () => {
  const event = {
    'ce-specversion': '1.0',
    'ce-id': 'e',
    'ce-source': 's',
    'ce-type': 'points.earned',
    'ce-time': '2026-01-01T00:00:00Z',
  };
  it.each(['ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-subject'])(
    'NUL in %s is refused by name',
    async (name) => {
      const reply = await api.app.inject({
        method: 'POST',
        url: '/v1/events',
        headers: {
          ...headers,
          ...event,
          'ce-subject': 'member:ana',
          [name]: 'member:a%00',
          'content-type': 'application/json',
        },
        payload: { points: 5 },
      });
      expect(reply.statusCode).toBe(200);
      expect(reply.json()).toMatchObject({ refused: 1, results: [{ problems: [{ path: name }] }] });
    },
  );
});

it('X12: strangers over their limit cost no query; who has a good key is still let in', async () => {
  const strict = await openHttpApi({
    change: { requestsAMinute: { perKey: 1_000, perAddress: 5 } },
  });
  try {
    const good = await strict.as();
    const ask = async (authorization: string) =>
      (await strict.app.inject({ url: '/v1/messages?limit=1', headers: { authorization } }))
        .statusCode;
    expect(await ask(good['authorization'] ?? '')).toBe(200);
    const lookups = async () => {
      let queries = 0;
      const query = strict.pool.query.bind(strict.pool);
      const counted = new Proxy(query, {
        apply: (target, self, args) => {
          queries += 1;
          return Reflect.apply(target, self, args);
        },
      });
      Object.assign(strict.pool, { query: counted });
      const statuses = [];
      for (let n = 0; n < 40; n += 1)
        statuses.push(await ask(`Bearer lrl_${String(n).padStart(10, 'a')}_${'A'.repeat(43)}`));
      Object.assign(strict.pool, { query });
      return { queries, statuses };
    };
    const { queries, statuses } = await lookups();
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
    // One each until the limit, and then one for all of them a second.
    expect(queries).toBeLessThan(15);
    expect(await ask(good['authorization'] ?? '')).toBe(200);
  } finally {
    await strict.close();
  }
});
