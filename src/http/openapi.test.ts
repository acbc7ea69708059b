import { Validator } from '@seriousme/openapi-schema-validator';
import { Parser } from 'htmlparser2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let document: z.infer<typeof Document>;
beforeAll(async () => {
  api = await openHttpApi();
  document = Document.parse((await api.app.inject('/openapi.json')).json());
});
afterAll(() => api.close());

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(5),
  tags: z.array(z.string()).min(1),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  requestBody: z.unknown().optional(),
  parameters: z.unknown().optional(),
});
const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({ examples: z.array(z.unknown()).optional() })),
  }),
});
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  );

it('is a valid OpenAPI 3.1 document, and all it refers to is in it', async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  const references = JSON.stringify(document).matchAll(
    /"\$ref":"#\/components\/schemas\/([^"]+)"/g,
  );
  for (const [, name = ''] of references)
    expect(document.components.schemas).toHaveProperty([name]);
});

it('says what every route takes and gives, for each kind of body', () => {
  for (const { responses } of operations()) {
    for (const { description } of Object.values(responses))
      expect(description).not.toMatch(/^Default/);
  }
  const bodies = new Map(operations().map(({ name, requestBody }) => [name, requestBody]));
  expect(bodies.get('POST /v1/messages/batch')).toMatchObject({
    content: { 'application/json': {}, 'application/x-ndjson': {} },
  });
  expect(bodies.get('POST /v1/campaigns/{id}/audience')).toMatchObject({
    content: { 'text/csv': {}, 'application/x-ndjson': {} },
  });
});

it('names every route once', () => {
  const names = operations().map(({ name }) => name);
  expect(names.toSorted()).toEqual([
    'DELETE /v1/cancellations/{subject}',
    'DELETE /v1/segments/{name}',
    'DELETE /v1/suppressions/{address}',
    'GET /c/{token}',
    'GET /charts/{token}.png',
    'GET /docs',
    'GET /livez',
    'GET /metrics',
    'GET /openapi.json',
    'GET /p/{token}',
    'GET /readyz',
    'GET /u/{token}',
    'GET /v1/campaigns',
    'GET /v1/campaigns/{id}',
    'GET /v1/campaigns/{id}/report',
    'GET /v1/erasure-requests',
    'GET /v1/flows',
    'GET /v1/members',
    'GET /v1/members/merge-suggestions',
    'GET /v1/members/{id}',
    'GET /v1/members/{id}/affected-messages',
    'GET /v1/members/{id}/entries',
    'GET /v1/members/{id}/export',
    'GET /v1/messages',
    'GET /v1/messages/{id}',
    'GET /v1/redemptions/{id}',
    'GET /v1/segments',
    'GET /v1/segments/{name}/count',
    'GET /v1/segments/{name}/members/{memberId}',
    'GET /v1/stats',
    'GET /v1/templates',
    'GET /v1/templates/{template}/versions',
    'GET /v1/webhook-deliveries',
    'POST /p/{token}',
    'POST /u/{token}',
    'POST /v1/campaigns',
    'POST /v1/campaigns/{id}/audience',
    'POST /v1/campaigns/{id}/cancel',
    'POST /v1/campaigns/{id}/exclusions',
    'POST /v1/campaigns/{id}/pause',
    'POST /v1/campaigns/{id}/preflight',
    'POST /v1/campaigns/{id}/release',
    'POST /v1/campaigns/{id}/resume',
    'POST /v1/campaigns/{id}/start',
    'POST /v1/cancellations',
    'POST /v1/events',
    'POST /v1/flows/{flow}/pause',
    'POST /v1/flows/{flow}/resume',
    'POST /v1/members/{id}/erase',
    'POST /v1/messages',
    'POST /v1/messages/batch',
    'POST /v1/messages/{id}/cancel',
    'POST /v1/messages/{id}/requeue',
    'POST /v1/redemptions',
    'POST /v1/redemptions/{id}/commit',
    'POST /v1/redemptions/{id}/release',
    'POST /v1/suppressions',
    'POST /v1/webhook-deliveries/{id}/resend',
    'POST /v1/webhooks/{adapter}/{connection}',
    'PUT /v1/segments/{name}',
    'PUT /v1/templates/{template}/live',
  ]);
  expect(new Set(operations().map(({ operationId }) => operationId)).size).toBe(names.length);
});

it('describes the error body of every route that can refuse', () => {
  const guarded = operations().filter(({ name }) => name.includes('/v1/'));
  expect(guarded.length).toBeGreaterThan(30);
  for (const { name, responses } of guarded) {
    for (const status of ['401', '403', '429', '503']) {
      expect({ name, status, ...responses[status] }).toMatchObject({
        name,
        status,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      });
    }
  }
});

it('has examples that its own schemas accept', () => {
  const { schemas } = document.components;
  const withExamples = Object.entries(schemas).filter(([, { examples }]) => examples?.length);
  expect(withExamples.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'Error',
      'MessageRequestInput',
      'LedgerEventInput',
      'NewCampaignInput',
    ]),
  );
  for (const [name, { examples }] of withExamples) {
    const schema = schemaOf(name);
    for (const example of examples ?? []) {
      expect({ name, error: schema.safeParse(example).error }).toEqual({ name, error: undefined });
    }
  }
});

