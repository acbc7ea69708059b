import { readFile } from 'node:fs/promises';

import type { BullBoardQueues } from '@bull-board/api/typings/app';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import type { HttpContext } from '../context.ts';
import { HttpError, notFound } from '../errors.ts';
import { QueueBoard } from '../queue-board.ts';

const path = '/queues';
/** Not of the document: what the page asks is Bull Board's own. */
const shared = { config: { access: 'operate', browser: true }, schema: { hide: true } } as const;
const Names = z.record(z.string(), z.string());
const asked = { ...shared, schema: { ...shared.schema, params: Names, querystring: Names } };

/** Bull Board over both queues, for looking only: what isn't a GET is refused here, whatever the page would offer. */
export const queueBoardRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const board = new QueueBoard(path, { boardTitle: 'Laurel: queues', hideDocsLink: true });
    const { html, contentSecurityPolicy } = await board.page();
    const files = await board.files();

    for (const view of ['', ...board.views])
      app.get(`${path}${view}`, shared, async (_request, reply) =>
        reply
          .type('text/html; charset=utf-8')
          .header('content-security-policy', contentSecurityPolicy)
          .header('cache-control', 'no-store')
          .send(html),
      );

    app.get(`${path}/static/*`, asked, async ({ params }, reply) => {
      const found = files.get(params['*'] ?? '');
      if (!found) throw notFound('file');
      return reply
        .type(found.type)
        .header('cache-control', 'private, max-age=3600')
        .send(await readFile(found.file));
    });

    for (const question of board.questions)
      for (const url of [question.route].flat())
        app.get(`${path}${url}`, asked, async ({ params, query }, reply) => {
          const { status = 200, body } = await reading(context.queues, (queues) =>
            question.handler({
              params,
              query,
              queues,
              uiConfig: board.settings,
              body: {},
              headers: {},
            }),
          );
          return reply.code(status).header('cache-control', 'no-store').send(body);
        });

    const method = app.supportedMethods.filter((one) => one !== 'GET' && one !== 'HEAD');
    for (const url of [path, `${path}/*`])
      app.route({
        ...shared,
        method,
        url,
        // Before a body is read.
        onRequest: async (_request, reply) => {
          void reply.header('allow', 'GET, HEAD');
          throw new HttpError(405, 'read-only', 'the queues are for looking only');
        },
        handler: async () => {},
      });
  };

/** @throws HttpError 503 while what carries the queues is away */
async function reading<Answer>(
  open: () => Promise<BullBoardQueues>,
  read: (queues: BullBoardQueues) => Answer,
): Promise<Awaited<Answer>> {
  try {
    return await read(await open());
  } catch (cause) {
    throw new HttpError(503, 'unavailable', 'the queues can not be read right now', {
      retryAfter: 5,
      cause,
    });
  }
}
