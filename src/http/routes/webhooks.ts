import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Counter } from 'prom-client';
import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { parsePayload } from '../../core/payload.ts';
import { recordFeedback } from '../../feedback/record.ts';
import {
  holdUnread,
  nothingReceived,
  receiveErasure,
  receiveEvents,
  type ReceiveDeps,
  type Received,
} from '../../ingest/receive.ts';
import { receiving } from '../../ingest/receiving.ts';
import { brandsOf } from '../../ledger/batch.ts';
import { transaction } from '../../postgres/pool.ts';
import { bodyLimits } from '../bodies.ts';
import type { HttpContext } from '../context.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import type { Delivery, Reading } from '../webhooks/adapter.ts';
import type { OpenConnection } from '../webhooks/connections.ts';

const Params = z.strictObject({ adapter: z.string(), connection: z.string() });
const count = z.int().nonnegative();
const Answer = z.strictObject({
  applied: count,
  duplicate: count.describe('Known before: nothing changed.'),
  ignored: count.describe('Of no interest to the ledger, or about erased members.'),
  waiting: count.describe('Kept until their order arrives.'),
  why: z.string().describe('Why all of it is ignored.').optional(),
  refused: count.describe('Kept for somebody to look at: `laurel webhooks held`.'),
  problems: z
    .array(z.strictObject({ path: z.string(), message: z.string() }))
    .describe('Of the refused ones.'),
});
documented.add(Answer, { id: 'WebhookAnswer' });

/** Where shops, mail providers and other systems deliver their webhooks. The signature is the key; each connection sees its own tenant. */
export const webhookRoutes =
  ({ pool, brands, connections, metrics, now, shares }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const brandOf = brandsOf(brands);
    const deliveries = new Counter({
      name: 'laurel_webhooks_total',
      help: 'Webhooks that came in, by adapter and what became of them.',
      labelNames: ['adapter', 'outcome'],
      registers: [metrics.registry],
    });
    // A signature covers the bytes, so the body stays as it came.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
    app.setValidatorCompiler(() => (value) => ({ value }));

    const take = async (request: FastifyRequest): Promise<z.infer<typeof Answer>> => {
      const connection = connectionOf(request, connections);
      if (!connection) throw notFound('webhook');
      const { adapter, name, tenant } = connection;
      const outcome = (is: string) => deliveries.inc({ adapter, outcome: is });
      const delivery = {
        headers: request.headers,
        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      };
      if (!(await connection.receiver.isAuthentic(delivery, now()))) {
        outcome('forged');
        await request.server.countStranger(request);
        throw new HttpError(401, 'unauthorized', 'the signature is missing, wrong or too old');
      }
      request.keyPrefix = `${adapter}/${name}`;
      await request.server.countKey(request);
      const reading = readDelivery(connection, delivery, now());
      switch (reading.kind) {
        case 'malformed':
          outcome('malformed');
          throw new InvalidInput(reading.problems);
        case 'ignored':
          outcome('ignored');
          return { ...nothingReceived(), ignored: 1, why: reading.why };
        case 'handshake':
          await reading.confirm();
          outcome('confirmed');
          return { ...nothingReceived(), ignored: 1, why: 'confirmed' };
        case 'feedback': {
          const { feedback: told, ignored } = reading;
          const source = request.keyPrefix;
          const recorded = await transaction(pool, (db) =>
            recordFeedback(db, tenant, source, told, now()),
          );
          if (recorded.replayed.length > 0) {
            outcome('forged');
            throw new HttpError(401, 'unauthorized', 'what proves this was used before');
          }
          const { recorded: applied, duplicate } = recorded;
          outcome(applied > 0 ? 'applied' : 'duplicate');
          return { ...nothingReceived(), applied, duplicate, ignored };
        }
        case 'events':
        case 'erasure': {
          const deps = {
            ...receiving(pool, tenant, brandOf, now),
            applyEvents: (events: readonly unknown[]) => shares.ledger.apply(tenant, events),
          };
          const received = await receive(request.keyPrefix, reading, deps);
          outcome(outcomeOf(received));
          if (received.refused > 0) {
            const { refused } = received;
            request.log.warn(
              { connection: request.keyPrefix, refused },
              'events were refused and are held',
            );
          }
          return received;
        }
        default:
          return reading satisfies never;
      }
    };

    app.post(
      '/v1/webhooks/:adapter/:connection',
      {
        config: { access: 'public' },
        bodyLimit: bodyLimits.many,
        onRequest: async (request) => {
          // Before the body is read.
          if (!connectionOf(request, connections)) {
            await request.server.countStranger(request);
            throw notFound('webhook');
          }
        },
        schema: {
          operationId: 'receiveWebhook',
          tags: ['webhooks'],
          summary: 'Take in a webhook of a configured sender',
          description:
            'The body is what the sender signs: see its own documentation. A delivery that comes again changes nothing.',
          params: Params,
          response: { 200: Answer, ...refusals(400, 404, 408, 413) },
        },
      },
      (request) => take(request),
    );
  };

function connectionOf(
  request: FastifyRequest,
  connections: ReadonlyMap<string, OpenConnection>,
): OpenConnection | undefined {
  const params = Params.safeParse(request.params);
  return params.success
    ? connections.get(`${params.data.adapter}/${params.data.connection}`)
    : undefined;
}

async function receive(
  connection: string,
  reading: Extract<Reading, { kind: 'events' | 'erasure' }>,
  deps: ReceiveDeps,
): Promise<Received> {
  if (reading.kind === 'erasure') return receiveErasure(connection, reading.erasure, deps);
  const { events, unread } = reading;
  const received = await receiveEvents(connection, events, deps);
  if (!unread) return received;
  const held = await holdUnread(connection, unread, deps);
  return {
    ...received,
    refused: received.refused + held.refused,
    problems: [...received.problems, ...held.problems],
  };
}

function readDelivery({ receiver }: OpenConnection, delivery: Delivery, now: Date): Reading {
  if (receiver.isPing?.(delivery)) return { kind: 'ignored', why: 'ping' };
  const payload = parsePayload(delivery.body, { maxBytes: bodyLimits.many });
  return receiver.read(payload, delivery, now);
}

function outcomeOf({ applied, duplicate, refused, waiting }: Received): string {
  if (refused > 0) return 'refused';
  if (waiting > 0) return 'waiting';
  if (applied > 0) return 'applied';
  return duplicate > 0 ? 'duplicate' : 'ignored';
}
