import { type Command, InvalidArgumentError, Option } from 'commander';

import { type MessageState, messageStates } from '../contract/message.ts';
import { listMessages } from '../message/messages.ts';
import { withDatabase } from './session.ts';
import { clock, maskAddress, oneLine, print } from './terminal.ts';

type Options = {
  readonly member?: string;
  readonly state?: MessageState;
  readonly limit: number;
  readonly json?: boolean;
};

export function addMessages(program: Command): void {
  program
    .command('messages')
    .description('the newest messages, of one member or in one state')
    .option('--member <id>', 'of this member')
    .addOption(new Option('--state <state>', 'in this state').choices(messageStates))
    .option('--limit <n>', 'how many at most', limitOf, 20)
    .option('--json', 'print them as JSON, with addresses')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel messages --member ana
  $ laurel messages --state failed --limit 100
  $ laurel messages --state quarantined --json | jq -r '.[].id'`,
    )
    .action((options: Options) =>
      withDatabase(async ({ pool, tenant }) => {
        const { member, state, limit, json } = options;
        const found = await listMessages(pool, tenant, {
          limit,
          ...(member !== undefined && { memberId: member }),
          ...(state !== undefined && { state }),
        });
        if (json) return print(JSON.stringify(found, null, 2));
        if (found.length === 0) return print('There is no such message.');
        for (const { id, acceptedAt, template, memberId, sentTo, email, ...one } of found) {
          const address = sentTo ?? email;
          const to = memberId ?? (address === null ? '' : maskAddress(address));
          const reason = one.reason === null ? '' : `  ${one.reason}`;
          await print(
            oneLine(
              `${id}  ${clock(acceptedAt)}  ${one.state.padEnd(11)}  ${template.padEnd(20)}  ${to}${reason}`,
            ),
          );
        }
      }),
    );
}

function limitOf(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 10_000) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 10,000.');
}
