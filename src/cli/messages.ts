import { type Command, InvalidArgumentError, Option } from 'commander';

import { type MessageState, messageStates } from '../contract/message.ts';
import { maskAddress } from '../members/mask.ts';
import { listMessages } from '../message/messages.ts';
import { timeOf } from './option-values.ts';
import { withDatabase } from './session.ts';
import { clock, oneLine, print } from './terminal.ts';

type Options = {
  readonly member?: string;
  readonly state?: MessageState;
  readonly template?: string;
  readonly brand?: string;
  readonly reason?: string;
  readonly campaign?: string;
  readonly since?: Date;
  readonly before?: Date;
  readonly after?: string;
  readonly limit: number;
  readonly json?: boolean;
};

export function addMessages(program: Command): void {
  program
    .command('messages')
    .description('the newest messages, of one member or in one state')
    .option('--member <id>', 'of this member')
    .addOption(new Option('--state <state>', 'in this state').choices(messageStates))
    .option('--template <name>', 'of this template')
    .option('--brand <id>', 'of this brand')
    .option('--reason <code>', 'for this reason')
    .option('--campaign <id>', 'of this campaign', idOf)
    .option('--since <time>', 'accepted then or later: 2026-11-20, 2026-11-20T18:00Z', timeOf)
    .option('--before <time>', 'accepted before then', timeOf)
    .option('--after <messageId>', 'older than this one: the last of the page before', idOf)
    .option('--limit <n>', 'how many at most', limitOf, 20)
    .option('--json', 'print them as JSON, with addresses')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel messages --member ana
  $ laurel messages --state failed --limit 100
  $ laurel messages --template order-confirmation --reason address-suppressed --since 2026-11-20
  $ laurel messages --state quarantined --json | jq -r '.[].id'`,
    )
    .action((options: Options) =>
      withDatabase(async ({ pool, tenant }) => {
        const { member, campaign: campaignId, json, ...filter } = options;
        const found = await listMessages(pool, tenant, {
          ...filter,
          memberId: member,
          campaignId,
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

function idOf(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be an id.');
}

function limitOf(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 10_000) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 10,000.');
}
