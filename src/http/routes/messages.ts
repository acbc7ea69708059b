import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { MemberId, messageStates } from '../../contract/message.ts';
import { Instant } from '../../core/instant.ts';
import { feedbackKinds } from '../../feedback/feedback.ts';
import { feedbackLines, timelineOf } from '../../feedback/timeline.ts';
import {
  cancelMessage,
  findMessage,
  listMessages,
  type MessageRecord,
  requeueMessage,
} from '../../message/messages.ts';
import { whyLines } from '../../message/why.ts';
import type { Db } from '../../postgres/pool.ts';
import type { HttpContext } from '../context.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import { idOf, IdParams } from '../requests.ts';

const Summary = z.strictObject({
  id: z.uuid(),
  template: z.string(),
  brand: z.string(),
  lane: z.enum(['transactional', 'campaign']),
  memberId: z.string().nullable(),
  email: z.string().nullable().describe('The address the producer gave, if it gave one.'),
  locale: z.string().nullable(),
  about: z.array(z.string()).describe('Subjects: cancelling one stops the message.'),
  campaignId: z.uuid().nullable(),
  state: z.enum(messageStates),
  reason: z.string().nullable().describe('Why it is in this state: a reason code.'),
  error: z.string().nullable(),
  acceptedAt: z.date(),
  nextAt: z.date().describe('When it is, or was, due.'),
  finishedAt: z.date().nullable(),
  emptiedAt: z
    .date()
    .nullable()
    .describe('When what it said and to whom was removed: the member was erased, or it is old.'),
  tries: z.int(),
  unknownOutcomes: z.int().describe('Hand-overs nobody saw the end of; each may have left a copy.'),
  sentTo: z.string().nullable(),
  transport: z.string().nullable(),
  response: z.string().nullable(),
  templateVersion: z
    .string()
    .nullable()
    .describe(
      'What it was made with: the 64 digits of a published version, or 16 of the templates folder.',
    ),
  pinnedVersion: z
    .string()
    .nullable()
    .describe('The published version it keeps; null: what is live when it is sent.'),
  why: z.array(z.string()).describe('The same for people, in a few lines.'),
});
const Decision = z.looseObject({
  kind: z.enum(['send', 'suppress', 'hold']),
  reason: z.string(),
  steps: z.array(z.unknown()).readonly().describe('Every rule that was asked about the message.'),
  blocks: z
    .array(z.unknown())
    .readonly()
    .describe('Every block: shown or hidden, and by which rule.'),
  offers: z.array(z.unknown()).readonly().describe('Every offer: its place, or why it is hidden.'),
  basis: z.looseObject({}).describe('What it was decided from: time, profile and versions.'),
});
const TimelineEntry = z.strictObject({
  at: z.date(),
  what: z.enum(['accepted', ...messageStates, ...feedbackKinds]),
  source: z.string().describe('`laurel`, or the connection that told it.'),
  detail: z.string().nullable(),
});
const Record = Summary.extend({
  decision: Decision.nullable(),
  timeline: z
    .array(TimelineEntry)
    .describe('From acceptance to what mail programs told after it had left, such as a bounce.'),
});
documented.add(Summary, { id: 'MessageSummary' });
documented.add(Record, { id: 'Message' });

const Filter = z.strictObject({
  memberId: MemberId.optional(),
  state: z.enum(messageStates).optional(),
  template: z.string().max(100).optional(),
  brand: z.string().max(64).optional(),
  reason: z.string().max(100).optional().describe('Why it is in its state: a reason code.'),
  campaignId: z.uuid().optional(),
  since: Instant.optional().describe('Accepted at this time or later.'),
  before: Instant.optional().describe('Accepted before this time.'),
  cursor: z.uuid().optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const Page = z.strictObject({
  messages: z.array(Summary),
  next: z.uuid().nullable().describe('The `cursor` of the next page; null where this is the last.'),
});

/** What became of messages, and why; and taking back or repeating one. */
export const messageRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/messages',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listMessages',
          tags: ['messages'],
          summary: 'Messages, newest first, a page at a time: all, or those that fit every filter',
          querystring: Filter,
          response: { 200: Page, ...refusals(400) },
        },
      },
      async ({ query: { since, before, cursor, limit, ...filter }, tenant }) => {
        const found = await listMessages(pool, tenant, {
          ...filter,
          ...(since !== undefined && { since: new Date(since) }),
          ...(before !== undefined && { before: new Date(before) }),
          after: cursor,
          // One more tells whether there is another page.
          limit: limit + 1,
        });
        const messages = found.slice(0, limit).map(summaryOf);
        return { messages, next: found.length > limit ? (messages.at(-1)?.id ?? null) : null };
      },
    );

    app.get(
      '/v1/messages/:id',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'getMessage',
          tags: ['messages'],
          summary: 'One message with its decision: what was sent, and why',
          params: IdParams,
          response: { 200: Record, ...refusals(404) },
        },
      },
      async ({ params, tenant }) => wholeOf(pool, tenant, await find(pool, tenant, params)),
    );

    app.post(
      '/v1/messages/:id/cancel',
      {
        config: { access: 'send' },
        schema: {
          operationId: 'cancelMessage',
          tags: ['messages'],
          summary: 'Take a message back before it is sent',
          params: IdParams,
          response: { 200: Record, ...refusals(404, 409) },
        },
      },
      async ({ params, tenant }) => {
        const before = await find(pool, tenant, params);
        const done = await cancelMessage(pool, tenant, before.id);
        const after = await find(pool, tenant, params);
        // Cancelled before: what was asked for is so.
        if (!done && after.state !== 'cancelled') throw tooLate('cancelled', after);
        return wholeOf(pool, tenant, after);
      },
    );

    app.post(
      '/v1/messages/:id/requeue',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'requeueMessage',
          tags: ['messages'],
          summary: 'Put a failed or quarantined message back in line',
          params: IdParams,
          response: { 200: Record, ...refusals(404, 409) },
        },
      },
      async ({ params, tenant }) => {
        const before = await find(pool, tenant, params);
        if (!(await requeueMessage(pool, tenant, before.id))) throw tooLate('requeued', before);
        return wholeOf(pool, tenant, await find(pool, tenant, params));
      },
    );
  };

async function find(db: Db, tenant: string, params: { id: string }): Promise<MessageRecord> {
  const record = await findMessage(db, tenant, idOf(params, 'message'));
  if (!record) throw notFound('message');
  return record;
}

const tooLate = (what: string, { state }: MessageRecord) =>
  new HttpError(409, 'wrong-state', `the message is ${state}; it can’t be ${what} any more`);

async function wholeOf(
  db: Db,
  tenant: string,
  record: MessageRecord,
): Promise<z.input<typeof Record>> {
  const timeline = await timelineOf(db, tenant, record);
  const why = [...whyLines(record), ...feedbackLines(timeline)];
  return { ...record, about: [...record.about], why, timeline };
}

function summaryOf(record: MessageRecord): z.input<typeof Summary> {
  const { decision: _, ...summary } = record;
  return { ...summary, about: [...record.about], why: whyLines(record) };
}
