import { randomUUID } from 'node:crypto';

import helmet from '@fastify/helmet';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { InvalidInput } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { guardAccess } from './access.ts';
import { bodyLimits, parseWith, useJsonBodies } from './bodies.ts';
import type { HttpContext } from './context.ts';
import { limitBodyTime, requestTimeout } from './deadline.ts';
import { answerError, notFound } from './errors.ts';
import { registerOpenapi } from './openapi.ts';
import { recordRequests } from './record-requests.ts';
import { acceptRoutes } from './routes/accept.ts';
import { audienceRoutes } from './routes/audience.ts';
import { campaignReportRoutes } from './routes/campaign-reports.ts';
import { campaignStateRoutes } from './routes/campaign-states.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { cancellationRoutes } from './routes/cancellations.ts';
import { chartRoutes } from './routes/charts.ts';
import { clickRoutes } from './routes/clicks.ts';
import { erasureRequestRoutes } from './routes/erasure-requests.ts';
import { eventRoutes } from './routes/events.ts';
import { flowRoutes } from './routes/flows.ts';
import { memberLinkRoutes } from './routes/member-links.ts';
import { memberRoutes } from './routes/members.ts';
import { messageRoutes } from './routes/messages.ts';
import { operationRoutes } from './routes/operation.ts';
import { personalDataRoutes } from './routes/personal-data.ts';
import { preferenceRoutes } from './routes/preferences.ts';
import { preflightRoutes } from './routes/preflight.ts';
import { queueBoardRoutes } from './routes/queue-board.ts';
import { redemptionRoutes } from './routes/redemptions.ts';
import { segmentRoutes } from './routes/segments.ts';
import { statsRoutes } from './routes/stats.ts';
import { suppressionRoutes } from './routes/suppressions.ts';
import { templateRoutes } from './routes/templates.ts';
import { unsubscribeRoutes } from './routes/unsubscribe.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { webhookRoutes } from './routes/webhooks.ts';

/** Every route there is; each file's bodies and parsers are its own. */
const routes: readonly ((context: HttpContext) => FastifyPluginAsyncZod)[] = [
  acceptRoutes,
  messageRoutes,
  statsRoutes,
  memberRoutes,
  memberLinkRoutes,
  personalDataRoutes,
  erasureRequestRoutes,
  cancellationRoutes,
  suppressionRoutes,
  eventRoutes,
  redemptionRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
  campaignRoutes,
  campaignStateRoutes,
  campaignReportRoutes,
  preflightRoutes,
  audienceRoutes,
  segmentRoutes,
  flowRoutes,
  templateRoutes,
  unsubscribeRoutes,
  preferenceRoutes,
  chartRoutes,
  clickRoutes,
  operationRoutes,
  queueBoardRoutes,
];

/**
 * Builds the HTTP API, or without that role just what an operator watches; it isn't listening yet. Close it with `app.close()`.
 */
export async function buildHttp(context: HttpContext): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = context.log;
  const app: FastifyInstance = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: bodyLimits.one,
    // Headers by Node, bodies by limitBodyTime, the work by handlerTimeout.
    http: { headersTimeout: requestTimeout, connectionsCheckingInterval: 2_000 },
    requestTimeout: 0,
    handlerTimeout: 3 * requestTimeout,
    routerOptions: { maxParamLength: 2_000 },
    trustProxy: context.config.trustProxy,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerError(notFound('route'), request, reply));
  // Before any route's own checks: no text of an address may be one that can't be stored or compared.
  app.addHook('preValidation', async ({ params, query }) => {
    try {
      checkPayload(plain(params));
    } catch (error) {
      throw error instanceof InvalidInput ? notFound('route') : error;
    }
    checkPayload(plain(query));
  });
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value: unknown) => {
    try {
      return { value: parseWith(schema, value) };
    } catch (error) {
      if (error instanceof InvalidInput) return { error };
      throw error;
    }
  });
  // Schemas of replies are for the document; tests hold replies to them.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  useJsonBodies(app);
  // Before the routes: each takes what it has to wait for from its share.
  app.addHook('onRoute', (route) => {
    const { access, timesOwnBody } = route.config ?? {};
    // An upload lasts as long as its client likes.
    if (timesOwnBody || (access !== 'read' && access !== 'personal' && access !== 'manage')) return;
    const { handler } = route;
    route.handler = function handle(request, reply) {
      return context.shares.reads(async () => handler.call(this, request, reply));
    };
  });

  recordRequests(app, context.metrics.registry);
  limitBodyTime(app);
  // Replies are data; the pages there are say for themselves what they load.
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { includeSubDomains: false },
  });
  await registerOpenapi(app);
  await guardAccess(app, context);
  for (const route of context.config.roles.has('api') ? routes : [operationRoutes]) {
    await app.register(route(context));
  }
  await app.ready();
  return app;
}

/** The parser's own kind of object as a plain one. */
const plain = (values: unknown) => (typeof values === 'object' ? { ...values } : {});