it('describes replies as they are', async () => {
  const headers = await api.as();
  const post = (url: string, payload: object) =>
    api.app.inject({ method: 'POST', url, headers, payload });
  const message = {
    template: 'bonus-posted',
    to: { memberId: 'm-1' },
    data: { bonusId: 'b', name: 'Bonus', reason: 'visit' },
  };
  const accepted = await post('/v1/messages', message);
  const { id } = accepted.json<{ id: string }>();
  const campaign = await post('/v1/campaigns', {
    campaign: 'year-in-review',
    year: 2025,
    brand: 'kestrel',
    audience: { memberIds: ['m-1'] },
  });
  const progress = `/v1/campaigns/${campaign.json<{ id: string }>().id}`;
  const replies: [string, unknown][] = [
    ['Accepted', accepted.json()],
    ['Message', (await api.app.inject({ url: `/v1/messages/${id}`, headers })).json()],
    ['Campaign', campaign.json()],
    ['CampaignProgress', (await api.app.inject({ url: progress, headers })).json()],
    ['Stats', (await api.app.inject({ url: '/v1/stats?by=template&days=7', headers })).json()],
    ['CampaignReport', (await api.app.inject({ url: `${progress}/report`, headers })).json()],
    ['Error', (await post('/v1/messages', {})).json()],
    ['Error', (await api.app.inject('/nowhere')).json()],
    ['Readiness', (await api.app.inject('/readyz')).json()],
  ];
  for (const [name, reply] of replies) {
    expect({ name, error: schemaOf(name).safeParse(reply).error }).toEqual({
      name,
      error: undefined,
    });
  }
});

/** A component as zod reads it from the document alone. */
function schemaOf(name: string) {
  const text = JSON.stringify(document.components.schemas).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: JSON.parse(text) });
}

it('has an example for every body and every part of a path, and takes each of them', async () => {
  const headers = await api.as();
  const misunderstood: unknown[] = [];
  const lacking: string[] = [];
  const Body = z.looseObject({
    content: z.record(z.string(), z.looseObject({ example: z.unknown().optional() })),
  });
  const Parameters = z.array(
    z.looseObject({ name: z.string(), in: z.string(), example: z.unknown().optional() }),
  );
  let sent = 0;
  for (const { name, requestBody, parameters = [] } of operations()) {
    const [method = '', path = ''] = name.split(' ');
    const inPath = Parameters.parse(parameters).filter((one) => one.in === 'path');
    const url = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => {
      const example = inPath.find((one) => one.name === part)?.example;
      if (typeof example !== 'string') lacking.push(`${name} ${part}`);
      return encodeURIComponent(String(example));
    });
    const asked = Parameters.parse(parameters).filter(
      (one) => one.in === 'query' && typeof one.example === 'string',
    );
    const query =
      asked.length === 0
        ? ''
        : `?${new URLSearchParams(
            asked.map((one): [string, string] => [one.name, String(one.example)]),
          )}`;
    const bodies = requestBody ? Object.entries(Body.parse(requestBody).content) : [[]];
    for (const [type, one] of bodies) {
      if (one && one.example === undefined) lacking.push(`${name} ${type}`);
      // A program that has read the document, and sends what it says.
      const answer = await fetch(`${api.url}${url}${query}`, {
        method,
        headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
        ...(one && {
          body: typeof one.example === 'string' ? one.example : JSON.stringify(one.example),
        }),
      });
      const { status } = answer;
      const text = await answer.text();
      sent += 1;
      // What the example names needn't be there; what it says must be understood.
      const known = [200, 201, 202, 204, 404, 409];
      if (
        !/webhooks|\/u\/|charts/.test(path) &&
        !known.includes(status) &&
        !/there is no published version/.test(text)
      )
        misunderstood.push({ name, type, status, text });
    }
  }
  expect({ lacking, misunderstood }).toEqual({ lacking: [], misunderstood: [] });
  expect(sent).toBeGreaterThan(50);
});

it('is a page to read, too, which loads nothing and runs nothing', async () => {
  const { statusCode, body, headers } = await api.app.inject('/docs');
  expect(statusCode).toBe(200);
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  const loads: string[] = [];
  const parser = new Parser({
    onopentag: (tag, attributes) => {
      if (/^(script|link|img|iframe|object|embed|form)$/.test(tag)) loads.push(tag);
      for (const [key, value] of Object.entries(attributes))
        if (/^(src|href|srcset|style|on\w+)$/.test(key) && !/^(#|\/openapi)/.test(value))
          loads.push(`${tag} ${key}=${value}`);
    },
  });
  parser.end(body);
  expect(loads).toEqual([]);
  expect(body.match(/<style>[^]*?<\/style>/g)).toHaveLength(1);
  expect(body).not.toMatch(/url\(|@import/);
  for (const { name } of operations()) expect(body).toContain(name.split('{')[0]);
});
