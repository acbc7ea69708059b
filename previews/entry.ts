import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Guard } from './guard.ts';
import { pageHeaders } from './policies.ts';
import type { ErrorReport } from './protocol.ts';
import { Refused } from './running.ts';

const cookie = 'laurel-preview';

/** Lets in whom the guard lets in, and tells what went wrong as the page tells it. */
export function addEntry(app: FastifyInstance, guard: Guard, log: (line: string) => void): void {
  app.addHook('onRequest', async (request, reply) => {
    const token = z.object({ token: z.string().optional() }).parse(request.query).token;
    const refusal = guard.refusal({
      host: request.headers.host,
      origin: request.headers.origin,
      site: request.headers['sec-fetch-site']?.toString(),
      token: token ?? cookieOf(request.headers.cookie),
    });
    if (refusal)
      return reply
        .code(refusal.status)
        .headers(pageHeaders)
        .type('text/plain')
        .send(refusal.message);
    if (token !== undefined && guard.token !== null)
      reply.header('set-cookie', `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`);
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

export const badQuestion = (message: string): ErrorReport => ({
  title: 'This can’t be shown',
  problems: [{ message }],
});

const cookieOf = (header: string | undefined) =>
  header
    ?.split(/;\s*/)
    .find((pair) => pair.startsWith(`${cookie}=`))
    ?.slice(cookie.length + 1);
