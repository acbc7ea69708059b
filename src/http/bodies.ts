import { Readable } from 'node:stream';

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { InvalidInput, type Problem } from '../core/errors.ts';
import { parsePayload } from '../core/payload.ts';
import { problemsOf } from '../core/problems.ts';
import { readNdjson } from '../table/json.ts';
import { cloudEventBatchType, CloudEvents, cloudEventType } from './cloud-events.ts';

/** Bytes. */
export const bodyLimits = {
  one: 1024 * 1024,
  many: 5 * 1024 * 1024,
  audience: 512 * 1024 * 1024,
} as const;

/** Replaces Fastify's parsers by ours: JSON that passed the payload checks, and nothing else. */
export function useJsonBodies(app: FastifyInstance) {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    // Clients that always name a content type send it with nothing too.
    async (_request: unknown, body: Buffer) => (body.length === 0 ? undefined : parse(body)),
  );
}

/** One line of NDJSON: what it says, or what is wrong with it. */
export type Line =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** A body of several values, as `application/x-ndjson` gives it to a handler. */
export class Lines {
  readonly lines: readonly Line[];

  constructor(lines: readonly Line[]) {
    this.lines = lines;
  }
}

export const ndjsonTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

/** Also takes NDJSON, in the context this is called in. Empty lines don't count. */
export function useNdjsonBodies(app: FastifyInstance) {
  app.addContentTypeParser<Buffer>(
    ndjsonTypes,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      // A line may be as long as the same thing sent by itself.
      const lines: Line[] = [];
      for await (const row of readNdjson(Readable.from([body]), bodyLimits.one))
        lines.push(row.kind === 'row' ? { kind: 'value', value: row.value } : wrong(row.problems));
      return new Lines(lines);
    },
  );
}

/** Also takes CloudEvents in their structured mode, in the context this is called in. */
export function useCloudEventBodies(app: FastifyInstance) {
  app.addContentTypeParser<Buffer>(
    cloudEventType,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => new CloudEvents([parse(body)]),
  );
  app.addContentTypeParser<Buffer>(
    cloudEventBatchType,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) =>
      new CloudEvents(parseWith(z.array(z.unknown()), parse(body))),
  );
}

/** The whole of a line is called as the whole of a body is. */
const wrong = (problems: readonly Problem[]): Line => ({
  kind: 'wrong',
  problems: problems.map((one) => (one.path === 'record' ? { ...one, path: 'body' } : one)),
});

/** How large a body may be was checked by its route, while it came in. */
const parse = (text: Buffer) => parsePayload(text, { maxBytes: bodyLimits.many });

/** Parses with a schema. @throws InvalidInput naming every field that is wrong, below `root` where the value has a name. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, root?: string): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InvalidInput(problemsOf(parsed.error, root === undefined ? [] : [root]));
}
