import Fastify, { type FastifyInstance } from 'fastify';

import type { HttpDeps } from './deps.ts';

/** Builds the HTTP API; it isn't listening yet. Close it with `app.close()`. */
export async function buildHttp(deps: HttpDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ loggerInstance: deps.log });
  return app;
}
