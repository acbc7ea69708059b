import { randomUUID } from 'node:crypto';

import type { Email, OutgoingMail } from '../src/contract/email.ts';
import type { RenderInput } from '../src/contract/template.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { previewMessageId } from './scene.ts';

/** Where links of test mails lead: nowhere, by RFC 2606, and it says so. */
const atRest = 'https://link-at-rest.invalid/';

type Asked = {
  readonly email: Email;
  readonly rendered: RenderInput;
  /** One of the allowed addresses. */
  readonly to: string;
  /** What it is of: `gold-flyer · de`. */
  readonly what: string;
};

/**
 * The mail on the page, to look at in a mail program: marked as a test, its links at rest, its codes no codes. Nothing in
 * it can unsubscribe, redeem or confirm anything of anybody.
 */
export function testMail({ email, rendered, to, what }: Asked): OutgoingMail {
  const id = randomUUID();
  const codes = codesIn(rendered.view);
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

const hostOf = (link: string): string => (URL.canParse(link) ? new URL(link).hostname : '');

/** Every code there is in what the mail was made of: of offers, coupons, pick-ups. */
function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && key === 'code' && inner.length > 3 ? [inner] : codesIn(inner),
  );
}
