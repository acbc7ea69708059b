import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { MessageRequest } from '../../contract/message.ts';
import { traceParentOf } from '../../contract/tracing.ts';
import { InvalidInput, type Problem } from '../../core/errors.ts';
import { isRecord } from '../../core/is-record.ts';
import { acceptMessage, acceptMessages } from '../../message/accept.ts';
import type { Accepted } from '../../message/new-messages.ts';
import { bodyLimits, Lines, parseWith, useNdjsonBodies } from '../bodies.ts';
import type { HttpContext } from '../context.ts';
import { documented, refusals, replayable } from '../openapi.ts';
import { idempotencyKeyOf, IdempotencyHeaders } from '../requests.ts';

const maxBatch = 1_000;

const Acceptance = z.strictObject({ id: z.uuid(), status: z.literal('accepted') });
const Batch = z.union([
  z.strictObject({ messages: z.array(MessageRequest).min(1).max(maxBatch) }),
  z.array(MessageRequest).min(1).max(maxBatch),
]);

const example = {
  template: 'bonus-posted',
  to: { memberId: 'm-1001' },
  data: { bonusId: 'spring-500', name: 'Spring bonus', reason: 'anniversary' },
  idempotencyKey: 'bonus-spring-500-m-1001',
};
documented.add(MessageRequest, {
  id: 'MessageRequest',
  description:
    'Names the template, the recipient and what happened. The profile is fetched when the mail is sent.',
  examples: [example],
});
documented.add(Batch, { id: 'MessageBatch', examples: [{ messages: [example] }] });
documented.add(Acceptance, {
  id: 'Accepted',
  examples: [{ id: '01980a4e-7c1e-7d3a-9f5e-2b6f8d1c0a11', status: 'accepted' }],
});

/** Handing messages in. They are durable before the reply leaves; the queue need not be up. */
export const acceptRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    // The bodies are checked where messages of every way in are; the schemas here are for the document.
    app.setValidatorCompiler(() => (value) => ({ value }));

    app.post(
      '/v1/messages',
      {
        config: { access: 'send' },
        schema: {
          operationId: 'acceptMessage',
          tags: ['messages'],
          summary: 'Hand in a message',
          description:
            'The same idempotency key with the same body gives the same reply, and one message. The header `Idempotent-Replayed: true` says that it was known.',
          headers: IdempotencyHeaders,
          body: MessageRequest,
          response: { 202: replayable(Acceptance), ...refusals(400, 408, 409, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { id, created } = await acceptMessage(
          context,
          request.tenant,
          withKey(request, request.body),
          { parent: traceParentOf(request.headers['traceparent']) },
        );
        count(context, [{ id, created }]);
        request.log.info({ messageId: id, created }, 'accepted');
        if (!created) void reply.header('idempotent-replayed', 'true');
        return reply.code(202).send({ id, status: 'accepted' });
      },
    );

    useNdjsonBodies(app);
    app.post(
      '/v1/messages/batch',
      {
        config: {
          access: 'send',
          textBodies: { 'application/x-ndjson': `${JSON.stringify(example)}\n` },
        },
        bodyLimit: bodyLimits.many,
        schema: {
          operationId: 'acceptMessages',
          tags: ['messages'],
          summary: 'Hand in up to 1,000 messages, all or none',
          description:
            'Also takes `application/x-ndjson`, a message a line. With the header `Idempotency-Key: k`, messages without a key of their own get `k/0`, `k/1`, … in their order.',
          headers: IdempotencyHeaders,
          body: Batch,
          response: {
            202: replayable(z.strictObject({ messages: z.array(Acceptance) })),
            ...refusals(400, 408, 409, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const { items, root } = batchItems(request.body);
        const accepted = await acceptMessages(context, request.tenant, withKeys(request, items), {
          parent: traceParentOf(request.headers['traceparent']),
        }).catch((error: unknown) => {
          throw error instanceof InvalidInput ? under(root, error) : error;
        });
        count(context, accepted);
        request.log.info(
          { messageIds: accepted.length, first: accepted[0]?.id, last: accepted.at(-1)?.id },
          'accepted',
        );
        if (accepted.every(({ created }) => !created))
          void reply.header('idempotent-replayed', 'true');
        return reply
          .code(202)
          .send({ messages: accepted.map(({ id }) => ({ id, status: 'accepted' as const })) });
      },
    );
  };

const count = ({ metrics }: HttpContext, accepted: readonly Accepted[]) =>
  metrics.accepted.inc({ by: 'http' }, accepted.filter(({ created }) => created).length);

const Items = z.array(z.unknown()).min(1).max(maxBatch);
const Wrapped = z.strictObject({ messages: Items });

/** The messages of a batch, whichever way they came, and what problems' paths begin with. */
function batchItems(body: unknown): { items: unknown[]; root: string } {
  if (body instanceof Lines) {
    const problems: Problem[] = body.lines.flatMap((line, index) =>
      line.kind === 'wrong' ? line.problems.map((one) => at(`[${index}]`, one)) : [],
    );
    if (problems.length > 0) throw new InvalidInput(problems);
    const items = body.lines.flatMap((line) => (line.kind === 'value' ? [line.value] : []));
    return { items: parseWith(Items, items), root: '' };
  }
  if (Array.isArray(body)) return { items: parseWith(Items, body), root: '' };
  return { items: parseWith(Wrapped, body).messages, root: 'messages' };
}

/** The message under the key of its header, where it has none of its own. */
function withKey(request: FastifyRequest, body: unknown): unknown {
  const own = isRecord(body) ? body['idempotencyKey'] : undefined;
  const key = idempotencyKeyOf(request, own);
  return isRecord(body) && key !== undefined ? { ...body, idempotencyKey: key } : body;
}

/** Gives every message without a key its own, derived from the batch's: a repeated batch is the same messages. */
function withKeys(request: FastifyRequest, items: readonly unknown[]): readonly unknown[] {
  const key = idempotencyKeyOf(request, undefined);
  if (key === undefined) return items;
  return items.map((item, index) =>
    isRecord(item) && item['idempotencyKey'] === undefined
      ? { ...item, idempotencyKey: `${key}/${index}` }
      : item,
  );
}

/** Puts a problem under where its message was in the body; `body` names the whole of it. */
const at = (root: string, { path, message }: Problem): Problem => {
  if (root === '' || path === 'body') return { path: root === '' ? path : root, message };
  return { path: path.startsWith('[') ? `${root}${path}` : `${root}.${path}`, message };
};
const under = (root: string, { problems, status }: InvalidInput) =>
  new InvalidInput(
    problems.map((one) => at(root, one)),
    status,
  );
