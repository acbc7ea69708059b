import type pg from 'pg';

import { loadBundle, readBundle } from '../../app/versions.ts';
import { VersionPrefix } from '../../contract/template-version.ts';
import { isFor } from '../../contract/template.ts';
import { transaction } from '../../postgres/pool.ts';
import type { Project } from '../../project/load-project.ts';
import { TemplateError } from '../../render/source/problems.ts';
import { findVersion, pointTo, rollBack } from '../../render/version/template-versions.ts';
import { loadBrands } from '../../render/voice/brand-files.ts';
import { UsageError } from '../failure.ts';
import type { Session } from '../session.ts';
import { note, oneLine, print } from '../terminal.ts';
import { type ByOptions, nameVersion } from './words.ts';

const byOf = ({ by, why }: ByOptions) => ({ by, why: why ?? null });

/** Makes a version live, or the templates folder. */
export async function useVersion(
  template: string,
  version: string,
  options: ByOptions,
  { pool, tenant, project }: Session,
): Promise<void> {
  const hash =
    version === 'folder'
      ? null
      : (await findVersion(pool, tenant, template, prefixOf(version))).hash;
  const changed = await transaction(pool, (db) =>
    pointTo(db, tenant, { template, hash }, { ...byOf(options), how: 'use' }),
  );
  await print(`${template}: ${nameVersion(hash)} is live${changed ? '' : ' already'}`);
  await warnUnloadable(pool, { template, hash }, project);
}

/** Makes live what was live before. */
export async function rollBackTemplate(
  template: string,
  options: ByOptions,
  { pool, tenant, project }: Session,
): Promise<void> {
  const hash = await transaction(pool, (db) => rollBack(db, tenant, template, byOf(options)));
  await print(`${template}: ${nameVersion(hash)} is live again`);
  await warnUnloadable(pool, { template, hash }, project);
}

/** Pointing takes an instant, also where it is the wrong thing; what becomes of the next mail is looked at afterwards. */
async function warnUnloadable(
  pool: pg.Pool,
  { template, hash }: { readonly template: string; readonly hash: string | null },
  project: Project,
): Promise<void> {
  const unfit = hash === null ? undefined : await whyUnloadable(pool, { template, hash }, project);
  if (unfit !== undefined)
    note(
      `laurel: it can't be used with the code installed here, and where workers have the same, mails of ${template} wait until another is live: ${oneLine(unfit)}`,
    );
}

/** Why a version can't be used with the code installed here, for one of the brands it is for; undefined where it can. */
export async function whyUnloadable(
  pool: pg.Pool,
  { template, hash }: { readonly template: string; readonly hash: string },
  { root, templates }: Project,
): Promise<string | undefined> {
  const definition = templates.find(({ name }) => name === template);
  if (!definition) return `there is no template ${template} in it`;
  try {
    const brands = await loadBrands(root);
    const deployment = {
      brands,
      templates: { root, definition: () => definition },
    };
    const bundle = await readBundle(pool, hash);
    for (const [id, { brand }] of brands)
      if (isFor(definition, brand) && bundle.files.has(`brands/${id}/brand.json`))
        await loadBundle(bundle, id, deployment);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

/** @throws UsageError */
export function prefixOf(text: string): string {
  const parsed = VersionPrefix.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${text} ${parsed.error.issues[0]?.message ?? 'is not a version'}`);
}
