import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import { parse as parseCsv } from 'csv-parse';
import { z } from 'zod';

import { MemberId } from '../contract/message.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { parseLine } from './bodies.ts';

/** One line of an audience: a member, or what is wrong with it. */
export type AudienceLine = { readonly line: number } & (
  | { readonly memberId: string }
  | { readonly problems: readonly Problem[] }
);

const Entry = z
  .union([MemberId, z.strictObject({ memberId: MemberId })], {
    error: 'must be a member id, or an object with memberId',
  })
  .transform((entry) => (typeof entry === 'string' ? entry : entry.memberId));

/** Reads `"m-1"` or `{"memberId":"m-1"}` a line, without holding more than a few lines. */
export async function* ndjsonAudience(body: AsyncIterable<Buffer>): AsyncGenerator<AudienceLine> {
  const lines = createInterface({ input: Readable.from(body), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    if (text.length > longestLine) throw wrongLine(line, 'is too long');
    const parsed = parseLine(text);
    if (parsed.kind === 'wrong') yield { line, problems: parsed.problems };
    else yield { line, ...entryOf(Entry, parsed.value) };
  }
}

/** Reads CSV with a header line; the column `memberId` counts, others are ignored. */
export async function* csvAudience(body: AsyncIterable<Buffer>): AsyncGenerator<AudienceLine> {
  const records = Readable.from(body).pipe(
    parseCsv({
      bom: true,
      columns: (header: string[]) => {
        if (header.includes('memberId')) return header;
        throw wrongLine(1, 'must be a header with a column memberId');
      },
      delimiter: [',', ';', '\t'],
      info: true,
      max_record_size: longestLine,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  try {
    for await (const item of records) {
      const { info, record } = CsvItem.parse(item);
      yield { line: info.lines, ...entryOf(MemberId, record['memberId']) };
    }
  } catch (error) {
    if (!(error instanceof Error && 'lines' in error && typeof error.lines === 'number'))
      throw error;
    throw wrongLine(error.lines, error.message);
  }
}

const longestLine = 64 * 1024;
const CsvItem = z.object({
  info: z.object({ lines: z.number() }),
  record: z.record(z.string(), z.string()),
});

function entryOf(schema: z.ZodType<string>, value: unknown) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { memberId: parsed.data };
  return { problems: parsed.error.issues.map(({ message }) => ({ path: 'memberId', message })) };
}

export const wrongLine = (line: number, message: string) =>
  new InvalidInput([{ path: `line ${line}`, message }]);
