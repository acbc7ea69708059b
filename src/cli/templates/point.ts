import { VersionPrefix } from '../../contract/template-version.ts';
import { transaction } from '../../postgres/pool.ts';
import { findVersion, pointTo, rollBack } from '../../render/version/template-versions.ts';
import { UsageError } from '../failure.ts';
import type { Session } from '../session.ts';
import { print } from '../terminal.ts';
import { type ByOptions, nameVersion } from './words.ts';

const byOf = ({ by, why }: ByOptions) => ({ by, why: why ?? null });

/** Makes a version live, or the templates folder. */
export async function useVersion(
  template: string,
  version: string,
  options: ByOptions,
  { pool, tenant }: Session,
): Promise<void> {
  const hash =
    version === 'folder'
      ? null
      : (await findVersion(pool, tenant, template, prefixOf(version))).hash;
  const changed = await transaction(pool, (db) =>
    pointTo(db, tenant, { template, hash }, { ...byOf(options), how: 'use' }),
  );
  await print(`${template}: ${nameVersion(hash)} is live${changed ? '' : ' already'}`);
}

/** Makes live what was live before. */
export async function rollBackTemplate(
  template: string,
  options: ByOptions,
  { pool, tenant }: Session,
): Promise<void> {
  const hash = await transaction(pool, (db) => rollBack(db, tenant, template, byOf(options)));
  await print(`${template}: ${nameVersion(hash)} is live again`);
}

/** @throws UsageError */
export function prefixOf(text: string): string {
  const parsed = VersionPrefix.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${text} ${parsed.error.issues[0]?.message ?? 'is not a version'}`);
}
