import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { FlowName } from '../../contract/flow.ts';
import type { HttpDeps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const PausedFlow = z.strictObject({
  flow: FlowName,
  by: z.enum(['failures', 'hand']).describe('It failed for many, or somebody paused it.'),
  why: z.string(),
  since: z.date(),
  probeAt: z.date().nullable().describe('When one message is let through; null: by hand only.'),
  held: z.int().describe('Messages that wait for it.'),
  messagesTakenBack: z
    .int()
    .describe('Messages that were refused with everybody, and wait instead of having failed.'),
  suppressionsUndone: z
    .int()
    .describe('Addresses that came on the suppression list by that, and are off it again.'),
});
documented.add(PausedFlow, {
  id: 'PausedFlow',
  examples: [
    {
      flow: 'template:order-confirmation',
      by: 'failures',
      why: '5 of the last 9 failed, now with render-failed',
      since: '2026-06-15T12:00:00.000Z',
      probeAt: '2026-06-15T12:00:30.000Z',
      held: 41,
      messagesTakenBack: 0,
      suppressionsUndone: 0,
    },
  ],
});

const params = z.strictObject({ flow: FlowName });

/** What messages go through: what of it is paused, and pausing and resuming it by hand. */
export const flowRoutes =
  (deps: HttpDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const shared = { tags: ['flows'] };

    app.get(
      '/v1/flows',
      {
        config: { access: 'read' },
        schema: {
          ...shared,
          operationId: 'listPausedFlows',
          summary: 'What is paused',
          response: { 200: z.strictObject({ paused: z.array(PausedFlow) }), ...refusals() },
        },
      },
      async ({ tenant }) => ({
        paused: (await deps.listPausedFlows(tenant)).map(
          ({
            flow,
            by,
            why,
            since,
            probeAt,
            held,
            messagesTakenBack,
            suppressionsUndone,
          }): z.output<typeof PausedFlow> => ({
            flow,
            by,
            why,
            since,
            probeAt,
            held,
            messagesTakenBack,
            suppressionsUndone,
          }),
        ),
      }),
    );

    app.post(
      '/v1/flows/:flow/pause',
      {
        config: { access: 'manage' },
        schema: {
          ...shared,
          operationId: 'pauseFlow',
          summary: 'Hold every message of a template until it is resumed',
          params,
          response: { 204: z.null(), ...refusals(400) },
        },
      },
      async ({ params: { flow }, tenant }, reply) => {
        await deps.pauseFlow(tenant, flow);
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/v1/flows/:flow/resume',
      {
        config: { access: 'manage' },
        schema: {
          ...shared,
          operationId: 'resumeFlow',
          summary: 'Let the messages of a template go again',
          params,
          response: { 204: z.null(), ...refusals(400, 404) },
        },
      },
      async ({ params: { flow }, tenant }, reply) => {
        if (!(await deps.resumeFlow(tenant, flow))) throw notFound('paused flow');
        return reply.code(204).send(null);
      },
    );
  };
