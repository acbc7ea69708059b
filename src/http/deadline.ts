import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

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

/** What is still read of a body after its request was answered: a client that hears nothing while it writes would hang. */
const drain = { bytes: 8 * 1024 * 1024, ms: 5_000, everyMs: 50 } as const;

/**
 * Ends requests whose body drips in, or goes on for long after it was refused. Node's `requestTimeout` can't tell these from an
 * upload of millions of lines, as it is one figure for the whole server; so bodies are timed here.
 */
export function limitBodyTime(app: FastifyInstance, timeout = requestTimeout) {
  const timers = new WeakMap<IncomingMessage, () => void>();
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (raw.complete || !hasBody(raw)) return;
    const timer = setTimeout(() => {
      // Whoever reads the body answers for it; nobody does before the request was let in.
      if (raw.listenerCount('error') === 0 || reply.sent) return raw.destroy();
      return raw.emit('error', tooSlow());
    }, timeout);
    const stop = () => clearTimeout(timer);
    timers.set(raw, stop);
    raw.once('end', stop).once('close', stop);
  });
  app.addHook('preHandler', async ({ raw, routeOptions }) => {
    // Let in: from now on the upload times itself.
    if (routeOptions.config?.timesOwnBody === true) timers.get(raw)?.();
  });
  app.addHook('onSend', async ({ raw }, reply) => {
    if (raw.complete || !hasBody(raw)) return;
    if (reply.statusCode === tooSlow().status) {
      reply.raw.once('finish', () => raw.destroy());
      return;
    }
    // Node would close at once, and what is still on its way would make the client lose the answer.
    reply.header('connection', 'keep-alive');
    reply.raw.once('finish', () => readOn(raw));
  });
}

/** Throws away what still comes, so much and so long that a client in the middle of its body can see the answer; then closes. */
function readOn(raw: IncomingMessage) {
  const { socket } = raw;
  const most = socket.bytesRead + drain.bytes;
  const until = performance.now() + drain.ms;
  const watch = setInterval(() => {
    if (socket.bytesRead > most || performance.now() > until) raw.destroy();
  }, drain.everyMs);
  const stop = () => clearInterval(watch);
  raw
    .once('close', stop)
    .once('end', () => {
      stop();
      if (/close/i.test(raw.headers.connection ?? '')) socket.end();
    })
    .on('error', stop)
    // Whoever read it has given up, perhaps in the middle of a wait.
    .removeAllListeners('readable')
    .removeAllListeners('data');
  setImmediate(() => raw.resume());
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The chunks of a long upload. It may take as long as it likes, but must not pause for `timeout` ms while we are reading. */
export async function* keepsComing(
  body: Readable,
  timeout = requestTimeout,
): AsyncGenerator<Buffer> {
  // Whoever stops reading still answers over the same socket.
  const chunks = body.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const stop = new AbortController();
      const late = new Promise<never>((_resolve, reject) => {
        const timer = setTimeout(() => reject(tooSlow()), timeout);
        stop.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      const next: IteratorResult<unknown> = await Promise.race([chunks.next(), late]).finally(() =>
        stop.abort(),
      );
      if (next.done) return;
      yield Buffer.isBuffer(next.value) ? next.value : Buffer.from(String(next.value));
    }
  } finally {
    // Not awaited: it settles only when the chunk that never came does.
    void chunks.return?.().catch(() => {});
  }
}
