import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { codeOf } from '../core/code-of.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { parseMapping, type Mapping } from '../ingest/mapping.ts';
import { applyParsed } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import { checkFile } from './import/check-file.ts';
import { importFile } from './import/import-file.ts';
import { emptyTally, type Tally } from './import/tally.ts';
import { withBrands } from './session.ts';
import { count, oneLine, print } from './terminal.ts';

type Options = {
  readonly mapping?: string;
  readonly rejects?: string;
  readonly dryRun?: true;
  readonly restart?: true;
};

export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'bring the history of another system in: CSV or NDJSON files, as a mapping reads them',
    )
    .argument('<file...>', 'CSV or NDJSON, also gzipped (.gz); - is stdin')
    .option(
      '-m, --mapping <file>',
      'JSON that says what the columns mean; not needed for files of ledger events',
    )
    .option(
      '--rejects <file>',
      'where records that can’t be applied go; <file>.rejects when left out',
    )
    .option('--dry-run', 'read, map and check everything; apply nothing')
    .option(
      '--restart',
      'begin at the first line even where an import of this file was interrupted',
    )
    .addHelpText(
      'after',
      `
Every event has an id, from the mapping or made of its content: importing a file again changes nothing, and an import
that was interrupted goes on where it stopped. What can't be applied is written to the file of rejects, with line and
reason; put it right there and import that file.

Examples:
  $ laurel import members.csv --mapping members.map.json --dry-run
  $ laurel import 2019.csv.gz 2020.csv.gz --mapping till.map.json
  $ pos export | laurel import - --mapping till.map.json`,
    )
    .action(async (files: string[], options: Options) => {
      const text = options.mapping === undefined ? '' : await readMapping(options.mapping);
      const mapping = text === '' ? undefined : parsed(text, options.mapping ?? '');
      const tally = emptyTally();
      if (options.dryRun) {
        for (const file of files) await checkFile(file, mapping, tally, new Date());
        await summarise(tally, 'well-formed');
      } else await importAll(files, text, mapping, options, tally);
      if (tally.applied + tally.duplicate + tally.ignored + tally.skipped + tally.rejected === 0)
        throw new PermanentError('empty', 'there was no record in it');
      if (tally.rejected > 0)
        throw new PermanentError(
          'rejected',
          options.dryRun
            ? `${count(tally.rejected, 'record')} would be rejected`
            : `${count(tally.rejected, 'record')} rejected; put them right in the file of rejects and import that`,
        );
    });
}

async function importAll(
  files: readonly string[],
  mappingText: string,
  mapping: Mapping | undefined,
  { rejects, restart }: Options,
  tally: Tally,
): Promise<void> {
  if (rejects !== undefined && files.length > 1)
    throw new PermanentError('rejects', '--rejects is for one file; each has its own otherwise');
  await withBrands(async ({ pool, tenant, brands, signal, now }) => {
    for (const file of files) {
      await importFile({
        file,
        mapping,
        mappingText,
        rejects,
        restart: restart === true,
        pool,
        tenant,
        signal,
        applyEvents: (events) => applyParsed(pool, tenant, brandsOf(brands), events),
        now,
        total: tally,
      });
    }
  });
  await summarise(tally, 'applied');
}

async function readMapping(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = codeOf(error) || String(error);
    throw new PermanentError('mapping', `cannot read the mapping ${file}: ${code}`);
  }
}

function parsed(text: string, file: string): Mapping {
  try {
    return parseMapping(text);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.problems.map(({ path, message }) => `  ${path}: ${message}`);
    throw new PermanentError('mapping', `the mapping ${file} is wrong:\n${problems.join('\n')}`);
  }
}

async function summarise(tally: Tally, applied: string): Promise<void> {
  const { duplicate, ignored, skipped, rejected, reasons } = tally;
  await print(
    [
      `${count(tally.applied, 'event')} ${applied}`,
      ...(duplicate > 0 ? [`${duplicate.toLocaleString('en')} known before`] : []),
      ...(ignored > 0 ? [`${ignored.toLocaleString('en')} of erased members ignored`] : []),
      ...(skipped > 0 ? [`${count(skipped, 'record')} skipped`] : []),
      ...(rejected > 0 ? [`${count(rejected, 'record')} rejected`] : []),
    ].join(', '),
  );
  for (const [reason, times] of Object.entries(reasons).toSorted(([, a], [, b]) => b - a))
    await print(`  ${times.toLocaleString('en')} × ${oneLine(reason)}`);
}
