import type pg from 'pg';

import { isFor } from '../core/template.ts';
import { transaction } from '../postgres/pool.ts';
import type { LoadedBrands } from '../render/brand-files.ts';
import { type Bundle, contentHash, readBundle, writeBundle } from '../render/bundle.ts';
import { loadVersion } from '../render/load-version.ts';
import type { TemplateSet } from '../render/load.ts';
import { type By, pointTo, publishVersion } from '../stores/template-versions.ts';
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
  readonly hash: string;
  /** False where the very same was published before. */
  readonly isNew: boolean;
  /** False where it is live already, or wasn't to become so. */
  readonly madeLive: boolean;
};

/**
 * Stores a template as it is in its folder, and makes it live unless it is not to be. Before, it is loaded from its own
 * files for every brand, as workers will: what can't be loaded is never stored.
 * @param overlooked errors of its checks that whoever publishes it knows of
 * @throws TemplateError
 */
export async function publishTemplate(
  publisher: Publisher,
  template: string,
  { by, why, overlooked = 0, live = true }: By & { overlooked?: number; live?: boolean },
): Promise<Published> {
  const { pool, tenant, root, set } = publisher;
  const bundle = await readBundle(root, set, template);
  await tryOut(publisher, bundle);
  const files = new Map(
    [...bundle.files].map(([path, content]) => [path, { content, hash: contentHash(content) }]),
  );
  return transaction(pool, async (db) => {
    const isNew = await publishVersion(
      db,
      tenant,
      { ...bundle, files },
      { by, note: why, overlooked },
    );
    const { hash } = bundle;
    const madeLive =
      live && (await pointTo(db, tenant, { template, hash }, { by, why, how: 'publish' }));
    return { hash, isNew, madeLive };
  });
}

async function tryOut({ folder, set, brands }: Publisher, bundle: Bundle): Promise<void> {
  const { template, hash } = bundle;
  const root = await writeBundle(versionsFolder(folder), bundle, engine);
  for (const [brand, loaded] of brands) {
    if (!isFor(set.definition(template), loaded.brand)) continue;
    const compiled = await loadVersion({ root, template, hash, brand });
    for (const locale of loaded.brand.locales) compiled(locale);
  }
}
