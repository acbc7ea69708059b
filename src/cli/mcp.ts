import type { Command } from 'commander';

import { ifInstalled } from '../core/optional-package.ts';
import { UsageError } from './failure.ts';
import { withBrands } from './session.ts';

export function addMcp(program: Command): void {
  program
    .command('mcp')
    .description(
      'tools for an agent, over stdin and stdout: explain, messages, member, check, preview',
    )
    .option('--write', 'let it hand messages in and cancel them, too')
    .addHelpText(
      'after',
      `
Speaks the Model Context Protocol. Mail addresses and identities are masked; nothing is changed unless --write is given.

Example:
  $ laurel mcp

In the settings of what runs the agent: { "command": "npx", "args": ["laurel", "mcp"] }`,
    )
    .action(async ({ write = false }: { readonly write?: boolean }) => {
      // What only this command needs is loaded only here.
      const server = await ifInstalled(() => import('./mcp/server.ts'));
      if (!server)
        throw new UsageError(
          'mcp needs a package of its own: npm install --save-dev @modelcontextprotocol/sdk@1.32.2',
        );
      await withBrands((session) => server.serveTools(session, { write }));
    });
}
