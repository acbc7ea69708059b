import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import type { Brand } from '../../brand/brand.ts';
import { MailFrequency } from '../../contract/profile.ts';
import { askErasure } from '../../members/erasure-requests.ts';
import {
  changeMailing,
  type Mailing,
  type MailingChange,
  readMailing,
} from '../../members/mailing.ts';
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
import { type LinkHolder, readMemberLink } from '../member-link.ts';
import { type Notice, preferencePage } from '../pages/preferences.ts';
import { unsubscribePage } from '../pages/unsubscribe.ts';

const Action = z.enum(['save', 'stop', 'resume', 'erase']);
const source = 'preference-page';

/**
 * The page on which members say which mails they want. The link is the only key to it: nobody logs in, and a form of somebody
 * else's can't post to an address it doesn't know. GET changes nothing.
 */
export const preferenceRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    useForms(app);

    app.get(
      '/p/:token',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'showPreferences',
          tags: ['preferences'],
          summary: 'The page on which a member says which mails they want; changes nothing',
          params: TokenParams,
          response: { 200: htmlPage('The page.'), ...failedPages },
        },
      },
      async (request, reply) => {
        const link = readMemberLink('preferences', request.params.token, [context.config.secret]);
        if (!link) return sendUnknown(request, reply);
        return orLater(context, link.brand, request, reply, () =>
          show(context, request, reply, link),
        );
      },
    );

    app.post(
      '/p/:token',
      {
        config: {
          access: 'public',
          textBodies: {
            'application/x-www-form-urlencoded':
              'shown=offers&topic=offers&frequency=weekly&locale=de&action=save',
          },
        },
        schema: {
          operationId: 'changePreferences',
          tags: ['preferences'],
          summary: 'What the page’s forms post; in force at once',
          description:
            '`action` is `save`, `stop` (no offers and news at all), `resume` or `erase` (asks for it: somebody has to look at it).',
          params: TokenParams,
          response: {
            200: htmlPage('Stored.'),
            400: htmlPage('Not a form of the page; nothing was changed.'),
            ...failedPages,
          },
        },
      },
      async (request, reply) => {
        const link = readMemberLink('preferences', request.params.token, [context.config.secret]);
        if (!link) return sendUnknown(request, reply);
        return orLater(context, link.brand, request, reply, async () => {
          const notice = await change(context, request, link);
          return show(context, request, reply, link, notice);
        });
      },
    );
  };

async function show(
  context: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  link: LinkHolder,
  notice?: Notice,
): Promise<FastifyReply> {
  const brand = context.brands.get(link.brand)?.brand;
  const mailing = await readMailing(context, link);
  const language = languageOf(request, brand, mailing?.locale);
  // Nothing can be chosen for whom the ledger doesn't know; one way out there is always.
  const page =
    mailing && brand
      ? preferencePage(mailing, language, brand, notice)
      : unsubscribePage(notice === 'saved' ? 'done' : 'ask', language, brand);
  return sendPage(reply, notice === 'wrong' ? 400 : 200, language, page);
}

/** Does what a form asks for, or nothing of it. */
async function change(
  context: HttpContext,
  request: FastifyRequest,
  link: LinkHolder,
): Promise<Notice> {
  const { pool, now, brands, log } = context;
  const { tenant } = link;
  const form = formOf(request);
  const brand = brands.get(link.brand)?.brand;
  const mailing = await readMailing(context, link);
  if (!mailing || !brand) {
    await suppressHash(pool, tenant, {
      addressHash: link.addressHash,
      reason: 'unsubscribe',
      scope: 'commercial',
      source: `${source}:${link.brand}`,
    });
    await countUnsubscribed(context, link, source);
    return 'saved';
  }
  const { data: action } = Action.safeParse(form.get('action'));
  const proof = proofOf(`preference page, ${action}`, request);
  if (action === 'erase') {
    const { memberId } = mailing;
    const askedAt = now().toISOString();
    await askErasure(pool, tenant, { memberId, brand: brand.id, askedAt, proof });
    log.warn({ tenant, brand: brand.id }, 'a member asks to be erased: `laurel member erasures`');
    return 'saved';
  }
  const wanted =
    action === 'stop'
      ? ({ offers: 'off' } as const)
      : action === 'resume'
        ? ({ offers: 'on' } as const)
        : action === 'save'
          ? savedIn(form, brand, mailing)
          : null;
  if (!wanted) return 'wrong';
  await changeMailing(context, link, mailing, wanted, { source, proof });
  if (ends(wanted, link, mailing)) await countUnsubscribed(context, link, source);
  return 'saved';
}

/** Whether mails such as the one whose link it was are unwanted now. */
const ends = ({ offers, topics }: MailingChange, { topic = '' }: LinkHolder, { off }: Mailing) =>
  offers === 'off' || (topics?.get(topic) === false && !off.includes(topic));

/** Null where the form says what can't be chosen. Only topics it showed are meant: others may have come since. */
function savedIn(form: URLSearchParams, brand: Brand, mailing: Mailing): MailingChange | null {
  const ids = (brand.preferences?.topics ?? []).map(({ id }) => id);
  const shown = form.getAll('shown');
  const on = form.getAll('topic');
  const locale = form.get('locale') ?? mailing.locale;
  const { data: frequency } = MailFrequency.safeParse(form.get('frequency') ?? mailing.frequency);
  const known =
    [...shown, ...on].every((id) => ids.includes(id)) &&
    (brand.locales.includes(locale) || locale === mailing.locale);
  if (!known || frequency === undefined) return null;
  return { topics: new Map(shown.map((id) => [id, on.includes(id)])), frequency, locale };
}
