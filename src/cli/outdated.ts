import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import { ownProject } from './add.ts';
import { count, print } from './terminal.ts';

export function addOutdated(program: Command): void {
  program
    .command('outdated')
    .description('tell what a newer package changed in looks that the project has taken from it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel outdated')
    .action(outdated);
}

async function outdated({ json }: { readonly json?: true }): Promise<void> {
  const { ownTemplates } = await ownProject();
  const [{ openLibrary }, { hashOf, readTaken }] = await Promise.all([
    import('../project/library.ts'),
    import('./make/copy-template.ts'),
  ]);
  const library = await openLibrary();
  const taken = await readTaken(ownTemplates);
  const rows = [];
  for (const [file, { version, hash }] of Object.entries(taken)) {
    if (!existsSync(join(ownTemplates, file))) continue;
    const [folder = ''] = file.split('/');
    const now = (await library.filesOf(folder)).get(file);
    if (now === undefined) rows.push({ file, takenFrom: version, now: 'gone' as const });
    else if (hashOf(now) !== hash) rows.push({ file, takenFrom: version, now: 'changed' as const });
  }
  if (json) return print(JSON.stringify(rows, null, 2));
  if (rows.length === 0)
    return print(
      `${count(Object.keys(taken).length, 'file')} taken from the package, and none of them has changed there since`,
    );
  for (const { file, takenFrom, now } of rows)
    await print(`templates/${file}  ${now} in the package since ${takenFrom}`);
}
