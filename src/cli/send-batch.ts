import { createHash } from 'node:crypto';

import { IdempotencyConflict, InvalidInput, type Problem } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import type { Accepted } from '../message/new-messages.ts';
import type { Row } from '../table/row.ts';

export type AcceptedLine = {
  readonly line: number;
  readonly id: string;
  /** False when it was handed in before. */
  readonly created: boolean;
  /** Whether handing it in again would be recognised. */
  readonly repeatable: boolean;
};
export type RejectedLine = {
  readonly line: number;
  readonly text: string;
  readonly problems: readonly Problem[];
};
export type BatchResult = {
  readonly accepted: readonly AcceptedLine[];
  readonly rejected: readonly RejectedLine[];
};

type Line = { readonly record: Row; readonly value: unknown };

/**
 * Hands a batch of records in, in one transaction. Where some are wrong, either nothing is stored
 * (`skipInvalid: false`; `accepted` is empty then), or all the others are.
 */
export async function acceptBatch(
  records: readonly Row[],
  accept: (messages: readonly unknown[]) => Promise<readonly Accepted[]>,
  options: { readonly skipInvalid: boolean; readonly idempotencyPrefix?: string | undefined },
): Promise<BatchResult> {
  const rejected: RejectedLine[] = [];
  let lines = records.map((record): Line => {
    // A broken record is handed in as nothing: it is refused together with what else is wrong.
    const value = record.kind === 'row' ? record.value : undefined;
    return { record, value: withKey(value, options.idempotencyPrefix) };
  });
  while (lines.length > 0) {
    try {
      const accepted = await accept(lines.map(({ value }) => value));
      return {
        rejected: rejected.toSorted((a, b) => a.line - b.line),
        accepted: accepted.flatMap(({ id, created }, index) => {
          const line = lines[index];
          if (!line) return [];
          return [{ line: line.record.line, id, created, repeatable: keyOf(line.value) !== null }];
        }),
      };
    } catch (error) {
      const wrong = wrongOnes(error, lines);
      if (wrong.size === 0) throw error;
      for (const [{ record }, problems] of wrong)
        rejected.push({ line: record.line, text: record.text, problems });
      lines = lines.filter((line) => !wrong.has(line));
    }
    if (!options.skipInvalid) break;
  }
  return { rejected: rejected.toSorted((a, b) => a.line - b.line), accepted: [] };
}

/** Which lines an error is about, and what is wrong with each; none where it is about something else. */
function wrongOnes(error: unknown, lines: readonly Line[]): Map<Line, Problem[]> {
  const wrong = new Map<Line, Problem[]>();
  if (error instanceof IdempotencyConflict) {
    const same = lines.filter(({ value }) => keyOf(value) === error.idempotencyKey);
    // Of several in this batch the first may be right; where it isn't, the next round says so.
    const message = `"${error.idempotencyKey}" was used before with a different message; use a new key, or send the same message`;
    for (const line of same.length > 1 ? same.slice(1) : same)
      wrong.set(line, [{ path: 'idempotencyKey', message }]);
  }
  if (!(error instanceof InvalidInput)) return wrong;
  for (const { path, message } of error.problems) {
    const [, index = '', field = ''] = /^\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
    const line = lines[Number(index)];
    if (index === '' || !line) return new Map();
    if (line.record.kind === 'broken') wrong.set(line, [...line.record.problems]);
    else {
      const problem = { path: field === 'body' ? 'record' : field, message };
      wrong.set(line, [...(wrong.get(line) ?? []), problem]);
    }
  }
  return wrong;
}

function keyOf(value: unknown): string | null {
  const key: unknown = isRecord(value) ? value['idempotencyKey'] : undefined;
  return typeof key === 'string' ? key : null;
}

/** A key made of the record itself, so that the same record of a file that is sent again is known. */
function withKey(value: unknown, prefix: string | undefined): unknown {
  if (prefix === undefined || !isRecord(value) || 'idempotencyKey' in value) return value;
  const hash = createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
  return { ...value, idempotencyKey: `${prefix}:${hash}` };
}
