import type { Command } from 'commander';

import { retain } from '../app/retention.ts';
import { brandsOf } from '../ledger/batch.ts';
import { withBrands } from './session.ts';
import { count, print } from './terminal.ts';

export function addRetention(program: Command): void {
  const retention = program
    .command('retention')
    .description('remove what is too old to keep')
    .addHelpText('after', '\nExample:\n  $ laurel retention run');

  retention
    .command('run')
    .description('now, rather than within ten minutes by a running worker')
    .addHelpText(
      'after',
      `
How long what is kept: RETAIN_BODIES_DAYS, RETAIN_DATA_DAYS, RETAIN_DECISIONS_DAYS, RETAIN_MESSAGES_DAYS,
RETAIN_AUDIENCES_DAYS, RETAIN_SIGNALS_DAYS and RETAIN_AUDIT_DAYS; 0 is for ever.

Example:
  $ laurel retention run`,
    )
    .action(() =>
      withBrands(async ({ pool, config, brands, signal }) => {
        const brandOf = brandsOf(brands);
        const removed = await retain({ pool, config, brandOf }, new Date(), signal);
        for (const [name, rows] of removed)
          await print(`${name.padEnd(24)} ${count(rows, 'removed', 'removed')}`);
      }),
    );
}
