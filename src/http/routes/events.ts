import type { IncomingHttpHeaders } from 'node:http';

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import type { EventResult } from '../../ledger/batch.ts';
import { LedgerEvent } from '../../ledger/events.ts';
import {
  bodyLimits,
  type Line,
  Lines,
  parseWith,
  useCloudEventBodies,
  useNdjsonBodies,
} from '../bodies.ts';
import {
  CloudEvent,
  cloudEventBatchType,
  CloudEvents,
  cloudEventType,
  isBinaryCloudEvent,
  openBinaryCloudEvent,
  openCloudEvent,
  type Opened,
} from '../cloud-events.ts';
import type { HttpContext } from '../context.ts';
import { documented, refusals } from '../openapi.ts';

const maxEvents = 1_000;

const example = {
  type: 'points.earned',
  source: 'pos',
  id: 'till-4-88213',
  at: '2026-05-04T18:30:00+02:00',
  memberId: 'm-1001',
  points: 40,
  ref: '1001',
};
documented.add(LedgerEvent, {
  id: 'LedgerEvent',
  description:
    'Something that happened. `source` and `id` together make it applied once, however often it is sent.',
  examples: [example],
});

const Problems = z.array(z.strictObject({ path: z.string(), message: z.string() })).readonly();
const named = { source: z.string().nullable(), id: z.string().nullable() };
const Result = z.discriminatedUnion('kind', [
  z.strictObject({
    ...named,
    kind: z.enum(['applied', 'duplicate']),
    memberId: z.string().nullable(),
    ledgerVersion: z.int().describe('The member’s version with this event in it.'),
  }),
  z.strictObject({ ...named, kind: z.literal('ignored'), why: z.string() }),
  z.strictObject({ ...named, kind: z.literal('refused'), problems: Problems }),
]);
documented.add(Result, { id: 'EventResult' });

/** The ledger's way in. Events stand on their own: a bad one is refused by field and stops none of the others. */
export const eventRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    // The ledger checks each event by itself; the schema here is for the document.
    app.setValidatorCompiler(() => (value) => ({ value }));
    useNdjsonBodies(app);
    useCloudEventBodies(app);
    app.post(
      '/v1/events',
      {
        config: {
          access: 'send',
          textBodies: { 'application/x-ndjson': `${JSON.stringify(example)}\n` },
          jsonBodies: {
            [cloudEventType]: CloudEvent,
            [cloudEventBatchType]: z.array(CloudEvent).max(maxEvents),
          },
        },
        bodyLimit: bodyLimits.many,
        schema: {
          operationId: 'applyEvents',
          tags: ['events'],
          summary: 'Apply one event, or up to 1,000',
          description:
            'Also takes `application/x-ndjson`, an event a line, and CloudEvents 1.0: structured, batched, or binary (`ce-*` headers, the event’s own fields as the body). ' +
            'The reply has one result per event, in their order; look for `refused`.',
          body: z.union([LedgerEvent, z.array(LedgerEvent).min(1).max(maxEvents)]),
          response: {
            200: z.strictObject({
              refused: z.int().describe('How many of the results are `refused`.'),
              results: z.array(Result),
            }),
            ...refusals(400, 408, 413, 415),
          },
        },
      },
      async ({ body, headers, tenant }) => {
        const results = await applyEntries(context, tenant, entriesOf(body, headers));
        return { refused: results.filter(({ kind }) => kind === 'refused').length, results };
      },
    );
  };

const Items = z.array(z.unknown()).min(1).max(maxEvents);

function entriesOf(body: unknown, headers: IncomingHttpHeaders): readonly Opened[] {
  if (isBinaryCloudEvent(headers) && !(body instanceof CloudEvents))
    return [openBinaryCloudEvent(headers, body)];
  if (body instanceof CloudEvents) {
    // An empty batch is one, by CloudEvents.
    parseWith(z.array(z.unknown()).max(maxEvents), body.values);
    return body.values.map((value) => openCloudEvent(value));
  }
  const lines =
    body instanceof Lines
      ? body.lines
      : (Array.isArray(body) ? body : [body]).map((value): Line => ({ kind: 'value', value }));
  parseWith(Items, lines);
  return lines.map((line) =>
    line.kind === 'value'
      ? { kind: 'event', event: line.value, nameOf: (path) => path }
      : {
          kind: 'refused',
          result: { kind: 'refused', source: null, id: null, problems: line.problems },
        },
  );
}

/** Applies what could be read, and puts the others' refusals in their places. */
async function applyEntries(
  { shares }: HttpContext,
  tenant: string,
  entries: readonly Opened[],
): Promise<EventResult[]> {
  const events = entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
  const applied = events.length === 0 ? [] : await shares.ledger.apply(tenant, events);
  let next = 0;
  return entries.map((entry) => {
    if (entry.kind === 'refused') return entry.result;
    const result = applied[next++];
    if (!result) throw new Error('the ledger gave fewer results than events');
    if (result.kind !== 'refused') return result;
    const problems = result.problems.map(({ path, message }) => ({
      path: entry.nameOf(path),
      message,
    }));
    return { ...result, problems };
  });
}
