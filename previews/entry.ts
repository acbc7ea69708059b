import type { IncomingHttpHeaders } from 'node:http';

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Guard } from './guard.ts';
import { pageHeaders } from './policies.ts';
import type { ErrorReport } from './protocol.ts';
import { Refused } from './running.ts';

/** A browser sends cookies to every port of a machine: each preview has its own. */
const cookieAt = (host = '') => `laurel-preview-${/:(\d+)$/.exec(host)?.[1] ?? ''}`;

/** Lets in whom the guard lets in, and tells what went wrong as the page tells it. */
export function addEntry(app: FastifyInstance, guard: Guard, log: (line: string) => void): void {
  app.addHook('onRequest', async (request, reply) => {
    const token = z.object({ token: z.string().optional() }).parse(request.query).token;
    const refusal = guard.refusal({
      host: request.headers.host,
      origin: request.headers.origin,
      site: request.headers['sec-fetch-site']?.toString(),
      opened: request.method === 'GET' && isOpened(request.headers),
      token: token ?? cookieOf(request.headers),
    });
    if (refusal)
      return reply
        .code(refusal.status)
        .headers(pageHeaders)
        .type('text/plain')
        .send(refusal.message);
    if (token !== undefined && guard.token !== null)
      // Lax: a link that a colleague was sent opens. Nothing is changed by opening one.
      reply.header(
        'set-cookie',
        `${cookieAt(request.headers.host)}=${token}; HttpOnly; SameSite=Lax; Path=/`,
      );
    return undefined;
  });
  app.setErrorHandler((error, _request, reply) => {
    reply.headers(pageHeaders);
    if (error instanceof Refused) return reply.code(422).send({ report: error.report });
    if (error instanceof z.ZodError)
      return reply.code(400).send({ report: badQuestion(z.prettifyError(error)) });
    const { statusCode, message } = z
      .object({ statusCode: z.int().optional(), message: z.string() })
      .parse(error);
    if (statusCode === undefined || statusCode >= 500) log(`preview: ${message}`);
    return reply.code(statusCode ?? 500).send({ report: badQuestion(message) });
  });
}

const isOpened = (headers: IncomingHttpHeaders) =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

export const badQuestion = (message: string): ErrorReport => ({
  title: 'This can’t be shown',
  problems: [{ message }],
});

function cookieOf({ cookie = '', host }: IncomingHttpHeaders) {
  const start = `${cookieAt(host)}=`;
  return cookie
    .split(/;\s*/)
    .find((pair) => pair.startsWith(start))
    ?.slice(start.length);
}
