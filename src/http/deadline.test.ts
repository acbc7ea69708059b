import { once } from 'node:events';
import { connect } from 'node:net';

import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { useJsonBodies } from './bodies.ts';
import { keepsComing, limitBodyTime } from './deadline.ts';
import { answerError } from './errors.ts';

/** Milliseconds; the real one is 10 s. */
const short = 150;
let app: FastifyInstance;
let port: number;
beforeAll(async () => {
  app = Fastify();
  app.setErrorHandler(answerError);
  useJsonBodies(app);
  limitBodyTime(app, short);
  app.post('/json', async ({ body }) => ({ got: body }));
  await app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    own.post('/upload', { config: { timesOwnBody: true } }, async ({ raw }) => {
      let bytes = 0;
      for await (const chunk of keepsComing(raw, short)) bytes += chunk.length;
      return { bytes };
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => app.close());

/** Sends a request piece by piece, a third of the deadline apart, and gives what was answered until the other side hung up. */
async function drip(path: string, length: number, pieces: readonly string[]) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  socket.on('error', () => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  for (const piece of pieces) {
    await new Promise((resolve) => setTimeout(resolve, short / 3));
    if (socket.writable) socket.write(piece);
  }
  if (!socket.closed) await once(socket, 'close');
  return answer;
}

it('ends a request whose body drips in for too long', async () => {
  const answer = await drip(
    '/json',
    1_000,
    Array.from({ length: 12 }, () => ' '),
  );
  expect(answer).toContain('408');
  expect(answer).toContain('too-slow');
});

it('takes a body that arrives in pieces, in time', async () => {
  expect(await drip('/json', 7, ['{"a"', ':1}'])).toContain('{"got":{"a":1}}');
});

it('lets an upload take as long as it keeps coming', async () => {
  expect(
    await drip(
      '/upload',
      12,
      Array.from({ length: 12 }, () => 'x'),
    ),
  ).toContain('{"bytes":12}');
});

it('ends an upload that stops coming', async () => {
  expect(await drip('/upload', 12, ['x'])).toContain('too-slow');
});
