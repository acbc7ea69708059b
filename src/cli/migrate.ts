import type { Command } from 'commander';

import { startEmbedded } from '../postgres/embedded.ts';
import { migrate } from '../postgres/migrate.ts';
import { openPool } from '../postgres/pool.ts';
import { readConfig } from './read-config.ts';
import { quietLog } from './session.ts';
import { note, print } from './terminal.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date; every other command does so as well')
    .addHelpText(
      'after',
      `
For deployments where only this step may change tables. Several at once wait for each other.

Example:
  $ laurel migrate`,
    )
    .action(runMigrations);
}

async function runMigrations(): Promise<void> {
  const { databaseUrl, redisUrl, queuePrefix, folder, logLevel } = readConfig();
  const log = quietLog(logLevel);
  const server =
    databaseUrl === undefined
      ? await startEmbedded({ folder, log: (line) => log.info(line) })
      : { url: databaseUrl, close: async () => {} };
  const pool = openPool(server.url, { max: 1 });
  try {
    const applied = await migrate(pool, undefined, note);
    for (const name of applied) await print(`applied ${name}`);
    if (applied.length === 0) await print('the database is up to date');
    if (redisUrl === undefined) {
      // Loaded only here: no other command needs the queue's library.
      const { openQueueBackend } = await import('../../queues/backend.ts');
      const backend = await openQueueBackend({
        databaseUrl: server.url,
        prefix: queuePrefix,
      });
      await backend.close();
      note('The queue’s own tables are up to date as well.');
    }
  } finally {
    await pool.end();
    await server.close();
  }
}
