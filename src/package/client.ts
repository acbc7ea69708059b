import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

/** Data by template, as `laurel types` writes it; any, where there is none. */
type Known = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Whom it is for, and what besides; as `POST /v1/messages` has it. */
export type Message<Messages extends object = Known> = {
  [Name in keyof Messages & string]: {
    readonly template: Name;
    readonly data: Messages[Name];
    readonly to: {
      readonly memberId?: string;
      readonly email?: string;
      readonly name?: string;
    };
    readonly brand?: string;
    readonly locale?: string;
    readonly sendAt?: string;
    readonly expiresAt?: string;
    readonly about?: readonly string[];
    /** The same key with the same body is the same message. One is made for the tries of this call where there is none. */
    readonly idempotencyKey?: string;
  };
}[keyof Messages & string];

const Accepted = z.looseObject({ id: z.string() });
export type Accepted = { readonly id: string };

const Refusal = z.looseObject({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    problems: z.array(z.looseObject({ path: z.string(), message: z.string() })).default([]),
  }),
});

/** Laurel refused a request, or couldn't be reached; `problems` name the fields. */
export class LaurelError extends Error {
  override readonly name = 'LaurelError';
  /** Null where there was no answer. */
  readonly status: number | null;
  /** For programs: `invalid-input`, `idempotency-conflict`, `unreachable`. */
  readonly code: string;
  readonly problems: readonly { readonly path: string; readonly message: string }[];

  constructor(
    status: number | null,
    { code, message, problems }: Pick<LaurelError, 'code' | 'message' | 'problems'>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }

  /** What is wrong with each field, by its path. */
  get fields(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.problems.map(({ path, message }) => [path, message]));
  }
}

export type ClientOptions = {
  /** Where the API answers: `https://mail.shop.example`. */
  readonly url: string;
  /** With the scopes it needs; none where the API asks for none. */
  readonly key?: string;
  /** Tries of one request at most, the first among them; 4 when left out. */
  readonly tries?: number;
  /** Milliseconds until one try is given up; 10,000 when left out. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
};

export type Client<Messages extends object = Known> = {
  /**
   * Hands a message in. Tried again under the same key where the API can't be reached, is busy or fails, so that there is one
   * mail whatever gets lost. @throws LaurelError
   */
  readonly send: (message: Message<Messages>) => Promise<Accepted>;
  /** What became of a message. @throws LaurelError with status 404 where there is none */
  readonly message: (id: string) => Promise<unknown>;
  /** Takes a waiting message back. @throws LaurelError */
  readonly cancel: (id: string) => Promise<unknown>;
};

const busy = new Set([408, 425, 429, 500, 502, 503, 504]);

export function openClient<Messages extends object = Known>(
  options: ClientOptions,
): Client<Messages> {
  const { url, key, tries = 4, timeoutMs = 10_000, fetch: ask = fetch } = options;
  const once = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ) => {
    const response = await ask(new URL(path, url), {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (response.ok) return { json: jsonIn(text) };
    const refusal = Refusal.safeParse(jsonIn(text));
    const after = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      retryMs: Number.isFinite(after) ? Math.min(after, 60) * 1000 : undefined,
      error: new LaurelError(
        response.status,
        refusal.success
          ? refusal.data.error
          : { code: 'unexpected', message: `answered ${response.status}`, problems: [] },
      ),
    };
  };
  const request = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ) => {
    for (let left = tries - 1; ; left -= 1) {
      const answer = await once(method, path, headers, body).catch((error: unknown) => ({
        retryMs: undefined,
        error: new LaurelError(
          null,
          { code: 'unreachable', message: `${url} could not be reached`, problems: [] },
          { cause: error },
        ),
      }));
      if ('json' in answer) return answer.json;
      const { error, retryMs } = answer;
      if (left <= 0 || (error.status !== null && !busy.has(error.status))) throw error;
      await sleep(retryMs ?? 200 * 2 ** (tries - 1 - left) * (0.75 + Math.random() / 2));
    }
  };
  return {
    send: async ({ idempotencyKey = randomUUID(), ...message }) =>
      Accepted.parse(
        await request(
          'POST',
          '/v1/messages',
          { 'idempotency-key': idempotencyKey },
          JSON.stringify(message),
        ),
      ),
    message: (id) => request('GET', `/v1/messages/${encodeURIComponent(id)}`, {}),
    cancel: (id) => request('POST', `/v1/messages/${encodeURIComponent(id)}/cancel`, {}, '{}'),
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What stands between may answer with a page.
    return undefined;
  }
}

/** Seconds a webhook's time may differ from ours. */
const tolerance = 300;

/**
 * Whether a webhook is Laurel's, unchanged and recent (standardwebhooks.com).
 * @param body to the byte as it came @param secrets any of them may have signed, so that one can be changed without a gap
 */
export function isAuthenticWebhook(
  {
    headers,
    body,
  }: {
    readonly headers: Headers | Readonly<Record<string, unknown>>;
    readonly body: string | Uint8Array;
  },
  secrets: string | readonly string[],
  now = new Date(),
): boolean {
  const header = (name: string) => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    return typeof value === 'string' ? value : '';
  };
  const [id, time] = [header('webhook-id'), header('webhook-timestamp')];
  if (!/^\d+$/.test(time) || Math.abs(now.getTime() / 1000 - Number(time)) > tolerance)
    return false;
  const given = header('webhook-signature')
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []));
  return [secrets].flat().some((secret) => {
    const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
    const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest();
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
}
