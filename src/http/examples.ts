import { z } from 'zod';

import { isRecord } from '../core/is-record.ts';

/** What is written for each part of a path, and for what a query asks by. */
const ofParameter: Readonly<Record<string, unknown>> = {
  id: '01980a4e-7c1e-7d3a-9f5e-2b6f8d1c0a11',
  memberId: 'm-1001',
  subject: 'order:1001',
  address: 'ana@example.com',
  email: 'ana@example.com',
  name: 'gold-lapsing',
  template: 'order-confirmation',
  flow: 'template:order-confirmation',
  adapter: 'shopify',
  connection: 'shop',
  token: 'sealed',
};

const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  description: z.string().optional(),
});
export const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().default(''),
  description: z.string().default(''),
  tags: z.array(z.string()).default([]),
  parameters: z.array(Parameter).default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) })
    .optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().default('') })),
});
export const Described = z.looseObject({
  info: z.looseObject({ title: z.string(), description: z.string().default('') }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
export type Described = z.output<typeof Described>;

/** The document with an example for every parameter of a path, and every body, of those that its schemas have. */
export function withExamples(document: unknown): Described & { readonly openapi: '3.1.0' } {
  const described = Described.parse(document);
  const { schemas } = described.components;
  const paths = Object.fromEntries(
    Object.entries(described.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          {
            ...operation,
            parameters: operation.parameters.map((one) =>
              one.in === 'path' || one.name === 'email'
                ? { ...one, example: ofParameter[one.name] }
                : one,
            ),
            ...(operation.requestBody && {
              requestBody: {
                ...operation.requestBody,
                content: Object.fromEntries(
                  Object.entries(operation.requestBody.content).map(([type, one]) => {
                    const example = exampleOf(one.schema, schemas);
                    return [type, example === undefined ? one : { ...one, example }];
                  }),
                ),
              },
            }),
          },
        ]),
      ),
    ]),
  );
  return { ...described, paths, openapi: '3.1.0' };
}

/** The first example of a schema, of what it refers to, or of one of those it may be. */
function exampleOf(schema: unknown, schemas: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(schema)) return undefined;
  const { examples, $ref, anyOf, items } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (typeof $ref === 'string')
    return exampleOf(schemas[$ref.replace('#/components/schemas/', '')], schemas);
  if (Array.isArray(anyOf))
    return anyOf.map((one) => exampleOf(one, schemas)).find((one) => one !== undefined);
  const item = exampleOf(items, schemas);
  return item === undefined ? undefined : [item];
}
