import { type Command, Option } from 'commander';

import { type After, readAfter } from '../stats/after.ts';
import { statsCsv } from '../stats/csv.ts';
import { figureNames, type Figures } from '../stats/figures.ts';
import { type Grouping, groupings, readStats } from '../stats/read.ts';
import { daysOf, timeOf } from './option-values.ts';
import { withDatabase } from './session.ts';
import { count, oneLine, print } from './terminal.ts';

type Options = {
  readonly by: Grouping;
  readonly since?: Date;
  readonly before?: Date;
  readonly brand?: string;
  readonly name?: string;
  readonly days?: number;
  readonly csv?: boolean;
  readonly json?: boolean;
};

export function addStats(program: Command): void {
  program
    .command('stats')
    .description('what became of messages: by template, trigger or campaign')
    .addOption(
      new Option('--by <what>', 'a line for each of these').choices(groupings).default('template'),
    )
    .option('--since <time>', 'accepted in that hour or later; 30 days ago, when left out', timeOf)
    .option('--before <time>', 'accepted before that hour ended', timeOf)
    .option('--brand <id>', 'of this brand')
    .option('--name <name>', 'one template, trigger or campaign alone')
    .option('--days <days>', 'also what members did within so many days after', daysOf)
    .option('--csv', 'print them as CSV')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel stats
  $ laurel stats --by trigger --brand juniper --days 14
  $ laurel stats --by campaign --since 2026-11-01 --csv`,
    )
    .action((options: Options) =>
      withDatabase(async ({ pool, tenant }) => {
        const { days } = options;
        const stats = await readStats(pool, tenant, options);
        const after =
          days === undefined ? null : await readAfter(pool, tenant, { ...options, ...stats }, days);
        const lines = stats.lines.map((line) => ({
          ...line,
          after: after?.get(`${line.brand}\n${line.name}`) ?? null,
        }));
        if (options.csv) return print(statsCsv(stats, lines).trimEnd());
        if (options.json) return print(JSON.stringify({ ...stats, lines }, null, 2));
        if (lines.length === 0) return print('Nothing was accepted in that time.');
        for (const { brand, name, template, figures, after: what } of lines) {
          const of = template === null || template === name ? '' : ` (${template})`;
          await print(oneLine(`${name}${of} of ${brand}: ${count(figures.accepted, 'message')}`));
          for (const line of [...figureLines(figures), ...afterLines(what)])
            await print(`  ${line}`);
        }
      }),
    );
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** A line for each figure that is not nothing, with what it is a part of; and its reasons. */
export const figureLines = (figures: Figures): string[] =>
  figureNames.flatMap((name) => {
    const { count: n, share, of, base } = figures[name];
    if (n === 0) return [];
    const part = share === null ? '' : `  ${percent(share)} of ${base.toLocaleString('en')} ${of}`;
    return [
      `${name.padEnd(14)} ${n.toLocaleString('en').padStart(9)}${part}`,
      ...Object.entries(figures.reasons[name] ?? {}).map(
        ([reason, those]) => `  ${reason.padEnd(24)} ${those.toLocaleString('en')}`,
      ),
    ];
  });

function afterLines(after: After | null): string[] {
  if (after === null || after.mails === 0) return [];
  const { days, mails, redeemed, bought } = after;
  const part = (n: number) => `${percent(n / mails)} of ${count(mails, 'mail')} to members`;
  return [
    `${'redeemed'.padEnd(14)} ${redeemed.toLocaleString('en').padStart(9)}  ${part(redeemed)}, within ${count(days, 'day')}`,
    `${'bought'.padEnd(14)} ${bought.toLocaleString('en').padStart(9)}  ${part(bought)}, within ${count(days, 'day')}`,
  ];
}
