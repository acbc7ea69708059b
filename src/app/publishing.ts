import type pg from 'pg';

import { isFor } from '../contract/template.ts';
import { transaction } from '../postgres/pool.ts';
import type { TemplateSet } from '../render/load.ts';
import { type Bundle, contentHash, readBundle, writeBundle } from '../render/version/bundle.ts';
import { loadVersion } from '../render/version/load-version.ts';
import { type By, pointTo, publishVersion } from '../render/version/template-versions.ts';
import type { LoadedBrands } from '../render/voice/brand-files.ts';
import { engine } from './folders.ts';
import { versionsFolder } from './versions.ts';

/** What is published: templates loaded from a folder. */
export type Publisher = {
  readonly pool: pg.Pool;
  readonly tenant: string;
  /** Laurel's own folder. */
  readonly folder: string;
  /** The templates folder the set was loaded from. */
  readonly root: string;
  readonly set: TemplateSet;
  readonly brands: LoadedBrands;
};

export type Published = {
  readonly template: string;
  readonly hash: string;
  /** False where the very same was published before. */
  readonly isNew: boolean;
  /** False where it is live already, or wasn't to become so. */
  readonly madeLive: boolean;
};

export type PublishOptions = By & {
  /** By template, errors of its checks that whoever publishes it knows of. */
  readonly overlooked?: ReadonlyMap<string, number>;
  /** True when left out. */
  readonly live?: boolean;
};

/**
 * Stores templates as they are in their folder, and makes them live unless they are not to be: all of them or none. Before,
 * each is loaded from its own files for every brand, as workers will: what can't be loaded is never stored.
 * @throws TemplateError
 */
export async function publishTemplates(
  publisher: Publisher,
  templates: readonly string[],
  { by, why, overlooked, live = true }: PublishOptions,
): Promise<Published[]> {
  const { pool, tenant, root, set } = publisher;
  const bundles: Bundle[] = [];
  for (const template of templates) {
    const bundle = await readBundle(root, set, template);
    await tryOut(publisher, bundle);
    bundles.push(bundle);
  }
  return transaction(pool, async (db) => {
    const published: Published[] = [];
    for (const bundle of bundles) {
      const { template, hash } = bundle;
      const about = { by, note: why, overlooked: overlooked?.get(template) ?? 0 };
      const isNew = await publishVersion(db, tenant, storedOf(bundle), about);
      const pointing = { by, why, how: 'publish' } as const;
      const madeLive = live && (await pointTo(db, tenant, { template, hash }, pointing));
      published.push({ template, hash, isNew, madeLive });
    }
    return published;
  });
}

const storedOf = ({ files, ...bundle }: Bundle) => ({
  ...bundle,
  files: new Map(
    [...files].map(([path, content]) => [path, { content, hash: contentHash(content) }]),
  ),
});

async function tryOut({ folder, set, brands }: Publisher, bundle: Bundle): Promise<void> {
  const { template, hash } = bundle;
  const root = await writeBundle(versionsFolder(folder), bundle, engine);
  for (const [brand, loaded] of brands) {
    if (!isFor(set.definition(template), loaded.brand)) continue;
    const compiled = await loadVersion({ root, template, hash, brand });
    for (const locale of loaded.brand.locales) compiled(locale);
  }
}
