import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from 'fastify-type-provider-zod';
import { z } from 'zod';

import { ErrorBody } from './errors.ts';

/** What a schema is called in the document, and examples of it. */
export const documented = z.registry<{ id?: string; description?: string; examples?: unknown[] }>();

documented.add(ErrorBody, {
  id: 'Error',
  description: 'Why a request was refused. Nothing was stored.',
  examples: [
    {
      error: {
        code: 'invalid-input',
        message: 'data.total: Invalid input: expected number, received string',
        problems: [
          { path: 'data.total', message: 'Invalid input: expected number, received string' },
        ],
      },
    },
  ],
});

const refusal = {
  400: 'The input is wrong; each problem names its field.',
  404: 'There is no such thing, or it is another tenant’s.',
  408: 'The body did not arrive in time.',
  409: 'The key was used with another body, or the thing is in another state.',
  413: 'The body is too large.',
  415: 'Not a content type this route takes.',
  422: 'A valid address this installation’s mail transport can’t deliver to.',
} as const;
const always = {
  401: 'No valid API key.',
  403: 'The key lacks the scope.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Can not be stored right now; try again after `Retry-After` seconds with the same idempotency key.',
} as const;

const ofError = (description: string) => ({
  description,
  content: { 'application/json': { schema: ErrorBody } },
});

/** The error replies of a route, for its schema: those every route has, and these. */
export function refusals(...statuses: (keyof typeof refusal)[]) {
  return Object.fromEntries([
    ...statuses.map((status) => [status, ofError(refusal[status])] as const),
    ...Object.entries(always).map(([status, text]) => [status, ofError(text)] as const),
  ]);
}

/** The reply to a request with an idempotency key, which says whether it was known. */
export const replayable = (schema: z.ZodType, description = 'Accepted: durable from now on.') => ({
  description,
  headers: {
    'Idempotent-Replayed': {
      description: 'Only where the request was answered before: this is that answer.',
      schema: { type: 'string', enum: ['true'] },
    },
  },
  content: { 'application/json': { schema } },
});

/** Collects the document while routes are registered; `app.swagger()` gives it once the app is ready. */
export async function registerOpenapi(app: FastifyInstance) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Laurel',
        version: '1.0.0',
        description:
          'Hands in transactional email that is decided and rendered with the customer’s profile of the moment it is sent. ' +
          'A 202 means durable: the message is stored, and will be sent or its record will say why not.',
      },
      tags: [
        { name: 'messages', description: 'Handing messages in, and what became of them.' },
        {
          name: 'cancellations',
          description: 'Orders, trips and other subjects that no longer take place.',
        },
        { name: 'suppressions', description: 'Addresses that must not be mailed.' },
        { name: 'events', description: 'What happened to members: the ledger.' },
        { name: 'webhooks', description: 'What shops and other systems tell the ledger.' },
        {
          name: 'members',
          description: 'One member: for support, and for the member’s own rights.',
        },
        { name: 'campaigns', description: 'One message to each member of an audience.' },
        { name: 'preferences', description: 'Where the links in mails lead.' },
        { name: 'charts', description: 'Pictures of mails that show their charts by address.' },
        { name: 'operation', description: 'For load balancers and monitoring.' },
      ],
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key `lrl_<prefix>_<secret>` with the scope the route names.',
          },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = createJsonSchemaTransform({ schemaRegistry: documented })(document);
      const { access = 'operate', textBodies, jsonBodies } = document.route.config ?? {};
      const scope = access === 'public' ? [] : [`Needs the scope \`${access}\`.`];
      return {
        url,
        schema: {
          ...schema,
          description: [schema.description ?? '', ...scope].filter(Boolean).join('\n\n'),
          security: access === 'public' ? [] : [{ apiKey: [] }],
          ...((textBodies ?? jsonBodies) && {
            body: { content: bodyContent(schema.body, textBodies ?? {}, jsonBodies ?? {}) },
          }),
          response: described(schema.response),
        },
      };
    },
    transformObject: createJsonSchemaTransformObject({ schemaRegistry: documented }),
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bodies a route takes besides JSON: media type to an example. For the document. */
    textBodies?: Readonly<Record<string, string>>;
    /** Further media types with JSON in them. For the document. */
    jsonBodies?: Readonly<Record<string, z.ZodType>>;
  }
}

const bodyContent = (
  json: unknown,
  texts: Readonly<Record<string, string>>,
  others: Readonly<Record<string, z.ZodType>>,
) => ({
  ...(json !== undefined && { 'application/json': { schema: json } }),
  ...Object.fromEntries(
    Object.entries(others).map(([type, schema]) => {
      const { $schema: _dialect, ...plain } = z.toJSONSchema(schema, { unrepresentable: 'any' });
      return [type, { schema: plain }];
    }),
  ),
  ...Object.fromEntries(
    Object.entries(texts).map(([type, example]) => [
      type,
      { schema: { type: 'string', examples: [example] } },
    ]),
  ),
});

const meaning: Readonly<Record<string, string>> = {
  200: 'As asked.',
  201: 'Made.',
  202: 'Accepted: durable from now on.',
  204: 'Done.',
  503: 'Not ready.',
};

/** Gives every reply a description; those with a reference for a schema have nowhere else to say it. */
function described(response: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(response ?? {}).map(([status, schema]: [string, unknown]) => {
      if (typeof schema === 'object' && schema !== null && 'content' in schema)
        return [status, schema];
      const description = meaning[status] ?? 'As asked.';
      if (status === '204') return [status, { type: 'null', description }];
      return [status, { description, content: { 'application/json': { schema } } }];
    }),
  );
}
