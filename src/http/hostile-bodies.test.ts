import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';

let api: HttpApi;
let key: string;
let campaign: string;
beforeAll(async () => {
  api = await openHttpApi();
  ({ authorization: key = '' } = await api.as());
  const made = await api.app.inject({
    method: 'POST',
    url: '/v1/campaigns',
    headers: { authorization: key },
    payload: { campaign: 'year-in-review', year: 2025, brand: 'juniper' },
  });
  campaign = made.json<{ id: string }>().id;
});
afterAll(() => api.close());

const megabytes = 5;
const mega = Buffer.alloc(1024 * 1024, 'x');

/**
 * Writes a body of 5 MB as a simple client does, which reads the answer only when all is written or the other side hangs up.
 * @returns the status line, or what went wrong
 */
async function upload(path: string, headers: readonly string[], chunked: boolean, body = mega) {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let answer = '';
  let broken: string | undefined;
  socket.on('error', ({ message }) => (broken = message));
  const gone = once(socket, 'close').then(() => 'closed' as const);
  await once(socket, 'connect');
  const size = chunked
    ? 'Transfer-Encoding: chunked'
    : `Content-Length: ${megabytes * body.length}`;
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${[...headers, size].join('\r\n')}\r\n\r\n`,
  );
  socket.on('data', (data) => (answer += data.toString('latin1')));
  for (let n = 0; n < megabytes && !socket.destroyed; n += 1) {
    if (chunked) socket.write(`${body.length.toString(16)}\r\n`);
    if (!socket.write(body))
      await Promise.race([once(socket, 'drain').catch(() => 'closed'), gone]);
    if (chunked) socket.write('\r\n');
  }
  if (chunked && !socket.destroyed) socket.write('0\r\n\r\n');
  while (!answer.includes('\r\n\r\n') && !socket.destroyed) await sleep(20);
  socket.destroy();
  return answer.split('\r\n', 1)[0] || `no answer: ${broken ?? 'closed'}`;
}

const json = 'Content-Type: application/json';
const csv = 'Content-Type: text/csv';

describe.each([
  ['with its length', false],
  ['in chunks', true],
])('X6: a client that writes 5 MB %s is answered', (_how, chunked) => {
  it.each([
    ['a stranger', '/v1/messages', () => [json], 401],
    ['a stranger with an audience', '/v1/campaigns/x/audience', () => [csv], 401],
    ['who takes a wrong way', '/v1/nowhere', () => [json], 404],
    ['who is connected nowhere', '/v1/webhooks/shopify/nobody', () => [json], 404],
    ['with more than is taken', '/v1/messages', () => [json, `Authorization: ${key}`], 413],
    ['of a form nobody reads', '/v1/messages', () => [csv, `Authorization: ${key}`], 415],
    ['for no campaign', '/v1/campaigns/x/audience', () => [csv, `Authorization: ${key}`], 404],
  ] as const)('%s', async (_who, path, headers, status) => {
    expect(await upload(path, headers(), chunked)).toContain(` ${status} `);
  });

  it('whose first line is wrong', async () => {
    const path = `/v1/campaigns/${campaign}/audience`;
    const body = Buffer.concat([Buffer.from('nonsense\n'), mega]);
    const headers = [csv, `Authorization: ${key}`];
    expect(await upload(path, headers, chunked, body)).toContain(' 400 ');
  });
});

/** Drips a byte at a time, and says how long the other side put up with it, in bytes. */
async function drip(path: string, headers: readonly string[], most: number): Promise<number> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.join('\r\n')}\r\nContent-Length: 5000\r\n\r\n`,
  );
  for (let bytes = 0; bytes < most; bytes += 1) {
    if (socket.destroyed) return bytes;
    socket.write('x');
    await sleep(500);
  }
  socket.destroy();
  return most;
}

it.each(['/v1/campaigns/x/audience', '/v1/messages', '/v1/events', '/v1/webhooks/shopify/nobody'])(
  'X5: a stranger who drips into %s is cut off before long',
  { timeout: 90_000 },
  async (path) => {
    // Ten seconds are twenty bytes; a busy machine gets three times that.
    expect(await drip(path, [csv], 60)).toBeLessThan(60);
  },
);
