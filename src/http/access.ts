import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { type ApiScope, apiScopes, findApiKey, hashOf, liveKeyHashes } from './api-keys.ts';
import type { HttpContext } from './context.ts';
import { HttpError, notFound } from './errors.ts';
import { openStrangers } from './strangers.ts';

/** Who may call a route. Every route says it; a route that doesn't is a mistake the app won't start with. */
export type Access = 'public' | ApiScope;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /**
     * A browser may sign in, with the key as the password. For what changes nothing only: browsers send such a login along with
     * what other sites make them ask for.
     */
    browser?: boolean;
  }
  interface FastifyRequest {
    /** Whose data this request sees: the tenant of its key. Empty on public routes, which see nobody's. */
    tenant: string;
    /** The public part of its key. */
    keyPrefix: string;
    /** What its key may do. */
    scopes: readonly ApiScope[];
  }
  interface FastifyInstance {
    /** For routes that tell their callers apart by themselves. @throws HttpError 429 when there were too many */
    countKey: (request: FastifyRequest) => Promise<void>;
    countStranger: (request: FastifyRequest) => Promise<void>;
    /** Counts a request of somebody who has no key and needs none, and says whether there were too many. */
    isExcessive: (request: FastifyRequest) => Promise<boolean>;
  }
}

const minute = 60_000;
/** Mailbox providers send everybody's one-click requests from a few addresses of theirs. */
const publicFactor = 10;

/** Asks for an API key with the route's scope, and counts: per key, and per client address where there is no valid key. */
export async function guardAccess(app: FastifyInstance, context: HttpContext) {
  const strangers = openStrangers(() => liveKeyHashes(context.pool));
  const { perKey, perAddress } = context.config.requestsAMinute;
  await app.register(rateLimit, { global: false });
  const countKey = app.createRateLimit({
    max: perKey,
    timeWindow: minute,
    keyGenerator: (request) => request.keyPrefix,
  });
  const countStranger = app.createRateLimit({ max: perAddress, timeWindow: minute });
  const countPublic = app.createRateLimit({ max: perAddress * publicFactor, timeWindow: minute });

  app.decorate('countKey', async (request: FastifyRequest) =>
    refuseExcess(await countKey(request)),
  );
  app.decorate('countStranger', async (request: FastifyRequest) =>
    refuseExcess(await countStranger(request)),
  );
  app.decorate('isExcessive', async (request: FastifyRequest) => {
    const count = await countPublic(request);
    return !count.isAllowed && count.isExceeded;
  });
  app.decorateRequest('tenant', '');
  app.decorateRequest('keyPrefix', '');
  app.decorateRequest('scopes');
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.access === undefined) throw new Error(`${String(method)} ${url} says no access`);
  });
  app.addHook('onRequest', async (request) => {
    // Before a body is read that nobody wants.
    if (request.is404) throw notFound('route');
    const { access = 'operate', browser = false } = request.routeOptions.config;
    if (access === 'public') {
      if (/^\/[up]\//.test(request.routeOptions.url ?? ''))
        refuseExcess(await countPublic(request));
      return;
    }
    if (!context.config.apiAuth) {
      refuseForeignHost(request);
      request.tenant = context.config.tenant;
      request.scopes = apiScopes;
      return;
    }
    const presented = keyOf(request, browser);
    const wait = await strangers.wait(request.ip, hashOf(presented));
    if (wait > 0) throw tooMany(wait);
    const key = await findApiKey(context.pool, presented);
    if (!key) {
      const count = await countStranger(request);
      if (!count.isAllowed && count.remaining === 0)
        strangers.spend(request.ip, count.ttlInSeconds);
      refuseExcess(count);
      throw browser ? signIn() : unauthorized();
    }
    request.tenant = key.tenant;
    request.keyPrefix = key.prefix;
    request.scopes = key.scopes;
    refuseExcess(await countKey(request));
    if (!key.scopes.includes(access)) {
      throw new HttpError(403, 'missing-scope', `this key lacks the scope "${access}"`);
    }
  });
}

/** The key a request presents; empty where it presents none. */
function keyOf({ headers: { authorization = '' } }: FastifyRequest, browser: boolean): string {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (!browser) return '';
  // `name:password`; whatever the name.
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:?/, '');
}

const unauthorized = () =>
  new HttpError(401, 'unauthorized', 'needs a valid API key: Authorization: Bearer lrl_…', {
    challenge: 'Bearer',
  });

const signIn = () =>
  new HttpError(401, 'unauthorized', 'sign in with any name and an API key as the password', {
    challenge: 'Basic realm="Laurel", charset="UTF-8"',
  });

function refuseExcess(
  count: { isAllowed: true } | { isAllowed: false; isExceeded: boolean; ttlInSeconds: number },
) {
  if (count.isAllowed || !count.isExceeded) return;
  throw tooMany(count.ttlInSeconds);
}

const tooMany = (seconds: number) =>
  new HttpError(429, 'too-many-requests', 'too many requests; try again later', {
    retryAfter: seconds,
  });

/** Without keys, a web page could reach us through a name of its own that leads to this machine (DNS rebinding). */
function refuseForeignHost(request: FastifyRequest) {
  if (/^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(request.hostname)) return;
  throw new HttpError(
    403,
    'foreign-host',
    'without API keys this is only reachable as localhost; set API_AUTH=required for anything else',
  );
}
