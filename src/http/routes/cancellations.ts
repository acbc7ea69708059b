import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { SubjectRef } from '../../contract/message.ts';
import { cancelSubjects, reinstateSubject } from '../../message/rows/guards.ts';
import type { HttpContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const Cancellation = z.strictObject({ subjects: z.array(SubjectRef).min(1).max(1_000) });
documented.add(Cancellation, {
  id: 'Cancellation',
  examples: [{ subjects: ['order:1001', 'trip:K7PQ2M'] }],
});

/** Subjects that no longer take place: every message about one is stopped, waiting or still to come. */
export const cancellationRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/v1/cancellations',
      {
        config: { access: 'send' },
        schema: {
          operationId: 'cancelSubjects',
          tags: ['cancellations'],
          summary: 'Stop every message about these subjects',
          body: Cancellation,
          response: {
            200: z.strictObject({ cancelled: z.array(z.string()) }),
            ...refusals(400, 408, 413, 415),
          },
        },
      },
      async ({ body: { subjects }, tenant }) => {
        const cancelled = [...new Set(subjects)];
        await cancelSubjects(pool, tenant, cancelled);
        return { cancelled };
      },
    );

    app.delete(
      '/v1/cancellations/:subject',
      {
        config: { access: 'send' },
        schema: {
          operationId: 'reinstateSubject',
          tags: ['cancellations'],
          summary: 'Take a cancellation back',
          description: 'Messages that were suppressed because of it stay so.',
          params: z.strictObject({ subject: SubjectRef }),
          response: {
            204: z.null(),
            ...refusals(400, 404),
          },
        },
      },
      async ({ params: { subject }, tenant }, reply) => {
        if (!(await reinstateSubject(pool, tenant, subject))) throw notFound('cancellation');
        return reply.code(204).send(null);
      },
    );
  };
