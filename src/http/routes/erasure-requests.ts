import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { ErasureRequest, listErasureRequests } from '../../members/erasure-requests.ts';
import type { HttpContext } from '../context.ts';
import { documented, refusals } from '../openapi.ts';

documented.add(ErasureRequest, { id: 'ErasureRequest' });

/** Who asked to be forgotten, and waits for somebody to do it. */
export const erasureRequestRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/erasure-requests',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'listErasureRequests',
          tags: ['members'],
          summary: 'Members who asked to be erased and aren’t yet, whoever waits longest first',
          response: { 200: z.strictObject({ requests: z.array(ErasureRequest) }), ...refusals() },
        },
      },
      async ({ tenant }) => ({ requests: await listErasureRequests(pool, tenant) }),
    );
  };
