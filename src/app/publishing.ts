import type pg from 'pg';

import { isFor } from '../contract/template.ts';
import { transaction } from '../postgres/pool.ts';
import type { TemplateSet } from '../render/load.ts';
import { type Bundle, madeFor, readBundle } from '../render/version/bundle.ts';
import { otherCode } from '../render/version/code.ts';
import type { Deployment } from '../render/version/load-version.ts';
import {
  type By,
  listVersions,
  pointTo,
  publishVersion,
} from '../render/version/template-versions.ts';
import type { LoadedBrands } from '../render/voice/brand-files.ts';
import { loadBundle } from './versions.ts';

/** What is published: templates loaded from a folder. */
export type Publisher = {
  readonly pool: pg.Pool;
  readonly tenant: string;
  readonly templates: TemplateSet;
  readonly brands: LoadedBrands;
};

export type Published = {
  readonly template: string;
  readonly hash: string;
  /** False where the very same was published before. */
  readonly isNew: boolean;
  /** False where it is live already, or wasn't to become so. */
  readonly madeLive: boolean;
  /** Code that is another than the one which what was live before was made for: it isn't published. */
  readonly changedCode: readonly string[];
};

export type PublishOptions = By & {
  /** By template, errors of its checks that whoever publishes it knows of. */
  readonly overlooked?: ReadonlyMap<string, number>;
  /** True when left out. */
  readonly live?: boolean;
};

/**
 * Stores templates' looks and words as they are in their folder, and makes them live unless they are not to be: all of them
 * or none. Before, each is loaded from memory for every brand, as workers will: what can't be loaded is never stored.
 * @throws TemplateError
 */
export async function publishTemplates(
  { pool, tenant, templates, brands }: Publisher,
  names: readonly string[],
  { by, why, overlooked, live = true }: PublishOptions,
): Promise<Published[]> {
  const bundles = await Promise.all(names.map((name) => readBundle(templates, name)));
  for (const bundle of bundles) await tryOut(bundle, { templates, brands });
  return transaction(pool, async (db) => {
    const before = new Map(
      (await listVersions(db, tenant, null)).flatMap(({ template, liveSince, code }) =>
        liveSince === null ? [] : [[template, code]],
      ),
    );
    const published: Published[] = [];
    for (const bundle of bundles) {
      const { template, hash } = bundle;
      const about = { by, note: why, overlooked: overlooked?.get(template) ?? 0 };
      const isNew = await publishVersion(db, tenant, bundle, about);
      const pointing = { by, why, how: 'publish' } as const;
      const madeLive = live && (await pointTo(db, tenant, { template, hash }, pointing));
      const was = before.get(template);
      const changedCode = was ? otherCode(was, madeFor(bundle)) : [];
      published.push({ template, hash, isNew, madeLive, changedCode });
    }
    return published;
  });
}

async function tryOut(bundle: Bundle, deployment: Deployment): Promise<void> {
  const definition = deployment.templates.definition(bundle.template);
  for (const [id, { brand }] of deployment.brands) {
    if (!isFor(definition, brand)) continue;
    const compiled = await loadBundle(bundle, id, deployment);
    for (const locale of brand.locales) compiled(locale);
  }
}
