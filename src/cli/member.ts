import { writeFile } from 'node:fs/promises';

import { type Command, InvalidArgumentError, Option } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { listErasureRequests } from '../members/erasure-requests.ts';
import { findMember, type MemberKey, memberKeys } from '../members/find.ts';
import {
  affectedOf,
  entriesOf,
  eraseMember,
  exportOf,
  type Inquiry,
  viewMember,
} from '../members/members.ts';
import { UsageError } from './failure.ts';
import { affectedText, entriesText, erasuresText, memberText } from './member-text.ts';
import { type BrandsSession, type Session, withBrands } from './session.ts';
import { note, paintFor, print } from './terminal.ts';

type By = { readonly by: MemberKey['by'] };

export function addMember(program: Command): void {
  const member = program
    .command('member')
    .description('one member: who it is, what was sent, the data and its end')
    .addHelpText(
      'after',
      `
A member is named by her id, address, phone, card, customer or membership number; --by says which where it isn't clear.

Examples:
  $ laurel member ana
  $ laurel member ana@example.com
  $ laurel member 400-118-204 --by membershipNumber --json
  $ laurel member affected ana
  $ laurel member export ana --output ana.json
  $ laurel member erasures
  $ laurel member erase ana --yes`,
    );

  named(member, 'show', 'what support needs to know of the member')
    .option('--full', 'show identities and addresses unmasked')
    .option('--json', 'print it as JSON')
    .action((who: string, options: By & { readonly full?: boolean; readonly json?: boolean }) =>
      withMember(who, options, async (context, inquiry) => {
        const full = options.full === true;
        const view = await viewMember(context, inquiry, { full });
        await print(
          options.json ? JSON.stringify(view, null, 2) : memberText(view, paintFor(process.stdout)),
        );
      }),
    );

  named(member, 'entries', 'the movements of the member’s points, the latest first')
    .option('--limit <n>', 'how many at most', limitOf, 50)
    .option('--json', 'print them as JSON')
    .action((who: string, options: By & { readonly limit: number; readonly json?: boolean }) =>
      withMember(who, options, async (context, inquiry) => {
        const entries = await entriesOf(context, inquiry, options);
        await print(options.json ? JSON.stringify(entries, null, 2) : entriesText(entries));
      }),
    );

  named(
    member,
    'affected',
    'mails made from a profile that was not one person’s, and what they said',
  )
    .option('--limit <n>', 'how many at most', limitOf, 100)
    .option('--json', 'print them as JSON')
    .action((who: string, options: By & { readonly limit: number; readonly json?: boolean }) =>
      withMember(who, options, async (context, inquiry) => {
        const mails = await affectedOf(context, inquiry, options);
        await print(options.json ? JSON.stringify(mails, null, 2) : affectedText(mails));
      }),
    );

  named(member, 'export', 'everything that is known of the member, as one JSON document')
    .option(
      '--output <file>',
      'write it to this file, readable by you alone, instead of printing it',
    )
    .option('--json', 'as JSON, which it always is')
    .action((who: string, options: By & { readonly output?: string }) =>
      withMember(who, options, async (context, inquiry) => {
        const document = JSON.stringify(await exportOf(context, inquiry), null, 2);
        if (options.output === undefined) return print(document);
        await writeFile(options.output, `${document}\n`, { mode: 0o600 });
        note(`written to ${options.output}`);
      }),
    );

  member
    .command('erasures')
    .description('members who asked to be erased, and wait for it')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel member erasures')
    .action((options: { readonly json?: boolean }) =>
      withBrands(async ({ pool, tenant }) => {
        const requests = await listErasureRequests(pool, tenant);
        await print(options.json ? JSON.stringify(requests, null, 2) : erasuresText(requests));
      }),
    );

  named(member, 'erase', 'forget the member, for good')
    .option('--yes', 'really')
    .action((who: string, options: By & { readonly yes?: boolean }) =>
      withMember(who, options, async (context, inquiry) => {
        if (options.yes !== true)
          throw new UsageError(
            `this can't be undone; add --yes to erase ${inquiry.member.memberId}`,
          );
        await eraseMember(context, inquiry);
        await print(`${inquiry.member.memberId} is erased`);
      }),
    );
}

/** A subcommand about one member; `show` is what `laurel member <who>` means. */
function named(parent: Command, name: string, description: string): Command {
  return parent
    .command(name, { isDefault: name === 'show' })
    .description(description)
    .argument('<who>', 'a member’s id, address or number')
    .addOption(new Option('--by <what>', 'what it is').choices(memberKeys).default('any'))
    .addHelpText('after', `\nExample:\n  $ laurel member ${name} ana@example.com`);
}

async function withMember(
  who: string,
  { by }: By,
  work: (context: BrandsSession, inquiry: Inquiry) => Promise<void>,
): Promise<void> {
  await withBrands(async (context) => {
    const member = await requireMember(context, { by, value: who });
    await work(context, { tenant: context.tenant, member, actor: 'cli' });
  });
}

/** @throws PermanentError where nobody is known by it, or nothing of them any more */
export async function requireMember(
  { pool, tenant }: Pick<Session, 'pool' | 'tenant'>,
  key: MemberKey,
): Promise<Inquiry['member']> {
  const member = await findMember(pool, tenant, key);
  if (!member)
    throw new PermanentError(
      'no-member',
      `nobody is known by “${key.value}”${key.by === 'any' ? ', or several are: say what it is with --by' : ` as ${key.by}`}`,
    );
  if (member.status === 'erased')
    throw new PermanentError('erased', `${member.memberId} was erased; nothing is known of them`);
  if (member.status === 'unregistered')
    throw new PermanentError('unregistered', 'nobody has registered this card or number yet');
  return member;
}

function limitOf(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 500) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 500.');
}
