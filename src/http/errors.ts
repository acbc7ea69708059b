import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { codeOf } from '../core/code-of.ts';
import {
  IdempotencyConflict,
  InvalidInput,
  PermanentError,
  type Problem,
  TemporaryError,
} from '../core/errors.ts';
import { isConnectionFault } from '../postgres/pool.ts';

/** How every refusal looks. `code` is for programs and never changes, `message` for people, `problems` name the fields. */
export const ErrorBody = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    problems: z.array(
      z.strictObject({
        path: z.string().describe('Where: `to.email`, `messages[3].data.total`, a parameter'),
        message: z.string(),
      }),
    ),
  }),
});

/** A refusal that isn't about the body: no such message, not in this state, not with this key. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** How to sign in, for `WWW-Authenticate`. */
  readonly challenge: string | null;

  constructor(
    status: number,
    code: string,
    message: string,
    options?: {
      readonly retryAfter?: number;
      readonly challenge?: string;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options?.cause });
    this.status = status;
    this.code = code;
    this.retryAfter = options?.retryAfter ?? null;
    this.challenge = options?.challenge ?? null;
  }
}

/** Also for things that exist, but belong to another tenant: from outside these look the same. */
export const notFound = (what: string) =>
  new HttpError(404, 'not-found', `there is no such ${what}`);

type Answer = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly Problem[];
  readonly retryAfter?: number | null;
  readonly challenge?: string | null;
};

/** The one place where an error becomes a reply. What isn't listed is ours, and says nothing about its insides. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const answer = answerTo(error);
  if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
  if (typeof answer.retryAfter === 'number') {
    void reply.header('retry-after', String(answer.retryAfter));
  }
  if (typeof answer.challenge === 'string') void reply.header('www-authenticate', answer.challenge);
  const { code, message, problems = [] } = answer;
  return reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { code, message, problems } }));
}

function answerTo(error: unknown): Answer {
  if (error instanceof InvalidInput) return invalid(error);
  if (error instanceof HttpError) return error;
  if (error instanceof IdempotencyConflict) {
    const { code, message } = error;
    return { status: 409, code, message, problems: [{ path: 'idempotencyKey', message }] };
  }
  if (error instanceof PermanentError && error.code === 'wrong-state') {
    return { status: 409, code: error.code, message: error.message };
  }
  if (isConnectionFault(error) || error instanceof TemporaryError || isTransient(error)) {
    return {
      status: 503,
      code: 'unavailable',
      message: 'can not be stored right now; try again with the same idempotency key',
      retryAfter: 1,
    };
  }
  return ofFastify(error);
}

function invalid({ status, problems }: InvalidInput): Answer {
  const code = { 400: 'invalid-input', 413: 'too-large', 422: 'not-deliverable' } as const;
  const [first] = problems;
  const message =
    problems.length === 1 && first
      ? `${first.path}: ${first.message}`
      : `${problems.length} fields are wrong`;
  return { status, code: code[status], message, problems };
}

/** Fastify's own refusals, in our words where they need a hint. */
function ofFastify(error: unknown): Answer {
  const code = codeOf(error);
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        status: 413,
        code: 'too-large',
        message: 'the body is larger than this route takes',
      };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
      return {
        status: 415,
        code: 'unsupported-media-type',
        message: 'this route does not take that content type; see /openapi.json',
      };
    case 'FST_ERR_HANDLER_TIMEOUT':
      return {
        status: 503,
        code: 'timeout',
        message: 'took too long; try again with the same idempotency key',
        retryAfter: 5,
      };
    default:
  }
  const status = statusOf(error);
  if (status !== null && status >= 400 && status < 500 && error instanceof Error) {
    return { status, code: 'bad-request', message: error.message };
  }
  return { status: 500, code: 'internal', message: 'something went wrong on our side' };
}

/** Postgres asks to try again: serialization failure, deadlock, lock or statement timeout, out of room or connections. */
const transient = new Set(['40001', '40P01', '55P03', '57014', '53100', '53200', '53300']);
const isTransient = (error: unknown) => transient.has(codeOf(error));
const statusOf = (error: unknown): number | null =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
