import type { Command } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import type { EventResult } from '../ledger/batch.ts';
import { readJson } from '../table/json.ts';
import { largestRow } from '../table/read-table.ts';
import { inBatches, openInput } from './input.ts';
import { openProgress } from './progress.ts';
import { type BrandsSession, withBrands } from './session.ts';
import { count, note, oneLine, print } from './terminal.ts';

/** Events a transaction. */
const batchSize = 500;
const mostToShow = 20;

export function addEvents(program: Command): void {
  program
    .command('events')
    .description('apply ledger events: purchases, points, consents, members')
    .argument('[file]', 'JSON, a JSON array or one JSON object a line; stdin when left out or -')
    .addHelpText(
      'after',
      `
An event is known by its source and id: applying a file again changes nothing. One that is wrong is named by line and
field and doesn't keep the others from being applied.

Examples:
  $ laurel events members.ndjson
  $ pos export --since yesterday | laurel events`,
    )
    .action(async (file: string | undefined) => {
      const input = await openInput(file);
      await withBrands((context) => apply(input, context));
    });
}

async function apply(
  input: Awaited<ReturnType<typeof openInput>>,
  { pool, tenant, brands, signal, now }: BrandsSession,
): Promise<void> {
  const tally = { applied: 0, duplicate: 0, ignored: 0, refused: 0 };
  const progress = openProgress(input.size);
  const refuse = (
    line: number,
    problems: Extract<EventResult, { kind: 'refused' }>['problems'],
  ) => {
    tally.refused += 1;
    if (tally.refused > mostToShow) return;
    for (const { path, message } of problems)
      note(`line ${line}: ${oneLine(path === '' ? 'record' : path)}: ${oneLine(message)}`);
  };
  try {
    for await (const records of inBatches(readJson(input.chunks, largestRow), batchSize)) {
      if (signal.aborted) break;
      const whole = records.filter((record) => record.kind === 'row');
      for (const record of records)
        if (record.kind === 'broken') refuse(record.line, record.problems);
      const results = await applyEvents(
        pool,
        tenant,
        brandsOf(brands),
        whole.map(({ value }) => value),
        now(),
      );
      for (const [index, result] of results.entries()) {
        if (result.kind === 'refused') refuse(whole[index]?.line ?? 0, result.problems);
        else tally[result.kind] += 1;
      }
      progress.update(input.read(), `${count(tally.applied, 'event')} applied`);
    }
  } finally {
    progress.stop();
  }
  const { applied, duplicate, ignored, refused } = tally;
  if (applied + duplicate + ignored + refused === 0 && !signal.aborted)
    throw new PermanentError('empty', 'there was no event in it');
  await print(
    [
      `${count(applied, 'event')} applied`,
      ...(duplicate > 0 ? [`${duplicate.toLocaleString('en')} known before`] : []),
      ...(ignored > 0
        ? [
            `${ignored.toLocaleString('en')} changed nothing: of erased members, or links there already`,
          ]
        : []),
      ...(refused > 0 ? [`${refused.toLocaleString('en')} refused`] : []),
    ].join(', '),
  );
  if (signal.aborted)
    throw new PermanentError('interrupted', 'stopped before the end; the same file again goes on');
  if (refused > 0)
    throw new PermanentError(
      'refused',
      'put the refused events right and apply the file again: the others are known by source and id',
    );
}
