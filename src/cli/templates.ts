import { userInfo } from 'node:os';

import { type Command, InvalidArgumentError } from 'commander';

import { transaction } from '../postgres/pool.ts';
import { pruneVersions } from '../render/version/prune-versions.ts';
import { listVersions, pointingsOf, versionBefore } from '../render/version/template-versions.ts';
import { withBrands, withDatabase } from './session.ts';
import { showHistory, showOverview, showVersions } from './templates/list.ts';
import { rollBackTemplate, useVersion } from './templates/point.ts';
import type { PublishOptions } from './templates/publish.ts';
import { type ByOptions, nameVersion, requireTemplate } from './templates/words.ts';
import { count, print } from './terminal.ts';

/** Who it was, for the history. */
const who = () => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a user without a name: in a container, say
  }
};

const byOption = ['--by <name>', 'who does it, for the history', who()] as const;

export function addTemplates(program: Command): void {
  const templates = program
    .command('templates')
    .description('versions of templates: publish, list, make live, roll back, compare, prune')
    .addHelpText(
      'after',
      `
A version is the hash of how a template looks and what it says; its code comes with the deployment. While nothing of a template is published, workers use its folder;
from then on they use the version that is live, from the next message on. A hash may be cut to its first digits.

Examples:
  $ laurel templates publish order-confirmation --note "new VAT line"
  $ laurel templates list order-confirmation
  $ laurel templates rollback order-confirmation --why "VAT line wrong for Austria"
  $ laurel templates use order-confirmation 881c07840836`,
    );

  templates
    .command('publish')
    .description('check templates, store them as they are in their folders, and make them live')
    .argument('[template...]', 'which; or --all')
    .option('--all', 'every template')
    .option('--note <text>', 'what is new')
    .option(...byOption)
    .option('--not-live', 'store them only; `laurel templates use` makes them live')
    .option('--force', 'although checks find errors; how many is remembered')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel templates publish order-confirmation shipped --note "new VAT line"
  $ laurel templates publish --all`,
    )
    .action(async (names: readonly string[], options: PublishOptions) => {
      // What only this command needs is loaded only here.
      const { publish } = await import('./templates/publish.ts');
      await withBrands((session) => publish(names, options, session));
    });

  templates
    .command('list')
    .description('what is live of every template; or the versions of one')
    .argument('[template]', 'all when left out')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel templates list order-confirmation')
    .action((name: string | undefined, { json }: { readonly json?: true }) =>
      withDatabase(async (session) => {
        if (name === undefined) return showOverview(session, json === true);
        await showVersions(requireTemplate(session.templates, name), session, json === true);
      }),
    );

  templates
    .command('history')
    .description('what was live from when on, who made it so, and why')
    .argument('<template>')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel templates history order-confirmation')
    .action((name: string, { json }: { readonly json?: true }) =>
      withDatabase((session) =>
        showHistory(requireTemplate(session.templates, name), session, json === true),
      ),
    );

  templates
    .command('use')
    .description('make a published version live, or the templates folder')
    .argument('<template>')
    .argument('<version>', 'its hash, or `folder`')
    .option('--why <text>', 'for the history')
    .option(...byOption)
    .addHelpText(
      'after',
      `
Examples:
  $ laurel templates use order-confirmation 881c07840836
  $ laurel templates use order-confirmation folder`,
    )
    .action((name: string, version: string, options: ByOptions) =>
      withDatabase((session) =>
        useVersion(requireTemplate(session.templates, name), version, options, session),
      ),
    );

  templates
    .command('rollback')
    .description('make live what was live before; once more goes further back')
    .argument('<template>')
    .option('--why <text>', 'for the history')
    .option(...byOption)
    .addHelpText(
      'after',
      '\nExample:\n  $ laurel templates rollback order-confirmation --why "VAT line wrong"',
    )
    .action((name: string, options: ByOptions) =>
      withDatabase((session) =>
        rollBackTemplate(requireTemplate(session.templates, name), options, session),
      ),
    );

  templates
    .command('diff')
    .description('what differs between two versions of a template')
    .argument('<a>', 'a hash')
    .argument('<b>', 'a hash, or `folder`: the templates folder as it is now')
    .option('--json', 'print the patches as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel templates diff 881c07840836 ccda00672a59
  $ laurel templates diff 881c07840836 folder`,
    )
    .action(async (a: string, b: string, { json }: { readonly json?: true }) => {
      const { diffVersions } = await import('./templates/diff.ts');
      await withBrands((session) => diffVersions(a, b, session, json === true));
    });

  templates
    .command('prune')
    .description('remove old versions that are of no use any more')
    .option('--older-than <days>', 'days since they were published', daysOf, 90)
    .option('--dry-run', 'say what would be removed')
    .addHelpText(
      'after',
      `
Kept are versions that are live, that a rollback leads to, or that a message or campaign keeps which isn't over.

Example:
  $ laurel templates prune --older-than 30 --dry-run`,
    )
    .action(({ olderThan: days, dryRun: dry = false }: { olderThan: number; dryRun?: boolean }) =>
      withDatabase(async ({ pool, tenant }) => {
        const pruned = await transaction(pool, async (db) => {
          const names = new Set((await listVersions(db, tenant, null)).map((one) => one.template));
          const keep: string[] = [];
          for (const name of names) {
            const before = versionBefore(await pointingsOf(db, tenant, name));
            if (before) keep.push(before);
          }
          return pruneVersions(db, tenant, { days, keep, dry });
        });
        for (const { template, hash } of pruned.versions)
          await print(`${template}  ${nameVersion(hash)}`);
        const removed = count(pruned.versions.length, 'version');
        await print(
          dry
            ? `${removed} would be removed`
            : `${removed} removed, ${count(pruned.files, 'file')}`,
        );
      }),
    );
}

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days <= 36_500) return days;
  throw new InvalidArgumentError('must be a whole number of days');
}
