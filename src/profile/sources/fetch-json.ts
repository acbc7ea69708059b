import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

import { codeOf } from '../../core/code-of.ts';
import type { AddressGuard } from './address-guard.ts';
import { SourceFault } from './fault.ts';

/** Bytes, as they arrive and as they are decoded. */
const largestAnswer = 256 * 1024;

export type JsonRequest = {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** What a server answered: its JSON, or that it has no such thing (404). */
export type JsonAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'none' };

/**
 * Asks for JSON: no redirects, no larger answer than `largestAnswer` however it is packed, only addresses the guard lets
 * pass, and over with the signal. @throws SourceFault with what went wrong, never with what was in the answer
 */
export function openFetch(guard: AddressGuard): {
  readonly fetchJson: (request: JsonRequest, signal: AbortSignal) => Promise<JsonAnswer>;
  readonly close: () => void;
} {
  const limits = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 30_000 };
  const agents = { 'http:': new http.Agent(limits), 'https:': new https.Agent(limits) };
  return {
    fetchJson: async (request, signal) => {
      const plain = request.url.protocol === 'http:';
      const objection = guard.hostObjection(request.url.hostname, plain);
      if (objection !== null)
        throw new SourceFault('garbage', `${request.url.hostname} ${objection}`);
      const response = await send(
        request,
        guard,
        plain ? agents['http:'] : agents['https:'],
        signal,
      );
      try {
        return await read(response);
      } catch (error) {
        response.destroy();
        throw faultOf(error);
      }
    },
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function send(
  { url, method, headers, body }: JsonRequest,
  guard: AddressGuard,
  agent: http.Agent,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const plain = url.protocol === 'http:';
  return new Promise((resolve, reject) => {
    const request = (plain ? http : https).request(url, {
      agent,
      method,
      signal,
      lookup: guard.lookup(plain),
      maxHeaderSize: 16_384,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate, br',
        'user-agent': 'laurel',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        }),
        ...headers,
      },
    });
    request.on('response', resolve);
    request.on('error', (error) => reject(faultOf(error)));
    request.end(body);
  });
}

async function read(response: http.IncomingMessage): Promise<JsonAnswer> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.resume();
    if (status === 404 || status === 410 || status === 204) return { kind: 'none' };
    if (status >= 300 && status < 400)
      throw new SourceFault('garbage', `redirects (${status}), which is not followed`);
    if (status === 401 || status === 403)
      throw new SourceFault('down', `refuses the credentials (${status})`);
    throw new SourceFault('down', `answers ${status}`, status >= 500);
  }
  const type = response.headers['content-type'] ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new SourceFault('garbage', 'does not answer with JSON (content-type)');
  const text = await decoded(response);
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'json', value };
  } catch {
    throw new SourceFault('garbage', 'answers with broken JSON');
  }
}

/** All of a body as text, as long as neither what arrives nor what it unpacks to is too large. */
async function decoded(response: http.IncomingMessage): Promise<string> {
  let arrived = 0;
  response.on('data', (chunk: Buffer) => {
    arrived += chunk.length;
    if (arrived > largestAnswer) response.destroy(tooLarge());
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(response)) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > largestAnswer) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new SourceFault('garbage', 'answers with broken text (UTF-8)');
  }
}

function unpacked(response: http.IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const unpack = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }[encoding];
  if (encoding === 'identity' || encoding === '') return response;
  if (!unpack) throw new SourceFault('garbage', 'packs its answer in an unknown way');
  const stream = unpack();
  response.on('error', (error) => stream.destroy(error));
  response.on('aborted', () => stream.destroy(new SourceFault('down', 'breaks off', true)));
  return response.pipe(stream);
}

const tooLarge = () =>
  new SourceFault('garbage', `answers with more than ${largestAnswer / 1024} KB`);

/** Node's words for what failed, as ours; addresses and values in them stay out. */
function faultOf(error: unknown): SourceFault {
  if (error instanceof SourceFault) return error;
  if (error instanceof Error && error.cause instanceof SourceFault) return error.cause;
  const code = codeOf(error);
  if (code === 'ABORT_ERR') return new SourceFault('down', 'does not answer in time');
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_FORMAT'))
    return new SourceFault('garbage', 'packs its answer wrongly');
  return new SourceFault('down', `cannot be reached (${code || 'broken off'})`, true);
}
