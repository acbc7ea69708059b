import { randomUUID } from 'node:crypto';

import type { Email, OutgoingMail } from '../src/contract/email.ts';
import { parseUrl } from '../src/core/parse-url.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { previewMessageId } from './scene.ts';

/** Where links of test mails lead: nowhere, by RFC 2606, and it says so. */
const atRest = 'https://link-at-rest.invalid/';

type Asked = {
  readonly email: Email;
  /** Every code in what it was made of. */
  readonly codes: readonly string[];
  /** One of the allowed addresses. */
  readonly to: string;
  /** What it is of: `gold-flyer · de`. */
  readonly what: string;
};

/**
 * The mail on the page, to look at in a mail program: marked as a test, its links at rest, its codes no codes. Nothing in
 * it can unsubscribe, redeem or confirm anything of anybody.
 */
export function testMail({ email, codes, to, what }: Asked): OutgoingMail {
  const id = randomUUID();
  const harmless = (text: string) =>
    codes.reduce((all, code) => all.replaceAll(code, 'PREVIEW'), text);
  const { preEncoded: _, replyTo: __, ...rest } = email;
  const mime = composeMime(
    {
      ...rest,
      to: { address: to },
      subject: `[TEST ${what}] ${harmless(email.subject)}`,
      html: restingLinks(harmless(email.html)),
      text: harmless(email.text).replaceAll(/https?:\/\/\S+/g, (link) => atRest + hostOf(link)),
      headers: email.headers
        .filter(([name]) => !name.startsWith('List-'))
        .map(([name, value]) => [name, value.replace(previewMessageId, id)] as const),
    },
    id,
  );
  return { messageId: id, envelope: { from: email.from.address, to }, mime };
}

/** Pictures still load; whatever can be followed or asked leads nowhere. */
const restingLinks = (html: string): string =>
  html
    .replaceAll(
      /(\s(?:href|action)=)(["'])(https?:[^"']*)\2/gi,
      (_, name: string, quote: string, link: string) =>
        `${name}${quote}${atRest}${hostOf(link)}${quote}`,
    )
    .replace(/<script type="application\/ld\+json">[\s\S]*?<\/script>/g, '');

const hostOf = (link: string): string => parseUrl(link)?.hostname ?? '';
