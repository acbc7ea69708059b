import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { FlowName, kindOf, parseFlow } from '../../contract/flow.ts';
import { InvalidInput } from '../../core/errors.ts';
import { listPausedFlows, pauseFlow, resumeFlow } from '../../delivery/pauses.ts';
import type { HttpContext } from '../context.ts';
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
const byHand = { by: 'hand', why: 'paused over the API', probeSeconds: null } as const;

/** What messages go through: what of it is paused, and pausing and resuming it by hand. */
export const flowRoutes =
  ({ pool, templates }: HttpContext): FastifyPluginAsyncZod =>
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
        paused: await listPausedFlows(pool, tenant),
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
        await pauseFlow(pool, { tenant, flow: own(flow, templates) }, byHand);
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
        if (!(await resumeFlow(pool, { tenant, flow: own(flow, templates) })))
          throw notFound('paused flow');
        return reply.code(204).send(null);
      },
    );
  };

/** What all tenants share is paused at the command line, by whoever runs the service. */
function own(name: string, templates: HttpContext['templates']): string {
  if (kindOf(name) === 'template')
    return parseFlow(
      name,
      templates.map((template) => template.name),
    );
  const message = `is shared by all tenants; use \`laurel pause ${name}\``;
  throw new InvalidInput([{ path: 'flow', message }]);
}
