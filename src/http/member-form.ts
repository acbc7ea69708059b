import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { TemporaryError } from '../core/errors.ts';
import { recordFeedback } from '../feedback/record.ts';
import { isConnectionFault, isOverdue, transaction } from '../postgres/pool.ts';
import type { HttpContext } from './context.ts';
import type { LinkHolder } from './member-link.ts';
import type { Page } from './pages/page.ts';
import { failedPage } from './pages/unsubscribe.ts';
import { acceptedLocales, type PageLanguage, pageLanguage } from './pages/words.ts';

/** Bytes. */
const bodyLimit = 16 * 1024;

export const TokenParams = z.strictObject({ token: z.string() });

export const htmlPage = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
});
/** What both pages answer with, whatever else. */
export const failedPages = {
  404: htmlPage('Not one of our links.'),
  503: htmlPage('Nothing can be stored now; nothing was changed.'),
};

/** A form's fields are read; of any other kind of body nothing is: a mailbox provider may send one (RFC 8058). */
export function useForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, async () => undefined);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit },
    async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
  );
}

export const formOf = ({ body }: FastifyRequest): URLSearchParams =>
  body instanceof URLSearchParams ? body : new URLSearchParams();

/** The language of a page: the member's where they are known, else the reader's, else the brand's. */
export const languageOf = (
  { headers }: FastifyRequest,
  brand: { readonly defaultLocale: string } | undefined,
  locale?: string,
): PageLanguage =>
  pageLanguage([
    ...(locale === undefined ? acceptedLocales(headers['accept-language']) : [locale]),
    ...(brand ? [brand.defaultLocale] : []),
  ]);

/** What shows afterwards who asked: the link and the browser, as hashes that say nothing of anybody. */
export const proofOf = (page: string, { url, headers }: FastifyRequest): string =>
  `${page}; link ${shortHash(url)}; browser ${shortHash(headers['user-agent'] ?? '')}`;
const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Counts for the mail whose link it was that somebody unsubscribed by it: once, however often. They are unsubscribed by then, and are
 * told so: what can't be counted is lost, and logged.
 */
export async function countUnsubscribed(
  { pool, now, log }: HttpContext,
  { tenant, messageId }: LinkHolder,
  source: 'unsubscribe-link' | 'preference-page',
): Promise<void> {
  if (messageId === undefined) return;
  const at = now();
  const told = { id: messageId, kind: 'unsubscribed', at: at.toISOString(), messageId } as const;
  try {
    await transaction(pool, (db) => recordFeedback(db, tenant, source, [told], at, 'link'));
  } catch (err) {
    if (!mayHeal(err)) throw err;
    log.warn({ err, messageId }, 'who unsubscribed could not be counted for the mail');
  }
}

const mayHeal = (error: unknown): boolean =>
  error instanceof TemporaryError || isConnectionFault(error) || isOverdue(error);

export function sendPage(
  reply: FastifyReply,
  status: 200 | 400 | 404 | 503,
  language: PageLanguage,
  { html, contentSecurityPolicy }: Page,
) {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-language', language)
    .header('vary', 'Accept-Language')
    .header('x-robots-tag', 'noindex')
    .header('content-security-policy', contentSecurityPolicy)
    .send(html);
}

export function sendUnknown(request: FastifyRequest, reply: FastifyReply) {
  const language = languageOf(request, undefined);
  return sendPage(reply, 404, language, failedPage('unknown', language, undefined));
}

/** Does a page's work; where nothing can be stored now, that is said on a page as well. */
export async function orLater(
  { brands }: HttpContext,
  brandId: string,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!mayHeal(error)) throw error;
    request.log.warn({ err: error }, 'a page for a member could not be answered');
    const brand = brands.get(brandId)?.brand;
    const language = languageOf(request, brand);
    void reply.header('retry-after', '60');
    return sendPage(reply, 503, language, failedPage('later', language, brand));
  }
}
