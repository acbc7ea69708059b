import { type Command, InvalidArgumentError } from 'commander';

import { refreshPercentiles } from '../ledger/figures/percentiles.ts';
import { ledgerEntries } from '../ledger/points/entries.ts';
import { withBrands, withDatabase } from './session.ts';
import { count, print } from './terminal.ts';

/** What there is to see of points: a member's movements, and where members stand by what they spend. */
export function addPoints(ledger: Command): void {
  ledger
    .command('entries')
    .description('every movement of a member’s points, with the balances after it')
    .argument('<memberId>')
    .option('--until <time>', 'up to this time, such as 2026-05-04T18:30:00Z', time)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Lines without an event are what time alone did: points that became active or expired by their dates.

Example:
  $ laurel ledger entries june-abbott --until 2026-01-01T00:00:00Z`,
    )
    .action((memberId: string, options: { until?: Date; json?: boolean }) =>
      withDatabase(async ({ pool, tenant }) => {
        const entries = await ledgerEntries(pool, tenant, memberId, options.until ?? new Date());
        for (const entry of entries)
          await print(options.json ? JSON.stringify(entry) : lineOf(entry));
        if (entries.length === 0 && !options.json)
          await print(
            `No movements of points for the member id “${memberId}”; laurel member ${memberId} says who that is.`,
          );
      }),
    );

  ledger
    .command('percentiles')
    .description('count anew how spending is distributed; the service does so once a day')
    .addHelpText('after', '\nExample:\n  $ laurel ledger percentiles')
    .action(() =>
      withBrands(async ({ pool, brands }) => {
        const all = [...brands.values()].map(({ brand }) => brand);
        const counted = await refreshPercentiles(pool, all, new Date(), 0);
        await print(`${count(counted, 'distribution')} counted`);
      }),
    );
}

type Line = Awaited<ReturnType<typeof ledgerEntries>>[number];

function lineOf({ at, kind, points, balances, event, reason, ref }: Line): string {
  const { active, pending, locked } = balances;
  const what = [
    at.toISOString().replace('.000Z', 'Z'),
    kind.padEnd(8),
    String(points).padStart(7),
    `active ${active}`.padEnd(14),
    `pending ${pending}`.padEnd(15),
    `locked ${locked}`.padEnd(13),
    event ? `${event.source}/${event.id}` : 'by date',
    ref === null ? '' : ref,
    reason === null ? '' : `(${reason})`,
  ];
  return what.filter((part) => part !== '').join('  ');
}

function time(value: string): Date {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('not a time.');
  return at;
}
