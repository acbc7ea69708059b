import type { IncomingMessage } from 'node:http';

import type { FastifyInstance } from 'fastify';

import { HttpError } from './errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For uploads that read their body with `keepsComing`. */
    timesOwnBody?: boolean;
  }
}

/** Milliseconds a client has to send its request; Node's own check does the same for the headers. */
export const requestTimeout = 10_000;

const tooSlow = () => new HttpError(408, 'too-slow', 'the request did not arrive in time');

/**
 * Ends requests whose body drips in. Node's `requestTimeout` can't tell these from an upload of millions of lines, as it is one
 * figure for the whole server; so bodies are timed here.
 */
export function limitBodyTime(app: FastifyInstance, timeout = requestTimeout) {
  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    if (raw.complete || routeOptions.config?.timesOwnBody === true || !hasBody(raw)) return;
    const timer = setTimeout(() => {
      // Whoever reads the body answers for it; nobody does before the request was let in.
      if (raw.listenerCount('error') === 0) return raw.destroy();
      reply.raw.once('finish', () => raw.destroy());
      return raw.emit('error', tooSlow());
    }, timeout);
    const stop = () => clearTimeout(timer);
    raw.once('end', stop).once('close', stop);
  });
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The chunks of a long upload. It may take as long as it likes, but must not pause for `timeout` ms while we are reading. */
export async function* keepsComing(
  body: AsyncIterable<unknown>,
  timeout = requestTimeout,
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const stop = new AbortController();
      const late = new Promise<never>((_resolve, reject) => {
        const timer = setTimeout(() => reject(tooSlow()), timeout);
        stop.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      const next = await Promise.race([chunks.next(), late]).finally(() => stop.abort());
      if (next.done) return;
      yield Buffer.isBuffer(next.value) ? next.value : Buffer.from(String(next.value));
    }
  } finally {
    // Not awaited: it settles only when the chunk that never came does.
    void chunks.return?.().catch(() => {});
  }
}
