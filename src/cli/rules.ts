import type { Command } from 'commander';

import { builtIn } from '../decision/policy.ts';
import { loadProject } from '../project/load-project.ts';
import { print } from './terminal.ts';

export function addRules(program: Command): void {
  program
    .command('rules')
    .description('list what decides, in its order: the first objection is the reason that is shown')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel rules')
    .action(rules);
}

const mark = (own: boolean) => (own ? '  of this project' : '');

async function rules({ json }: { readonly json?: true }): Promise<void> {
  const { policy } = await loadProject();
  const lists = [
    ['message', policy.messageRules, builtIn.messageRules],
    ['block', policy.blockRules, builtIn.blockRules],
    ['offer', policy.offerRules, builtIn.offerRules],
  ] as const;
  const rows = lists.flatMap(([about, all, ours]) =>
    all.map(({ name, version }) => ({
      about,
      name,
      version,
      own: !ours.some((one) => one.name === name),
    })),
  );
  const blocks = [...policy.blocks.values()].map(({ name, version, content }) => ({
    name,
    version,
    content,
    own: !builtIn.blocks.has(name),
  }));
  if (json) return print(JSON.stringify({ rules: rows, blocks }, null, 2));
  for (const [about] of lists) {
    await print(`Rules about ${about}s`);
    for (const row of rows.filter((one) => one.about === about))
      await print(`  ${row.name.padEnd(28)} version ${row.version}${mark(row.own)}`);
  }
  await print('Blocks');
  for (const { name, version, content, own } of blocks)
    await print(`  ${name.padEnd(28)} version ${version}  ${content}${mark(own)}`);
}
