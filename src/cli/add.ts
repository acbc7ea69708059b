import type { Command } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { loadProject, type Project } from '../project/load-project.ts';
import { packageFolder } from '../project/project-folder.ts';
import { UsageError } from './failure.ts';
import { note, print } from './terminal.ts';
import { packageVersion } from './version.ts';

export function addAdd(program: Command): void {
  program
    .command('add')
    .argument('<kind>', 'template')
    .argument('<name>', 'as `laurel add template --help` lists them')
    .description('copy a template of the package into the project, to be changed there')
    .addHelpText(
      'after',
      `
A look alone is overridden by a file of the same name: templates/partials/footer.mjml, templates/blocks/status.mjml.

Examples:
  $ laurel add template delivered
  $ laurel outdated                      what a newer package changed in what was copied`,
    )
    .action(add);
}

async function add(kind: string, name: string): Promise<void> {
  if (kind !== 'template') throw new UsageError(`${kind} is not copied; only a template is`);
  const project = await ownProject();
  const [{ openLibrary }, { copyTemplate }, { inConfig }] = await Promise.all([
    import('../project/library.ts'),
    import('./make/copy-template.ts'),
    import('./make/in-config.ts'),
  ]);
  const library = await openLibrary();
  if (!library.names.includes(name))
    throw new UsageError(`the package has no template ${name}; it has ${library.names.join(', ')}`);
  const { ownTemplates: templates } = project;
  for (const file of await copyTemplate(library, name, { templates, version: packageVersion() }))
    await print(`templates/${file}`);
  note(await inConfig(project, { list: 'templates', name, file: `templates/${name}/template.ts` }));
}

/** @throws PermanentError where there is no project but the package's own */
export async function ownProject(): Promise<Project> {
  const project = await loadProject();
  if (project.folder !== packageFolder || import.meta.filename.endsWith('.ts')) return project;
  throw new PermanentError(
    'no-project',
    'there is no laurel.config.ts here; `laurel init` makes a project',
  );
}
