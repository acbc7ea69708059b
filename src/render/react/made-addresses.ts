import { PermanentError } from '../../core/errors.ts';

/**
 * Looks at every address of finished html, for templates whose source doesn't show where they come from.
 * @throws PermanentError `bad-link` where one is neither http, https, mailto, tel nor a picture of the mail itself
 */
export function checkedAddresses(html: string): string {
  for (const [, name, value = ''] of html.matchAll(
    /\s(href|src|srcset|background|action|formaction|poster)="([^"]*)"/gi,
  )) {
    const address = unescaped(value).trim();
    if (address === '' || /^(https?:\/\/|mailto:|tel:|cid:|#)/i.test(address)) continue;
    throw new PermanentError(
      'bad-link',
      `${name ?? 'href'}="${address.slice(0, 80)}" is not an http, https, mailto or tel address`,
    );
  }
  return html;
}

/** As a mail client reads it: what is written as `&#106;avascript:` is a script, too. */
const unescaped = (value: string) =>
  value
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, code: string) => characterOf(parseInt(code, 16)))
    .replace(/&#(\d{1,7});?/g, (_, code: string) => characterOf(Number(code)))
    .replaceAll('&amp;', '&')
    .replace(/\p{Cc}/gu, '');

const characterOf = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
