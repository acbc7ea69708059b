import { PermanentError } from '../../core/errors.ts';
import { parseUrl } from '../../core/parse-url.ts';

const schemes = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** Adds encoded path parts and a query to `base` and checks the result. @throws PermanentError `bad-link` */
export type Link = (
  base: unknown,
  path?: readonly unknown[],
  query?: Readonly<Record<string, unknown>>,
) => string;

/**
 * The one way an address gets into a mail: parsed, http, https, mailto or tel, without a password in it. Anything else fails
 * the rendering, so that a `javascript:` address never goes out.
 */
export const link: Link = (base, path, query) =>
  typeof base === 'string' && path === undefined && query === undefined && plainAddress.test(base)
    ? base
    : checked(base, path, query);

/** An https address that stays as it is when parsed and written again. */
const plainAddress =
  /^https:\/\/(?!xn--)[a-z][a-z0-9]*(\.(?!xn--)[a-z0-9]+(-[a-z0-9]+)*)*\.[a-z]{2,}(\/[\w~-]+)+$/;

const checked: Link = (base, path = [], query = {}) => {
  const url = typeof base === 'string' ? parseUrl(base) : null;
  if (url === null) throw refused(base, 'is not an address');
  if (!schemes.has(url.protocol)) throw refused(base, 'is not http, https, mailto or tel');
  if (url.username !== '' || url.password !== '')
    throw refused(base, 'carries a user name or password');
  if (path.length > 0) {
    const parts = path.map((part) => encodeURIComponent(plain(part)));
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${parts.join('/')}`;
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, plain(value));
  return url.href;
};

function plain(part: unknown): string {
  const text = typeof part === 'number' && Number.isFinite(part) ? String(part) : part;
  if (typeof text !== 'string' || text === '' || /^\.{1,2}$/.test(text) || /\p{Cs}/u.test(text))
    throw refused(part, 'cannot be part of an address');
  return text;
}

function refused(value: unknown, why: string): PermanentError {
  const shown = typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value);
  return new PermanentError('bad-link', `link: ${shown} ${why}`);
}
