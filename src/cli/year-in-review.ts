import { type Command, InvalidArgumentError } from 'commander';

import { InvalidInput } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import { moneyText } from '../core/money.ts';
import { type ExplainedYear, explainYear } from '../ledger/figures/explain-year.ts';
import { type BrandsSession, withBrands } from './session.ts';
import { count, oneLine, print } from './terminal.ts';

type Options = {
  readonly year: number;
  readonly brand?: string;
  readonly explain?: true;
  readonly json?: true;
};

export function addYearInReview(program: Command): void {
  program
    .command('year-in-review')
    .description('the figures of a member’s year, and what each is made of')
    .argument('<memberId>')
    .requiredOption('--year <year>', 'such as 2025', yearOf)
    .option('--brand <id>', 'the brand; the only one, or the default, when left out')
    .option('--explain', 'with each query and its rows, so that anyone can run it again')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel year-in-review june-abbott --year 2025
  $ laurel year-in-review june-abbott --year 2025 --explain`,
    )
    .action((memberId: string, options: Options) =>
      withBrands(async (session) => {
        const { pool, tenant } = session;
        const brand = brandOf(session, options.brand);
        const { id, timeZone, programme, defaultLocale } = brand;
        const { currency } = programme;
        const of = {
          tenant,
          brand: id,
          year: options.year,
          timeZone,
          currency,
          locale: defaultLocale,
        };
        const explained = await explainYear(pool, of, memberId);
        if (!explained)
          throw new InvalidInput([
            { path: 'memberId', message: `${id} has no member "${memberId}"` },
          ]);
        if (options.json) return print(JSON.stringify(explained, null, 2));
        for (const line of figureLines(explained)) await print(line);
        if (options.explain) for (const line of explainLines(explained)) await print(line);
      }),
    );
}

function yearOf(text: string): number {
  if (/^20\d\d$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a year from 2000 on.');
}

function brandOf({ brands, config }: BrandsSession, wanted: string | undefined) {
  const known = [...brands.keys()];
  const id = wanted ?? config.defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  const found = id === undefined ? undefined : brands.get(id)?.brand;
  if (found) return found;
  throw new InvalidInput([{ path: '--brand', message: `must be one of ${known.join(', ')}` }]);
}

function figureLines({ figures, leftOut }: ExplainedYear): string[] {
  const lines = Object.entries(figures).map(
    ([name, value]) => `${name.padEnd(16)} ${valueText(value)}`,
  );
  return leftOut.length === 0
    ? lines
    : [
        ...lines,
        `${count(leftOut.length, 'order')} of the year left out: cancelled, or refunded whole`,
      ];
}

function valueText(value: unknown): string {
  if (value === null) return '–';
  if (Array.isArray(value)) return value.map(String).join(' ');
  if (!isRecord(value)) return cellOf(value);
  const { amount, currency, name, count: times } = value;
  return typeof amount === 'number' && typeof currency === 'string'
    ? moneyText({ amount, currency })
    : `${String(name)} (${String(times)} ×)`;
}

function explainLines({ made, leftOut }: ExplainedYear): string[] {
  return [
    ...made.flatMap(({ figures, how, sql, rows }) => [
      '',
      `${figures.join(', ')}: ${how}`,
      ...tableOf(rows),
      '',
      sql,
    ]),
    ...(leftOut.length === 0 ? [] : ['', 'left out', ...tableOf(leftOut)]),
  ];
}

function tableOf(rows: ExplainedYear['leftOut']): string[] {
  const [first] = rows;
  if (!first) return ['  (no rows)'];
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  const widths = names.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? '').length)));
  return cells.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const cellOf = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : value === null || value === undefined
      ? '–'
      : oneLine(typeof value === 'string' ? value : JSON.stringify(value));
