import type { Command } from 'commander';

import { feedbackLines, timelineOf } from '../feedback/timeline.ts';
import { explainText } from './explain-text.ts';
import { checkId, messageIdOf, requireMessage } from './message-id.ts';
import { withDatabase } from './session.ts';
import { paintFor, print } from './terminal.ts';

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('what became of a message, and why it looks as it does')
    .argument('<messageId>', 'as `laurel send` and the API gave it, or last: the newest one')
    .option('--json', 'print the stored record, with the address, as JSON')
    .addHelpText(
      'after',
      `
Shows every rule that was asked, every block and offer shown or hidden, the facts used, and what would have turned it.

Examples:
  $ laurel explain last
  $ laurel explain 0196a000-3c5e-7000-8000-1f2e3d4c5b6a
  $ laurel explain 0196a000-3c5e-7000-8000-1f2e3d4c5b6a --json | jq .decision.blocks`,
    )
    .action(async (messageId: string, options: { readonly json?: boolean }) => {
      const id = checkId(messageId, 'message');
      await withDatabase(async (session) => {
        const record = await requireMessage(session, await messageIdOf(session, id));
        const timeline = await timelineOf(session.pool, session.tenant, record);
        await print(
          options.json
            ? JSON.stringify({ ...record, timeline }, null, 2)
            : explainText(record, paintFor(process.stdout), feedbackLines(timeline)),
        );
      });
    });
}
