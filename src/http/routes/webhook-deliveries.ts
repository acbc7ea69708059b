import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { Instant } from '../../core/instant.ts';
import { deliveryStates, listDeliveries, resendDead } from '../../outgoing/deliveries.ts';
import type { HttpContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const WebhookDelivery = z.strictObject({
  webhookId: z.string().describe('The header `webhook-id`, the same at every attempt.'),
  endpoint: z.string(),
  type: z.string(),
  at: Instant,
  state: z.enum(deliveryStates),
  tries: z.int(),
  nextAt: Instant.nullable().describe('When it is tried next; null once it ended.'),
  problem: z.string().nullable().describe('What the last attempt failed with.'),
  memberId: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
documented.add(WebhookDelivery, { id: 'WebhookDelivery' });

const Query = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  endpoint: z.string().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** What our own webhooks told others, or couldn't. */
export const webhookDeliveryRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/webhook-deliveries',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listWebhookDeliveries',
          tags: ['webhooks'],
          summary:
            'What endpoints were told or are yet to be, the latest first; `dead` was given up',
          querystring: Query,
          response: {
            200: z.strictObject({ deliveries: z.array(WebhookDelivery) }),
            ...refusals(400),
          },
        },
      },
      async ({ tenant, query }) => {
        const found = await listDeliveries(pool, tenant, query);
        return {
          deliveries: found.map((one) => ({
            webhookId: one.webhookId,
            endpoint: one.endpoint,
            type: one.type,
            at: one.at.toISOString(),
            state: one.state,
            tries: one.tries,
            nextAt: one.state === 'waiting' ? one.nextAt.toISOString() : null,
            problem: one.problem,
            memberId: one.memberId,
            data: one.data,
          })),
        };
      },
    );

    app.post(
      '/v1/webhook-deliveries/:id/resend',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'resendWebhookDelivery',
          tags: ['webhooks'],
          summary: 'Tell again what was given up',
          params: z.strictObject({ id: z.string().max(100) }),
          response: { 204: z.null(), ...refusals(404) },
        },
      },
      async ({ tenant, params: { id } }, reply) => {
        if ((await resendDead(pool, tenant, [id])) === 0) throw notFound('dead webhook');
        return reply.code(204).send(null);
      },
    );
  };
