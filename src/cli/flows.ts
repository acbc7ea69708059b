import type { Command } from 'commander';

import { kindOf, parseFlow } from '../contract/flow.ts';
import { PermanentError } from '../core/errors.ts';
import { everybody, listPausedFlows, pauseFlow, resumeFlow } from '../delivery/pauses.ts';
import { type Session, withDatabase } from './session.ts';
import { count, print } from './terminal.ts';

/** Whose flow it is: the transport is everybody's. */
const keyOf = (name: string, { tenant, templates }: Session) => {
  const flow = parseFlow(
    name,
    templates.map((template) => template.name),
  );
  return { flow, tenant: kindOf(flow) === 'transport' ? everybody : tenant };
};

export function addFlows(program: Command): void {
  program
    .command('flows')
    .description('show what is paused, by itself or by hand')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel flows')
    .action(({ json }: { json?: true }) =>
      withDatabase(async ({ pool, tenant }) => {
        const paused = await listPausedFlows(pool, tenant);
        if (json) return print(JSON.stringify(paused, null, 2));
        if (paused.length === 0) return print('nothing is paused');
        for (const one of paused) {
          const { flow, by, why, since, probeAt, held } = one;
          const next = probeAt
            ? `one message is let through at ${probeAt.toISOString()}`
            : `until \`laurel resume ${flow}\``;
          await print(`${flow}  paused ${since.toISOString()}, ${by === 'hand' ? 'by hand' : why}`);
          await print(`  ${count(held, 'message')} held, ${next}`);
          const { messagesTakenBack: back, suppressionsUndone: undone } = one;
          if (back > 0)
            await print(
              `  ${count(back, 'refusal')} taken back, ${count(undone, 'address', 'addresses')} off the suppression list again`,
            );
        }
      }),
    );
}

export function addPause(program: Command): void {
  program
    .command('pause')
    .description('hold every message of a template, or all mail, until it is resumed')
    .argument('<flow>', 'template:<name>, or transport:mail for all mail')
    .option('--why <text>', 'for those who look at it; nothing about a person', 'paused by hand')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel pause template:order-confirmation --why "wrong VAT line"
  $ laurel resume template:order-confirmation`,
    )
    .action((name: string, { why }: { why: string }) =>
      withDatabase(async (session) => {
        const { pool } = session;
        const key = keyOf(name, session);
        const paused = await pauseFlow(pool, key, { by: 'hand', why, probeSeconds: null });
        await print(`${key.flow} ${paused ? 'is paused' : 'was paused by hand already'}`);
      }),
    );
}

export function addResume(program: Command): void {
  program
    .command('resume')
    .description('let a paused flow go again; its messages leave at once')
    .argument('<flow>', 'template:<name> or transport:mail')
    .addHelpText('after', '\nExample:\n  $ laurel resume template:order-confirmation')
    .action((name: string) =>
      withDatabase(async (session) => {
        const { pool } = session;
        const key = keyOf(name, session);
        if (!(await resumeFlow(pool, key)))
          throw new PermanentError('not-paused', `${key.flow} is not paused`);
        await print(`${key.flow} goes again`);
      }),
    );
}
