import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import type { Command } from 'commander';
import { z } from 'zod';

import { PermanentError } from '../core/errors.ts';
import { Persona } from '../personas/persona.ts';
import type { Project } from '../project/load-project.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { ownProject } from './add.ts';
import { UsageError } from './failure.ts';
import type { Given } from './init/answers.ts';
import { note, print } from './terminal.ts';

type Options = Given & { readonly for?: string };

export function addNew(program: Command): void {
  program
    .command('new')
    .argument('<kind>', 'template, block, rule, brand or persona')
    .argument('<name>', 'such as order-refunded; of a brand, as it is written')
    .description('make something of the project’s own that works at once, to be changed')
    .option('--for <brand>', 'of a persona: whose it is; the first brand when left out')
    .option('--trade <kind>', 'of a brand: coffee, fashion, cinema or travel')
    .option('--languages <list>', 'of a brand: en, de, fr, ar with commas between')
    .option('--accent <colour>', 'of a brand: its main colour')
    .option('--programme <name>', 'of a brand: how its loyalty programme is called')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel new template order-refunded
  $ laurel new rule no-offers-at-first
  $ laurel new brand "Green Door" --trade fashion --languages en,de`,
    )
    .action(make);
}

async function make(kind: string, name: string, options: Options): Promise<void> {
  const project = await ownProject();
  if (kind === 'brand') return makeBrand(project, name, options);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new UsageError(`a name is written like order-refunded, not ${name}`);
  switch (kind) {
    case 'template':
      return makeTemplate(project, name);
    case 'block':
    case 'rule':
      return makePart(project, kind, name);
    case 'persona':
      return makePersona(project, name, options.for);
    default:
      throw new UsageError(
        `${kind} can’t be made; there are template, block, rule, brand and persona`,
      );
  }
}

async function makeTemplate(project: Project, name: string): Promise<void> {
  const { templateFiles, sampleOf } = await import('./make/new-files.ts');
  const brands = [...(await loadBrands(project.root)).values()].map(({ brand }) => brand);
  const languages = [...new Set(brands.flatMap(({ locales }) => locales))];
  if (project.templates.some((one) => one.name === name))
    throw new PermanentError('exists', `there is a template ${name} already`);
  for (const [path, text] of templateFiles(name, languages))
    await write(project, join(project.ownTemplates, path), text);
  for (const { id } of brands)
    await write(project, join(project.fixtures, id, 'samples', `${name}.json`), sampleOf(name));
  const file = relative(project.folder, join(project.ownTemplates, name, 'template.ts'));
  await tellConfig(project, 'templates', name, file);
}

async function makePart(project: Project, kind: 'block' | 'rule', name: string): Promise<void> {
  const { blockFiles, ruleFiles } = await import('./make/new-files.ts');
  for (const [path, text] of kind === 'block' ? blockFiles(name) : ruleFiles(name)) {
    const place = path.startsWith('templates/')
      ? join(project.ownTemplates, path.slice('templates/'.length))
      : join(project.folder, path);
    await write(project, place, text);
  }
  await tellConfig(project, `${kind}s`, name, `${kind}s/${name}.ts`);
}

async function makeBrand(project: Project, name: string, given: Options): Promise<void> {
  const [{ answersOf }, { brandFiles }, { openLibrary }] = await Promise.all([
    import('./init/answers.ts'),
    import('./init/project-files.ts'),
    import('../project/library.ts'),
  ]);
  const { for: _of, ...flags } = given;
  const answers = await answersOf({ ...flags, brand: name }, false);
  for (const [path, text] of await brandFiles(await openLibrary(), answers)) {
    const [area, ...rest] = path.split('/');
    await write(
      project,
      join(area === 'brands' ? project.brands : project.fixtures, ...rest),
      text,
    );
  }
}

async function makePersona(project: Project, name: string, wanted?: string): Promise<void> {
  const { personaOf } = await import('./make/new-files.ts');
  const brands = await loadBrands(project.root);
  const id = wanted ?? [...brands.keys()][0] ?? '';
  const brand = brands.get(id)?.brand;
  if (!brand)
    throw new UsageError(`there is no brand ${id}; there are ${[...brands.keys()].join(', ')}`);
  const folder = join(project.fixtures, id);
  const file = join(folder, 'personas.json');
  const known = existsSync(file)
    ? z.array(Persona).parse(JSON.parse(await readFile(file, 'utf8')))
    : [];
  if (known.some((one) => one.id === name))
    throw new PermanentError('exists', `there is a persona ${name} of ${id} already`);
  const now = join(project.fixtures, 'now.json');
  const at: unknown = existsSync(now) ? JSON.parse(await readFile(now, 'utf8')) : undefined;
  const joined = typeof at === 'string' ? new Date(Date.parse(at) - 86_400_000) : new Date();
  const { persona, event } = personaOf(name, id, brand.defaultLocale, joined.toISOString());
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify([...known, persona], null, 2)}\n`);
  await appendFile(join(folder, 'events.ndjson'), event);
  await print(`${relative(project.folder, file)}: ${name}`);
}

async function write({ folder }: Project, place: string, text: string): Promise<void> {
  if (existsSync(place))
    throw new PermanentError('exists', `there is ${relative(folder, place)} already`);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, text);
  await print(relative(folder, place));
}

async function tellConfig(
  project: Project,
  list: 'templates' | 'blocks' | 'rules',
  name: string,
  file: string,
): Promise<void> {
  const { inConfig } = await import('./make/in-config.ts');
  note(await inConfig(project, { list, name, file: file.replaceAll('\\', '/') }));
}
