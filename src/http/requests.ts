import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { IdempotencyKey } from '../contract/message.ts';
import { InvalidInput } from '../core/errors.ts';
import { parseWith } from './bodies.ts';
import { notFound } from './errors.ts';

export const IdParams = z.strictObject({ id: z.string() });
export const IdempotencyHeaders = z.object({ 'idempotency-key': IdempotencyKey.optional() });

const Uuid = z.uuid();

/** The id in a route's path. What isn't an id at all can't be found either. */
export function idOf(params: { id: string }, what: string): string {
  if (!Uuid.safeParse(params.id).success) throw notFound(what);
  return params.id.toLowerCase();
}

/**
 * The idempotency key of a request, from header or body. Both may be given when they agree.
 * @param inBody as it came: whoever checks the body checks it
 */
export function idempotencyKeyOf<InBody>(
  request: Pick<FastifyRequest, 'headers'>,
  inBody: InBody,
): InBody | string {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return inBody;
  const inHeader = parseWith(IdempotencyKey, given, 'Idempotency-Key');
  if (inBody === undefined || inBody === inHeader) return inHeader;
  throw new InvalidInput([
    {
      path: 'idempotencyKey',
      message: 'differs from the header Idempotency-Key; give one of them, or the same in both',
    },
  ]);
}
