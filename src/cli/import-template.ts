import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';

import type { Command } from 'commander';

import { PermanentError } from '../core/errors.ts';
import type { ImportResult } from '../import-template/import.ts';
import { loadProject, type Project } from '../project/load-project.ts';
import { type LoadedBrand, loadBrands } from '../render/voice/brand-files.ts';
import { UsageError } from './failure.ts';
import { readConfig } from './read-config.ts';
import { note, print } from './terminal.ts';

const kinds: Readonly<Record<string, 'mjml' | 'html' | 'react'>> = {
  '.mjml': 'mjml',
  '.html': 'html',
  '.htm': 'html',
  '.hbs': 'html',
  '.handlebars': 'html',
  '.tsx': 'react',
  '.jsx': 'react',
};

type Options = {
  readonly name?: string;
  readonly brand?: string;
  readonly data?: string;
  readonly dryRun?: boolean;
};

export function addImportTemplate(program: Command): void {
  program
    .command('import-template')
    .argument('<file>', '.mjml, .html, .hbs, or a React Email component (.tsx)')
    .description('make a template of one from elsewhere: MJML, html with {{fields}}, React Email')
    .option('--name <name>', 'its folder; made of the file’s name when left out')
    .option('--brand <brand>', 'the only brand that gets sample data and a persona')
    .option('--data <file>', 'an example of its data (JSON), which says what its fields are')
    .option('--dry-run', 'print what would be written')
    .addHelpText(
      'after',
      `
Writes body, definition with a schema inferred from the fields, words, sample data, a persona, and the registry's line; says what
was inferred, what was changed and what needs a person, with file and line; then checks what it made. Nothing that is there is
written over.

Examples:
  $ laurel import-template receipt.mjml
  $ laurel import-template sendgrid/welcome.html --name welcome-classic --brand juniper --data sendgrid/welcome.json
  $ laurel import-template emails/stripe-welcome.tsx --dry-run`,
    )
    .action(importFile);
}

async function importFile(file: string, options: Options): Promise<void> {
  const { name: wanted, brand, dryRun } = options;
  const kind = kinds[extname(file).toLowerCase()];
  if (kind === undefined) throw new UsageError(`${file} is not .mjml, .html, .hbs, .tsx or .jsx`);
  const name = wanted ?? nameOf(file);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new UsageError(
      `a template’s name is written like order-confirmation, not ${name}; give it with --name`,
    );
  const project = await loadProject();
  if (existsSync(join(project.ownTemplates, name)))
    throw new PermanentError('exists', `there is a template ${name} already; give another --name`);
  const brands = await loadBrands(project.root);
  if (brand !== undefined && !brands.has(brand))
    throw new UsageError(`there is no brand ${brand}; there are ${[...brands.keys()].join(', ')}`);
  const setting = {
    name,
    project,
    locales: [...new Set([...brands.values()].flatMap((one) => one.brand.locales))],
    brands: brand === undefined ? [...brands.keys()] : [brand],
  };
  const result =
    kind === 'react'
      ? await fromComponent(file, setting, brands.get(setting.brands[0] ?? ''))
      : await fromMarkup(file, kind, setting, options.data);
  if (dryRun) for (const [path, content] of result.files) await print(`--- ${path}\n${content}`);
  else await written(result, setting);
  for (const one of result.inferred) note(`Inferred: ${one}`);
  for (const one of result.changed) note(`Changed: ${one}`);
  for (const one of result.open) note(`Needs a person: ${one}`);
  if (dryRun) return note('Nothing was written.');
  const { checkImported } = await import('../import-template/check.ts');
  for (const one of await checkImported(project, name, setting.brands, readConfig().folder))
    note(one);
  note(`Next: laurel preview, laurel check ${name}`);
}

type Setting = {
  readonly project: Project;
  readonly name: string;
  readonly locales: string[];
  readonly brands: string[];
};

async function fromMarkup(
  file: string,
  kind: 'mjml' | 'html',
  setting: Setting,
  dataFile: string | undefined,
): Promise<ImportResult> {
  const [{ importTemplate }, { decode }] = await Promise.all([
    import('../import-template/import.ts'),
    import('../import-template/decode.ts'),
  ]);
  const beside = (path: string) => {
    const found = join(dirname(file), path);
    return existsSync(found) ? decode(readFileSync(found)).text : undefined;
  };
  const data: unknown =
    dataFile === undefined ? undefined : JSON.parse(await readFile(dataFile, 'utf8'));
  return importTemplate({
    ...setting,
    kind,
    file: basename(file),
    source: decode(await readFile(file)).text,
    beside,
    ...(data !== undefined && { data }),
  });
}

async function fromComponent(
  file: string,
  setting: Setting,
  brand: LoadedBrand | undefined,
): Promise<ImportResult> {
  const [{ importReact }, { readComponent }] = await Promise.all([
    import('../import-template/react.ts'),
    import('../import-template/read-component.ts'),
  ]);
  const component = await readComponent({
    file,
    project: setting.project.folder,
    siteUrl: brand?.brand.siteUrl ?? 'https://www.shop.example',
  });
  return importReact(setting, component);
}

async function written(
  { files, sample }: ImportResult,
  { project, name, brands }: Setting,
): Promise<void> {
  const [{ registered }, { personaFor, withPersona }] = await Promise.all([
    import('../import-template/folder.ts'),
    import('../import-template/persona.ts'),
  ]);
  const { folder: home, ownTemplates, fixtures } = project;
  for (const [path, content] of files) {
    const file = path.replace(/^templates\//, '');
    const place = file === path ? join(home, path) : join(ownTemplates, file);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content, { flag: 'wx' });
    await print(relative(home, place));
  }
  for (const brand of brands) {
    const path = join(fixtures, brand, 'personas.json');
    const before = existsSync(path) ? await readFile(path, 'utf8') : undefined;
    await writeFile(path, withPersona(before, personaFor(name, sample)));
    await print(`fixtures/${brand}/personas.json: ${name}-reader`);
  }
  const registry = join(ownTemplates, 'index.ts');
  await writeFile(registry, registered(await readFile(registry, 'utf8'), name));
  await print('templates/index.ts: its line in the registry');
}

/** `Order Receipt_v2.mjml` is `order-receipt-v2`. */
const nameOf = (file: string) =>
  basename(file, extname(file))
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
