import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

import { namedIn, type Topic } from '../../brand/preferences.ts';
import { changeMailing, type Mailing, readMailing } from '../../members/mailing.ts';
import { suppressHash } from '../../message/rows/guards.ts';
import type { HttpContext } from '../context.ts';
import {
  countUnsubscribed,
  failedPages,
  formOf,
  htmlPage,
  languageOf,
  orLater,
  proofOf,
  sendPage,
  sendUnknown,
  TokenParams,
  useForms,
} from '../member-form.ts';
import { type LinkHolder, preferencesPath, readMemberLink } from '../member-link.ts';
import { unsubscribePage } from '../pages/unsubscribe.ts';

/**
 * Where unsubscribe links lead. GET only asks, since scanners follow every link in a mail; POST unsubscribes at once, be it the
 * page's button or a mailbox provider's one-click request (RFC 8058), which may be any kind of form: from the topic of the
 * mail, where it was about one, else from everything commercial.
 */
export const unsubscribeRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    useForms(app);

    app.get(
      '/u/:token',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'askUnsubscribe',
          tags: ['preferences'],
          summary: 'The page behind an unsubscribe link; changes nothing',
          params: TokenParams,
          response: { 200: htmlPage('Asks.'), ...failedPages },
        },
      },
      async (request, reply) => {
        const link = readMemberLink('unsubscribe', request.params.token, [context.config.secret]);
        if (!link) return sendUnknown(request, reply);
        return orLater(context, link.brand, request, reply, async () =>
          answer(context, request, reply, 'ask', { link, ...(await aboutOf(context, link)) }),
        );
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
          tags: ['preferences'],
          summary: 'Unsubscribe with one click (RFC 8058); in force at once',
          description:
            'From the topic of the mail, where it was about one, unless the form says `scope=all`; else from everything commercial.',
          params: TokenParams,
          response: { 200: htmlPage('Unsubscribed.'), ...failedPages },
        },
      },
      async (request, reply) => {
        const link = readMemberLink('unsubscribe', request.params.token, [context.config.secret]);
        if (!link) return sendUnknown(request, reply);
        return orLater(context, link.brand, request, reply, async () => {
          const about = await aboutOf(context, link);
          const { topic, mailing } = about;
          const source = 'unsubscribe-link';
          const proof = { source, proof: proofOf('one click', request) };
          if (topic && mailing && formOf(request).get('scope') !== 'all') {
            const topics = new Map([[topic.id, false]]);
            await changeMailing(context, link, mailing, { topics }, proof);
            await countUnsubscribed(context, link, source);
            return answer(context, request, reply, 'done', { link, ...about });
          }
          await suppressHash(context.pool, link.tenant, {
            addressHash: link.addressHash,
            reason: 'unsubscribe',
            scope: 'commercial',
            source: `${source}:${link.brand}`,
          });
          await countUnsubscribed(context, link, source);
          return answer(context, request, reply, 'done', { link, mailing });
        });
      },
    );
  };

type About = { readonly topic?: Topic | undefined; readonly mailing: Mailing | null };

/** The topic a link is about, where the brand still has it and the ledger knows the member. */
async function aboutOf(context: HttpContext, link: LinkHolder): Promise<About> {
  const mailing = await readMailing(context, link);
  const { preferences } = context.brands.get(link.brand)?.brand ?? {};
  const topic = mailing ? preferences?.topics.find(({ id }) => id === link.topic) : undefined;
  return { topic, mailing };
}

function answer(
  { brands, config }: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: 'ask' | 'done',
  { link, topic, mailing }: About & { readonly link: LinkHolder },
) {
  const brand = brands.get(link.brand)?.brand;
  const language = languageOf(request, brand, mailing?.locale);
  return sendPage(
    reply,
    200,
    language,
    unsubscribePage(kind, language, brand, {
      ...(topic && brand && { topic: namedIn(topic.names, language, brand) }),
      ...(mailing && { preferences: preferencesPath(config.secret, link) }),
    }),
  );
}
