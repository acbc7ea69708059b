import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import type { CompiledTemplate, Template } from '../../contract/template.ts';
import { loadTemplates } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { namesIn } from '../voice/locale-files.ts';

/** Names a version and the brand it is wanted for; its files lie at `root`. */
export type VersionKey = {
  readonly root: string;
  readonly template: string;
  readonly hash: string;
  readonly brand: string;
};

/** The template as it is sent in a locale, see `TemplateSet.compiled`. */
export type LoadedVersion = (locale: string) => CompiledTemplate;

/**
 * Compiles a published version for one brand, with its own definition, texts and looks.
 * @throws TemplateError with what is missing or no longer fits this release of Laurel
 */
export async function loadVersion({
  root,
  template,
  hash,
  brand: id,
}: VersionKey): Promise<LoadedVersion> {
  const loaded = (await loadBrands(root)).get(id);
  if (!loaded)
    throw new TemplateError([
      { file: `brands/${id}`, message: 'is not in this version; publish it anew for this brand' },
    ]);
  const set = await loadTemplates({
    root,
    definitions: [await readDefinition(root, template)],
    brands: new Map([[id, loaded]]),
  });
  return (locale) => ({
    ...set.compiled(template, id, locale),
    version: hash,
    published: { root, brand: loaded.brand },
  });
}

const Definition = z.custom<Template>(
  (value) => typeof value === 'object' && value !== null && 'schema' in value && 'name' in value,
);

/** The definition in a template's folder, whatever it is called there. @throws TemplateError */
async function readDefinition(root: string, template: string): Promise<Template> {
  const folder = join(root, template);
  const name = (await namesIn(folder)).find((one) => /^template\.[tj]s$/.test(one));
  const file = `${template}/${name ?? 'template.ts'}`;
  if (name === undefined) throw new TemplateError([{ file, message: 'is missing' }]);
  let loaded: unknown;
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TemplateError([{ file, message: `cannot be loaded: ${message}` }]);
  }
  const found = z.record(z.string(), z.unknown()).parse({ ...z.looseObject({}).parse(loaded) });
  for (const value of Object.values(found)) {
    const definition = Definition.safeParse(value);
    if (definition.success && definition.data.name === template) return definition.data;
  }
  throw new TemplateError([{ file, message: `defines no template named "${template}"` }]);
}
