import { type Command, Option } from 'commander';

import type { Suppression } from '../contract/facts.ts';
import { parseAddress } from '../core/address.ts';
import { PermanentError } from '../core/errors.ts';
import { maskAddress } from '../members/mask.ts';
import { suppressAddress, unsuppressAddress } from '../message/rows/guards.ts';
import { UsageError } from './failure.ts';
import { withDatabase } from './session.ts';
import { print } from './terminal.ts';

const reasons: readonly Suppression['reason'][] = [
  'manual',
  'hard-bounce',
  'complaint',
  'unsubscribe',
  'erased',
];
const scopes: readonly Suppression['scope'][] = ['all', 'commercial'];

export function addSuppress(program: Command): void {
  program
    .command('suppress')
    .description('never mail an address again, at once, in every spelling of it')
    .argument('<address>')
    .addOption(new Option('--reason <reason>', 'why').choices(reasons).default('manual'))
    .addOption(
      new Option('--scope <scope>', 'every mail, or what needs consent')
        .choices(scopes)
        .default('all'),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ laurel suppress ana@example.com
  $ laurel suppress ana@example.com --reason unsubscribe --scope commercial`,
    )
    .action(
      (
        address: string,
        { reason, scope }: { reason: Suppression['reason']; scope: Suppression['scope'] },
      ) => {
        const checked = addressOf(address);
        return withDatabase(async ({ pool, tenant }) => {
          await suppressAddress(pool, tenant, { address: checked, reason, scope, source: 'cli' });
          await print(
            `${maskAddress(checked)} gets ${scope === 'all' ? 'no mail' : 'nothing promotional'} any more (${reason})`,
          );
        });
      },
    );
}

export function addUnsuppress(program: Command): void {
  program
    .command('unsuppress')
    .description('take an address off the suppression list')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  $ laurel unsuppress ana@example.com')
    .action((address: string) => {
      const checked = addressOf(address);
      return withDatabase(async ({ pool, tenant }) => {
        if (await unsuppressAddress(pool, tenant, checked))
          return print(`${maskAddress(checked)} may be mailed again`);
        throw new PermanentError('not-suppressed', 'the address is not on the suppression list');
      });
    });
}

function addressOf(text: string): string {
  const parsed = parseAddress(text.trim());
  // One that needs SMTPUTF8 is an address all the same.
  if (parsed.kind === 'invalid') throw new UsageError(`the address ${parsed.message}`);
  return text.trim();
}
