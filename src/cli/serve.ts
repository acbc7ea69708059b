import type { Command } from 'commander';

import { readConfig } from './read-config.ts';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service: the API, the worker, or both, as ROLES says')
    .addHelpText(
      'after',
      `
Stops on Ctrl-C or SIGTERM, after finishing what it has in hand.

Examples:
  $ laurel serve
  $ ROLES=worker laurel serve
  $ PORT=8080 SMTP_URL=smtp://user:password@mail.example:587 laurel serve`,
    )
    .action(async () => {
      const config = readConfig();
      // Loaded only here: the other commands need neither renderer nor queue.
      const { serve } = await import('../app/serve.ts');
      await serve(config);
    });
}
