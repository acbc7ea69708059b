import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { afterEach, expect, it } from 'vitest';

import { isAuthenticWebhook, LaurelError, openClient } from './client.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server that answers as told, in turn, and what it was asked. */
async function answering(
  ...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]
) {
  const keys: (string | undefined)[] = [];
  server = createServer((request, response) => {
    const key = request.headers['idempotency-key'];
    keys.push(typeof key === 'string' ? key : undefined);
    request.resume();
    answers[Math.min(keys.length, answers.length) - 1]?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, keys };
}

const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { 'retry-after': '0' }).end(JSON.stringify(body));

const message = { template: 'welcome', to: { memberId: 'ana' }, data: {} } as const;

it('tries again under the same key where nothing came back, or Laurel is busy', async () => {
  const { url, keys } = await answering(
    (request) => request.socket.destroy(),
    json(503, { error: { code: 'busy', message: 'is busy', problems: [] } }),
    json(202, { id: 'one' }),
  );
  expect(await openClient({ url }).send(message)).toEqual({ id: 'one' });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toBeTruthy();
});

it('tells what is wrong with each field, and doesn’t try that again', async () => {
  const problems = [{ path: 'data.total', message: 'must be a whole number' }];
  const { url, keys } = await answering(
    json(400, { error: { code: 'invalid-input', message: 'is wrong', problems } }),
  );
  const error: unknown = await openClient({ url })
    .send({ ...message, idempotencyKey: 'k' })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LaurelError);
  expect(error).toMatchObject({
    status: 400,
    code: 'invalid-input',
    fields: { 'data.total': 'must be a whole number' },
  });
  expect(keys).toEqual(['k']);
});

it('knows a webhook of Laurel’s by its signature, and refuses another body, secret or time', () => {
  const body = '{"type":"flow.paused"}';
  const now = new Date('2026-05-04T12:00:00Z');
  const time = String(now.getTime() / 1000);
  const key = Buffer.from('a secret of some length');
  const secret = `whsec_${key.toString('base64')}`;
  const signature = createHmac('sha256', key).update(`id.${time}.${body}`).digest('base64');
  const headers = {
    'webhook-id': 'id',
    'webhook-timestamp': time,
    'webhook-signature': `v1,AAAA v1,${signature}`,
  };
  expect(isAuthenticWebhook({ headers, body }, ['other', secret], now)).toBe(true);
  expect(isAuthenticWebhook({ headers: new Headers(headers), body }, secret, now)).toBe(true);
  expect(isAuthenticWebhook({ headers, body: `${body} ` }, secret, now)).toBe(false);
  expect(isAuthenticWebhook({ headers, body }, 'other', now)).toBe(false);
  const late = new Date(now.getTime() + 301_000);
  expect(isAuthenticWebhook({ headers, body }, secret, late)).toBe(false);
});
