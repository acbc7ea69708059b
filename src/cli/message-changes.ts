import type { Command } from 'commander';

import { SubjectRef } from '../contract/message.ts';
import { PermanentError } from '../core/errors.ts';
import { cancelMessage, requeueMessage } from '../message/messages.ts';
import { cancelSubjects } from '../message/rows/guards.ts';
import { UsageError } from './failure.ts';
import { checkId, messageIdOf, requireMessage } from './message-id.ts';
import { withDatabase } from './session.ts';
import { count, print } from './terminal.ts';

const exampleId = '0196a000-3c5e-7000-8000-1f2e3d4c5b6a';

export function addRequeue(program: Command): void {
  program
    .command('requeue')
    .description('put a failed or quarantined message back in line')
    .argument('<messageId>', 'or last: the newest one')
    .addHelpText(
      'after',
      `
A message quarantined because its outcome is unknown may arrive twice; both copies have the same Message-ID.

Example:
  $ laurel requeue ${exampleId}`,
    )
    .action((messageId: string) => {
      const given = checkId(messageId, 'message');
      return withDatabase(async (session) => {
        const id = await messageIdOf(session, given);
        if (await requeueMessage(session.pool, session.tenant, id))
          return print(`${id} is back in line`);
        const { state } = await requireMessage(session, id);
        throw new PermanentError(
          'not-requeued',
          `the message is ${state}; only failed and quarantined ones are put back in line`,
        );
      });
    });
}

export function addCancel(program: Command): void {
  program
    .command('cancel')
    .description('take back a message that has not begun to be sent')
    .argument('<messageId>', 'or last: the newest one')
    .addHelpText('after', `\nExample:\n  $ laurel cancel ${exampleId}`)
    .action((messageId: string) => {
      const given = checkId(messageId, 'message');
      return withDatabase(async (session) => {
        const id = await messageIdOf(session, given);
        if (await cancelMessage(session.pool, session.tenant, id))
          return print(`${id} is cancelled`);
        const { state } = await requireMessage(session, id);
        if (state === 'cancelled') return print(`${id} was cancelled already`);
        throw new PermanentError('not-cancelled', `the message is ${state}: it is too late`);
      });
    });
}

export function addCancelSubject(program: Command): void {
  program
    .command('cancel-subject')
    .description('stop every message about something, waiting or still to come')
    .argument('<subject...>', 'a kind and an id such as order:1001')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel cancel-subject order:1001
  $ laurel cancel-subject trip:K7PQ2M booking:88120`,
    )
    .action((subjects: string[]) => {
      for (const subject of subjects) {
        const parsed = SubjectRef.safeParse(subject);
        if (!parsed.success)
          throw new UsageError(`"${subject}" is not a subject: ${parsed.error.issues[0]?.message}`);
      }
      return withDatabase(async ({ pool, tenant }) => {
        await cancelSubjects(pool, tenant, subjects);
        await print(
          `${count(subjects.length, 'subject')} cancelled: nothing about them is sent any more`,
        );
      });
    });
}
