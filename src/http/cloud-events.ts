import type { IncomingHttpHeaders } from 'node:http';

import { z } from 'zod';

import { InvalidInput, type Problem } from '../core/errors.ts';
import { decoded } from '../core/parse-url.ts';
import { checkPayload } from '../core/payload.ts';
import { problemsOf } from '../core/problems.ts';
import type { EventResult } from '../ledger/batch.ts';

/** A body in the structured mode of CloudEvents: one event, or several as a batch. */
export class CloudEvents {
  readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

export const cloudEventType = 'application/cloudevents+json';
export const cloudEventBatchType = 'application/cloudevents-batch+json';

const said = z.string().trim().min(1);
const isJson = (type: string) => /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);

const example = {
  specversion: '1.0',
  id: 'till-4-88213',
  source: 'pos',
  type: 'laurel.points.earned',
  time: '2026-05-04T18:30:00+02:00',
  subject: 'member:m-1001',
  data: { points: 40, ref: '1001' },
};

/** The envelope (CloudEvents 1.0, JSON format). Further attributes are extensions: allowed, and not read. */
export const CloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: said,
    source: said,
    type: said.describe('One of ours, such as `order.placed`; the prefix `laurel.` is left out.'),
    time: said.describe('When it happened, with offset.'),
    subject: said.describe('`member:<memberId>` where `data` names nobody.').optional(),
    datacontenttype: z.string().refine(isJson, 'must be JSON, such as application/json').optional(),
    data: z.record(z.string(), z.unknown()).describe('The event’s own fields.'),
    data_base64: z.undefined('is not read; put the JSON in data').optional(),
  })
  .meta({ examples: [example] });

/** An event as the ledger takes it, and how its sender calls the ledger's fields; or what is wrong with the envelope. */
export type Opened =
  | {
      readonly kind: 'event';
      readonly event: unknown;
      readonly nameOf: (path: string) => string;
    }
  | { readonly kind: 'refused'; readonly result: EventResult };

const envelope = { id: 'id', source: 'source', type: 'type', at: 'time' } as const;

/** Takes the ledger's event out of a CloudEvent. @param attribute how its sender writes an attribute of the envelope */
export function openCloudEvent(
  value: unknown,
  attribute: (name: string) => string = (name) => name,
): Opened {
  const parsed = CloudEvent.safeParse(value, { reportInput: true });
  const problems = parsed.success
    ? Object.keys(envelope)
        .filter((name) => name in parsed.data.data)
        .map((name) => ({
          path: `data.${name}`,
          message: `is said by the envelope, as ${attribute(envelopeName(name))}`,
        }))
    : problemsOf(parsed.error).map(({ path, message }) => ({
        path: path === 'data' || path.startsWith('data.') ? path : attribute(path),
        message,
      }));
  if (!parsed.success || problems.length > 0)
    return { kind: 'refused', result: refusal(value, problems) };
  const { id, source, type, time, subject, data } = parsed.data;
  const named = 'memberId' in data || 'identity' in data || 'product' in data;
  const memberId = named ? undefined : /^member:(.+)$/.exec(subject ?? '')?.[1];
  return {
    kind: 'event',
    event: {
      ...data,
      ...(memberId !== undefined && { memberId }),
      id,
      source,
      type: type.replace(/^laurel\./, ''),
      at: time,
    },
    nameOf: (path) => {
      if (path in envelope) return attribute(envelopeName(path));
      return path === 'memberId' && memberId !== undefined ? attribute('subject') : `data.${path}`;
    },
  };
}

const envelopeName = (path: string): string =>
  Object.entries(envelope).find(([name]) => name === path)?.[1] ?? path;

const header = (name: string) => `ce-${name}`;

/** Whether a request is a CloudEvent in binary mode: the envelope in headers, `data` as the body. */
export const isBinaryCloudEvent = (headers: IncomingHttpHeaders): boolean =>
  headers['ce-specversion'] !== undefined;

/** Takes an event out of a request in binary mode. */
export function openBinaryCloudEvent(headers: IncomingHttpHeaders, data: unknown): Opened {
  const attributes = ['specversion', 'id', 'source', 'type', 'time', 'subject'].flatMap((name) => {
    const value = headers[header(name)];
    return typeof value === 'string' ? [[name, decoded(value)] as const] : [];
  });
  const event = { ...Object.fromEntries(attributes), data };
  try {
    // The body was looked at as it was read; headers are decoded here.
    checkPayload({ ...event, data: null });
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.problems.map(({ path, message }) => ({ path: header(path), message }));
    return { kind: 'refused', result: refusal({}, problems) };
  }
  return openCloudEvent(event, header);
}

function refusal(value: unknown, problems: readonly Problem[]): EventResult {
  const text = (name: string) => {
    const found: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return typeof found === 'string' ? found : null;
  };
  return { kind: 'refused', source: text('source'), id: text('id'), problems };
}
