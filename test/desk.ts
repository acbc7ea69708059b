import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type pg from 'pg';

import { type Published, publishTemplates } from '../src/app/publishing.ts';
import { loadTemplates } from '../src/render/load.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { templates } from '../templates/index.ts';

const templatesFolder = join(import.meta.dirname, '../templates');

/** Where somebody edits and publishes templates: a copy of Laurel's own, on a disk no worker sees. */
export type Desk = {
  readonly root: string;
  readonly edit: (file: string, change: (text: string) => string) => Promise<void>;
  readonly publish: (
    template: string,
    options?: { readonly why?: string; readonly live?: boolean },
  ) => Promise<Published>;
  readonly close: () => Promise<void>;
};

export async function openDesk(pool: () => pg.Pool): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-desk-'));
  const root = join(folder, 'templates');
  await cp(templatesFolder, root, { recursive: true });
  await symlink(join(templatesFolder, '../fixtures'), join(folder, 'fixtures'));
  for (const name of ['src', 'node_modules'])
    await symlink(join(templatesFolder, '..', name), join(folder, name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  return {
    root,
    edit: async (file, change) => {
      const path = join(root, file);
      await writeFile(path, change(await readFile(path, 'utf8')));
    },
    publish: async (template, { why = 'because', live = true } = {}) => {
      const brands = await loadBrands(root);
      const loaded = await loadTemplates({
        root,
        definitions: templates.filter(({ name }) => name === template),
        brands,
      });
      const [published] = await publishTemplates(
        { pool: pool(), tenant: 'main', templates: loaded, brands },
        [template],
        { by: 'mira', why, live },
      );
      if (!published) throw new Error('nothing was published');
      return published;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
