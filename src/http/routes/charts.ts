import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { openPictures } from '../../render/picture/pictures.ts';
import { readChart } from '../chart-link.ts';
import type { HttpContext } from '../context.ts';

const Params = z.strictObject({ token: z.string() });

const answer = (description: string) => ({
  description,
  content: { 'text/plain': { schema: z.string() } },
});

/** Pictures of charts, where mails show them by address (`CHARTS=url`): drawn of what the address says, the same for everyone. */
export const chartRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/charts/:token.png',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'getChart',
          tags: ['charts'],
          summary: 'A chart of a mail, under its signed address',
          params: Params,
          response: {
            200: { description: 'The picture.', content: { 'image/png': { schema: z.unknown() } } },
            403: answer('Not one of our addresses.'),
            404: answer('It has ended.'),
          },
        },
      },
      async (request, reply) => {
        const now = context.now();
        const found = readChart(request.params.token, [context.config.secret], now);
        reply.header('x-robots-tag', 'noindex');
        if (found.kind !== 'chart')
          return reply
            .code(found.kind === 'expired' ? 404 : 403)
            .type('text/plain; charset=utf-8')
            .header('cache-control', 'no-store')
            .send(
              found.kind === 'expired'
                ? 'This picture has ended.\n'
                : 'Not one of our addresses.\n',
            );
        const draw = await openPictures();
        const seconds = Math.floor((found.until.getTime() - now.getTime()) / 1000);
        return (
          reply
            .type('image/png')
            // What is drawn is part of the address: it never changes.
            .header('cache-control', `public, max-age=${Math.max(0, seconds)}, immutable`)
            .header('cross-origin-resource-policy', 'cross-origin')
            .send(Buffer.from(draw(found.chart).content))
        );
      },
    );
  };
