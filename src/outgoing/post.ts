import http from 'node:http';
import https from 'node:https';

import type { AddressGuard } from '../profile/sources/address-guard.ts';
import type { Endpoint } from './endpoints.ts';
import { webhookHeaders } from './standard-webhook.ts';

/** How a receiver answered; of its body nothing is read but so much that the connection can be used again. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: number | null }
  | { readonly kind: 'failed'; readonly problem: string };

const timeoutMs = 15_000;
/** Bytes. */
const mostRead = 64 * 1024;

export type Post = (
  endpoint: Pick<Endpoint, 'url' | 'secrets'>,
  webhook: { readonly id: string; readonly body: string; readonly now: Date },
  stop: AbortSignal,
) => Promise<Answer>;

/** Posts webhooks to addresses the guard lets pass, checked where the connection is made; follows no redirect. Never throws. */
export function openPost(guard: AddressGuard): { readonly post: Post; readonly close: () => void } {
  const limits = { keepAlive: true, maxSockets: 32, maxFreeSockets: 8, timeout: 30_000 };
  const agents = { 'http:': new http.Agent(limits), 'https:': new https.Agent(limits) };
  return {
    post: ({ url, secrets }, webhook, stop) => {
      const plain = url.protocol === 'http:';
      const objection = guard.hostObjection(url.hostname, plain);
      if (objection !== null)
        return Promise.resolve({ kind: 'failed', problem: `${url.hostname} ${objection}` });
      const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
      return new Promise((resolve) => {
        const request = (plain ? http : https).request(url, {
          agent: plain ? agents['http:'] : agents['https:'],
          method: 'POST',
          signal,
          lookup: guard.lookup(plain),
          maxHeaderSize: 16_384,
          headers: {
            ...webhookHeaders(webhook, secrets),
            'content-length': String(Buffer.byteLength(webhook.body)),
            'user-agent': 'laurel-webhooks',
          },
        });
        request.on('response', (response) => {
          discard(response);
          const after = Number(response.headers['retry-after'] ?? Number.NaN);
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            retryAfter: Number.isFinite(after) && after >= 0 ? after : null,
          });
        });
        request.on('error', (error) =>
          resolve({ kind: 'failed', problem: problemOf(error, signal) }),
        );
        request.end(webhook.body);
      });
    },
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function discard(response: http.IncomingMessage): void {
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > mostRead) response.destroy();
  });
  // It has answered: whatever becomes of the rest.
  response.on('error', () => response.destroy());
}

/** Its words may repeat the address, which may hold a secret: the code alone is kept. */
function problemOf(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time';
  const code = 'code' in error ? String(error.code) : '';
  return error.name === 'SourceFault'
    ? error.message
    : `could not be reached (${code || 'broken off'})`;
}
