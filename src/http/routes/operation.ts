import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import type { HttpDeps, ReadinessCheck } from '../deps.ts';
import { documented } from '../openapi.ts';

/** Milliseconds a readiness check may take. */
const patience = 3_000;

const Readiness = z.strictObject({
  ready: z.boolean(),
  checks: z.record(z.string(), z.string()).describe('`ok`, or why not.'),
});
documented.add(Readiness, {
  id: 'Readiness',
  examples: [{ ready: false, checks: { postgres: 'does not answer', queue: 'ok' } }],
});

/** For load balancers and monitoring: alive, ready, figures, and this document. */
export const operationRoutes =
  (deps: HttpDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const shared = { tags: ['operation'] };

    app.get(
      '/livez',
      {
        config: { access: 'public' },
        schema: {
          ...shared,
          operationId: 'livez',
          summary: 'The process is alive',
          response: { 200: z.strictObject({ alive: z.literal(true) }) },
        },
      },
      async () => ({ alive: true as const }),
    );

    app.get(
      '/readyz',
      {
        config: { access: 'public' },
        schema: {
          ...shared,
          operationId: 'readyz',
          summary: 'Everything it needs answers',
          response: { 200: Readiness, 503: Readiness },
        },
      },
      async (_request, reply) => {
        const answers = await Promise.all(deps.readiness.map(askOne));
        const ready = answers.every(([, answer]) => answer === 'ok');
        return reply
          .code(ready ? 200 : 503)
          .header('cache-control', 'no-store')
          .send({ ready, checks: Object.fromEntries(answers) });
      },
    );

    app.get(
      '/metrics',
      {
        config: { access: 'operate' },
        schema: {
          ...shared,
          operationId: 'metrics',
          summary: 'Figures in Prometheus’ text format',
          response: {
            200: { description: 'Figures.', content: { 'text/plain': { schema: z.string() } } },
          },
        },
      },
      async (_request, reply) => {
        const text = await deps.metrics.metrics();
        return reply.type(deps.metrics.contentType).send(text);
      },
    );

    app.get(
      '/openapi.json',
      {
        config: { access: 'public' },
        schema: {
          ...shared,
          operationId: 'openapi',
          summary: 'This document',
          response: { 200: z.looseObject({ openapi: z.string() }) },
        },
      },
      async (_request, reply) =>
        reply.type('application/json; charset=utf-8').send({ ...app.swagger(), openapi: '3.1.0' }),
    );
  };

async function askOne({ name, check }: ReadinessCheck): Promise<[string, string]> {
  const stop = new AbortController();
  const late = new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve('does not answer in time'), patience);
    stop.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  // A check that throws is a fault of its own; what it says is for the log of whoever runs it, not for strangers.
  const answer = check().catch(() => 'failed');
  return [name, (await Promise.race([answer, late]).finally(() => stop.abort())) ?? 'ok'];
}
