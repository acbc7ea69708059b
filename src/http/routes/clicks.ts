import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { isAutomatic } from '../automatic.ts';
import { readClick } from '../click-link.ts';
import { openClicks } from '../clicks.ts';
import type { HttpContext } from '../context.ts';
import { htmlPage, sendUnknown, TokenParams } from '../member-form.ts';

/**
 * Where the links of mails lead for brands that count who follows them. Whoever comes is led on at once, whether or not that can
 * be written down: only to where Laurel sealed that the link leads.
 */
export const clickRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const clicks = openClicks(context);
    app.addHook('onClose', clicks.settled);

    app.get(
      '/c/:token',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'followLink',
          tags: ['preferences'],
          summary: 'Leads on to where a link of a mail leads, and counts that once',
          description:
            'Of brands with `"clicks": true`. Not counted: HEAD, what a browser fetches ahead, and programs that say what they are.',
          params: TokenParams,
          response: {
            302: z.null().describe('On to the target, which stands sealed in the token.'),
            404: htmlPage('Not one of our links.'),
          },
        },
      },
      async (request, reply) => {
        const link = readClick(request.params.token, [context.config.secret]);
        if (!link) {
          await app.countStranger(request);
          return sendUnknown(request, reply);
        }
        if (isAutomatic(request)) clicks.count('automatic');
        else if (await app.isExcessive(request)) clicks.count('excessive');
        else clicks.note(link);
        return reply
          .header('cache-control', 'no-store')
          .header('referrer-policy', 'no-referrer')
          .header('x-robots-tag', 'noindex')
          .redirect(link.target, 302);
      },
    );
  };
