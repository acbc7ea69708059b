import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Command } from 'commander';
import { z } from 'zod';

import { templatesFolder } from '../app/folders.ts';
import { PermanentError } from '../core/errors.ts';
import { loadBrands } from '../render/brand-files.ts';
import { UsageError } from './failure.ts';
import type { ImportResult, ImportSetting } from './import-template/import.ts';
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

type Options = { readonly name?: string; readonly brand?: string; readonly dryRun?: boolean };

export function addImportTemplate(program: Command): void {
  program
    .command('import-template')
    .argument('<file>', '.mjml, .html, .hbs, or a React Email component (.tsx)')
    .description('make a template of one from elsewhere: MJML, html with {{fields}}, React Email')
    .option('--name <name>', 'its folder; made of the file’s name when left out')
    .option('--brand <brand>', 'the only brand that gets sample data')
    .option('--dry-run', 'print what would be written')
    .addHelpText(
      'after',
      `
Writes body, definition with a schema inferred from the fields, words, sample data, and the registry's line, and says what
was changed and what needs a person. Nothing that is there is written over.

Examples:
  $ laurel import-template receipt.mjml
  $ laurel import-template sendgrid/welcome.html --name welcome-classic --brand juniper`,
    )
    .action(importFile);
}

async function importFile(file: string, { name: wanted, brand, dryRun }: Options): Promise<void> {
  if (import.meta.filename.endsWith('.js'))
    throw new PermanentError(
      'needs-sources',
      'templates are imported into a checkout, not a build',
    );
  const extension = extname(file).toLowerCase();
  const kind = kinds[extension];
  if (kind === undefined) throw new UsageError(`${file} is not .mjml, .html, .hbs, .tsx or .jsx`);
  const name = wanted ?? nameOf(file);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new UsageError(
      `a template’s name is written like order-confirmation, not ${name}; give it with --name`,
    );
  if (existsSync(join(templatesFolder, name)))
    throw new PermanentError('exists', `there is a template ${name} already; give another --name`);
  const [source, brands, { importTemplate, registered }] = await Promise.all([
    readFile(file, 'utf8'),
    loadBrands(templatesFolder),
    import('./import-template/import.ts'),
  ]);
  if (brand !== undefined && !brands.has(brand))
    throw new UsageError(`there is no brand ${brand}; there are ${[...brands.keys()].join(', ')}`);
  const setting = {
    name,
    locales: [...new Set([...brands.values()].flatMap((one) => one.brand.locales))],
    brands: brand === undefined ? [...brands.keys()] : [brand],
  };
  const { files, changed, open } =
    kind === 'react'
      ? await fromComponent(source, setting, brands.get(brand ?? '')?.brand.siteUrl)
      : importTemplate({ ...setting, source, kind });
  const project = dirname(templatesFolder);
  for (const [path, content] of files) {
    if (dryRun) {
      await print(`--- ${path}\n${content}`);
      continue;
    }
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), content, { flag: 'wx' });
    await print(path);
  }
  if (!dryRun) {
    const registry = join(templatesFolder, 'index.ts');
    await writeFile(registry, registered(await readFile(registry, 'utf8'), name));
    await print('templates/index.ts: its line in the registry');
  }
  for (const one of changed) note(`Changed: ${one}`);
  for (const one of open) note(`Needs a person: ${one}`);
  note(`Next: laurel check ${name}, laurel preview`);
}

/** Runs the component's module, for its PreviewProps; it is put where its imports are found, and taken away again. */
async function fromComponent(
  source: string,
  setting: Pick<ImportSetting, 'name' | 'locales' | 'brands'>,
  siteUrl = 'https://www.shop.example',
): Promise<ImportResult> {
  const { cleanedComponent, importReact } = await import('./import-template/react.ts');
  const notes = { changed: new Set<string>(), open: new Set<string>() };
  const component = cleanedComponent(source, siteUrl, notes);
  const folder = await mkdtemp(join(dirname(templatesFolder), '.laurel-import-'));
  try {
    const path = join(folder, 'Component.tsx');
    await writeFile(path, component);
    const module: unknown = await import(pathToFileURL(path).href);
    const Loaded = z.object({ default: z.custom<object>((value) => typeof value === 'function') });
    const parsed = Loaded.safeParse(module);
    if (!parsed.success)
      throw new PermanentError(
        'not-a-template',
        'the file needs a component as its default export',
      );
    const props: unknown = Reflect.get(parsed.data.default, 'PreviewProps');
    return importReact({ ...setting, component, props }, notes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `Order Receipt_v2.mjml` is `order-receipt-v2`. */
const nameOf = (file: string) =>
  basename(file, extname(file))
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
