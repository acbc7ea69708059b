import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import type { HttpContext } from '../context.ts';
import { docsPage } from '../docs-page.ts';
import { withExamples } from '../examples.ts';
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
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const checks = checksOf(context);
    const { registry } = context.metrics;
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
        const readiness = await readinessOf(checks);
        return reply
          .code(readiness.ready ? 200 : 503)
          .header('cache-control', 'no-store')
          .send(readiness);
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
        const text = await registry.metrics();
        return reply.type(registry.contentType).send(text);
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
        reply.type('application/json; charset=utf-8').send(withExamples(app.swagger())),
    );

    app.get(
      '/docs',
      {
        config: { access: 'public' },
        schema: {
          ...shared,
          operationId: 'docs',
          summary: 'This document as a page to read, which loads nothing',
          response: {
            200: { description: 'A page.', content: { 'text/html': { schema: z.string() } } },
          },
        },
      },
      async (_request, reply) => {
        const { html, contentSecurityPolicy } = docsPage(withExamples(app.swagger()));
        return reply
          .type('text/html; charset=utf-8')
          .header('content-security-policy', contentSecurityPolicy)
          .send(html);
      },
    );
  };

/** One thing readiness depends on. `check` resolves to null when it is well, else to a reason fit for strangers. */
export type ReadinessCheck = {
  readonly name: string;
  readonly check: () => Promise<string | null>;
};

/** Longer than a mail server may take for any answer but the last. */
const stuckForMs = 90_000;

function checksOf({ config, pool, silentLanes, stuckMs }: HttpContext): ReadinessCheck[] {
  const postgres = () =>
    pool.query('select 1').then(
      () => null,
      () => 'does not answer',
    );
  const queues = async () => {
    const silent = silentLanes();
    return silent.length === 0 ? null : `no job has moved for too long: ${silent.join(', ')}`;
  };
  const mail = async () =>
    stuckMs() < stuckForMs ? null : 'none of the messages in hand comes to an end';
  return [
    { name: 'postgres', check: postgres },
    ...(config.roles.has('worker')
      ? [
          { name: 'queues', check: queues },
          { name: 'mail', check: mail },
        ]
      : []),
  ];
}

/** Asks all at once; none is waited for longer than it may take. */
export async function readinessOf(
  checks: readonly ReadinessCheck[],
): Promise<z.infer<typeof Readiness>> {
  const answers = await Promise.all(checks.map(askOne));
  const ready = answers.every(([, answer]) => answer === 'ok');
  return { ready, checks: Object.fromEntries(answers) };
}

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
