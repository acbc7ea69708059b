import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { eraseMember, exportOf } from '../../members/members.ts';
import type { HttpContext } from '../context.ts';
import { byId, named, namedEver } from '../inquiry.ts';
import { refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

/** A member's own right to see, and to end, what is known of them. */
export const personalDataRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/members/:id/export',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'exportMember',
          tags: ['members'],
          summary: 'Everything that is known of the member, as one document',
          params: IdParams,
          response: { 200: z.looseObject({ format: z.string() }), ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, params }, reply) => {
        const inquiry = await named(context, { tenant, keyPrefix }, byId(params));
        void reply.header('cache-control', 'no-store');
        return exportOf(context, inquiry);
      },
    );

    app.post(
      '/v1/members/:id/erase',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'eraseMember',
          tags: ['members'],
          summary: 'Forget the member, for good',
          description: 'Like the event `member.erased`. Asking again does nothing.',
          params: IdParams,
          response: { 204: z.null(), ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, params }, reply) => {
        const inquiry = await namedEver(context, { tenant, keyPrefix }, byId(params));
        if (inquiry.member.status !== 'erased') await eraseMember(context, inquiry);
        return reply.code(204).send(null);
      },
    );
  };
