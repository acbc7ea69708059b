import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { parseAddress } from '../../core/address.ts';
import { suppressAddress, unsuppressAddress } from '../../message/rows/guards.ts';
import type { HttpContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const Address = z
  .string()
  .max(320)
  .superRefine((text, context) => {
    const parsed = parseAddress(text);
    // An address only SMTPUTF8 could reach may well be suppressed.
    if (parsed.kind === 'invalid') context.addIssue({ code: 'custom', message: parsed.message });
  });
const Suppression = z.strictObject({
  address: Address,
  reason: z.enum(['hard-bounce', 'complaint', 'unsubscribe', 'manual']).default('manual'),
  scope: z
    .enum(['all', 'commercial'])
    .default('all')
    .describe('`commercial` still lets receipts through, without promotion.'),
});
documented.add(Suppression, {
  id: 'Suppression',
  examples: [{ address: 'ana@example.com', reason: 'hard-bounce', scope: 'all' }],
});

/** Addresses that must not be mailed: every spelling of them, also what is already waiting. */
export const suppressionRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/v1/suppressions',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'suppressAddress',
          tags: ['suppressions'],
          summary: 'Never mail this address again',
          body: Suppression,
          response: {
            204: z.null(),
            ...refusals(400, 408, 413, 415),
          },
        },
      },
      async ({ body, tenant, keyPrefix }, reply) => {
        await suppressAddress(pool, tenant, { ...body, source: `api:${keyPrefix || 'local'}` });
        return reply.code(204).send(null);
      },
    );

    app.delete(
      '/v1/suppressions/:address',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'unsuppressAddress',
          tags: ['suppressions'],
          summary: 'Take an address off the list',
          params: z.strictObject({ address: Address }),
          response: { 204: z.null(), ...refusals(400, 404) },
        },
      },
      async ({ params: { address }, tenant }, reply) => {
        if (!(await unsuppressAddress(pool, tenant, address))) throw notFound('suppression');
        return reply.code(204).send(null);
      },
    );
  };
