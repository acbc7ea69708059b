import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { suppressHash } from '../../message/rows/guards.ts';
import type { HttpContext } from '../context.ts';
import { pageLanguage, unsubscribePage } from '../unsubscribe-page.ts';
import { readUnsubscribeToken } from '../unsubscribe-token.ts';

const TokenParams = z.strictObject({ token: z.string() });
/** Bytes. The body says nothing that the request itself doesn't. */
const bodyLimit = 16 * 1024;

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
});

/**
 * Where unsubscribe links lead. GET only asks, since scanners follow every link in a mail; POST unsubscribes at once, be it the
 * page's button or a mailbox provider's one-click request (RFC 8058), which may be any kind of form.
 */
export const unsubscribeRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, async () => undefined);

    app.get(
      '/u/:token',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'askUnsubscribe',
          tags: ['unsubscribe'],
          summary: 'The page behind an unsubscribe link; changes nothing',
          params: TokenParams,
          response: { 200: page('Asks.'), 404: page('Not one of our links.') },
        },
      },
      async (request, reply) => {
        const wanted = readUnsubscribeToken(request.params.token, [context.config.secret]);
        return send(context, request, reply, wanted ? 'ask' : 'unknown', wanted?.brand);
      },
    );

    app.post(
      '/u/:token',
      {
        config: {
          access: 'public',
          textBodies: { 'application/x-www-form-urlencoded': 'List-Unsubscribe=One-Click' },
        },
        schema: {
          operationId: 'unsubscribe',
          tags: ['unsubscribe'],
          summary: 'Unsubscribe with one click (RFC 8058); in force at once',
          params: TokenParams,
          response: { 200: page('Unsubscribed.'), 404: page('Not one of our links.') },
        },
      },
      async (request, reply) => {
        const wanted = readUnsubscribeToken(request.params.token, [context.config.secret]);
        if (!wanted) return send(context, request, reply, 'unknown', undefined);
        await suppressHash(context.pool, wanted.tenant, {
          addressHash: wanted.addressHash,
          reason: 'unsubscribe',
          scope: 'commercial',
          source: `unsubscribe-link:${wanted.brand}`,
        });
        return send(context, request, reply, 'done', wanted.brand);
      },
    );
  };

function send(
  { brands }: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: 'ask' | 'done' | 'unknown',
  brandId: string | undefined,
) {
  const brand = brandId === undefined ? undefined : brands.get(brandId)?.brand;
  const language = pageLanguage(request.headers['accept-language'], brand);
  const { html, contentSecurityPolicy } = unsubscribePage(kind, language, brand);
  return reply
    .code(kind === 'unknown' ? 404 : 200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-language', language)
    .header('vary', 'Accept-Language')
    .header('x-robots-tag', 'noindex')
    .header('content-security-policy', contentSecurityPolicy)
    .send(html);
}
