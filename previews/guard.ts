import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';

import { parseUrl } from '../src/core/parse-url.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isLoopback = (host: string) => loopback.has(host === '::1' ? '[::1]' : host);

/** Lets only this machine's own browser in: a foreign Host is a rebound name, a foreign Origin another page. */
export type Guard = {
  /** Null on a loopback address; else what the first address opened must carry. */
  readonly token: string | null;
  /** Why a request is refused; undefined when it isn't. */
  readonly refusal: (request: {
    readonly host: string | undefined;
    readonly origin: string | undefined;
    readonly site: string | undefined;
    /** A link was followed to a page of its own, which nobody else can read. */
    readonly opened?: boolean;
    readonly token: string | undefined;
  }) => { readonly status: 401 | 403; readonly message: string } | undefined;
};

/** @param boundTo the address listened on. Beyond loopback every request needs the token. */
export function openGuard(boundTo: string): Guard {
  const token = isLoopback(boundTo) ? null : randomBytes(24).toString('base64url');
  const names = token === null ? loopback : new Set([...loopback, boundTo, ...ownNames()]);
  return {
    token,
    refusal: ({ host, origin, site, opened = false, token: given }) => {
      if (host === undefined || !names.has(nameOf(host)))
        return { status: 403, message: 'This address is not the preview’s own.' };
      if (origin !== undefined && origin !== 'null' && originHost(origin) !== host)
        return { status: 403, message: 'Another page may not use the preview.' };
      if (site === 'cross-site' && !opened)
        return { status: 403, message: 'Another page may not use the preview.' };
      if (token !== null && !same(token, given))
        return {
          status: 401,
          message:
            'This preview is for those who have its key. Open the address that it printed when it was started, once; then this one opens as well.',
        };
      return undefined;
    },
  };
}

const nameOf = (host: string) => host.replace(/:\d+$/, '').toLowerCase();
const originHost = (origin: string) => parseUrl(origin)?.host;

function same(token: string, given: string | undefined): boolean {
  const [a, b] = [Buffer.from(token), Buffer.from(given ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
}

function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [
    hostname().toLowerCase(),
    ...addresses.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address)),
  ];
}
