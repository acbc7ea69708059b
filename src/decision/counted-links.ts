import type { BrandIdentity } from '../brand/brand.ts';
import type { Rendered, Template } from '../contract/template.ts';
import { memo } from '../core/memo.ts';
import { parseUrl } from '../core/parse-url.ts';
import { spellOut } from '../render/mime/pre-encoded.ts';
import {
  replaceEncodedLinks,
  type ReplaceLink,
  replaceLinks,
} from '../render/mime/replace-links.ts';

/** A link of a mail: whose it is, and where it leads. */
export type CountedLink = {
  readonly tenant: string;
  readonly messageId: string;
  /** An http or https address. */
  readonly target: string;
};

/** The address under which somebody who follows a link is counted and led on; null where it would be too long for one. */
export type ClickUrl = (link: CountedLink) => string | null;

/** Whether it is counted who follows the links of a template's mails. */
export const countsClicks = (
  brand: Pick<BrandIdentity, 'clicks'>,
  template: Pick<Template, 'class'>,
): boolean => brand.clicks === true && template.class === 'commercial';

/**
 * The same mail, its html leading through Laurel wherever that counts who follows a link (docs/decisions/0031). Its text, which shows
 * addresses to people, stays as it is.
 * @param own its links that are the member's own: unsubscribe, preferences
 */
export function withCountedLinks(
  rendered: Rendered,
  own: readonly (string | null)[],
  clickUrl: (target: string) => string | null,
): Rendered {
  const known = new Map<string, string | null>();
  const replace: ReplaceLink = (href, shown) => {
    if (own.includes(href)) return null;
    const target = countedTarget(href);
    if (target === null || isAddress(shown())) return null;
    const found = known.get(target);
    if (found !== undefined) return found;
    const made = clickUrl(target);
    known.set(target, made);
    return made;
  };
  const { subject, preheader, text, preEncoded, attachments } = rendered;
  const rest = { subject, preheader, text, ...(attachments && { attachments }) };
  if (!preEncoded) return { ...rest, html: replaceLinks(rendered.html, replace) };
  const counted = replaceEncodedLinks(preEncoded, replace);
  return {
    ...rest,
    preEncoded: counted,
    get html() {
      return spellOut(counted);
    },
  };
}

/** Where a link leads, in its one spelling; null where it is no page, or may be somebody's key to something. */
export const countedTarget = memo((href: string): string | null => {
  const url = parseUrl(href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return null;
  return mayBeKey(url) ? null : url.href;
});

/** People trust an address they read, and mail programs warn of one that leads elsewhere. */
const isAddress = (shown: string): boolean =>
  /^(?:https?:\/\/|www\.)|^[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$/i.test(shown);

/** Names of values that let somebody in. */
const keyName =
  /token|password|passwd|passcode|secret|signature|session|magic|nonce|hmac|otp|jwt|api_?key|^(?:key|pwd|pin|sig|sid|auth|hash|ticket)$/i;
const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i;

/** A link to sign in, to reset a password, to somebody's own page: nobody but who got it should have a say in where it leads. */
function mayBeKey({ pathname, search, hash, searchParams }: URL): boolean {
  const fragment = new URLSearchParams(hash.slice(1));
  if ([...searchParams.keys(), ...fragment.keys()].some((name) => keyName.test(name))) return true;
  const written = `${pathname}${search}${hash}`;
  return uuid.test(written) || (written.match(/[A-Za-z\d]{20,}/g) ?? []).some(isRandom);
}

/** Words and dates change between letters and digits, small and large once or twice, what is random all the time. */
function isRandom(text: string): boolean {
  const changes = (pattern: RegExp) => (text.match(pattern) ?? []).length;
  const digits = changes(/\d(?=[A-Za-z])|[A-Za-z](?=\d)/g);
  return digits >= 4 || digits + changes(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g) >= 0.4 * text.length;
}
