import type { Db } from '../../postgres/pool.ts';
import { only, readRows, type Row } from '../../postgres/table.ts';
import { templatePublications } from './tables.ts';

const version = only(templatePublications, 'template, hash');

export type Pruned = {
  readonly versions: readonly Readonly<Row<typeof version>>[];
  /** Files no version has any more. */
  readonly files: number;
};

/**
 * Removes a tenant's versions that are older than `days` and of no use: not live, not what a rollback leads to, kept by no
 * message or campaign that isn't over. In a transaction of the caller's.
 * @param keep what rollbacks lead to
 * @param dry says what it would remove
 */
export async function pruneVersions(
  db: Db,
  tenant: string,
  {
    days,
    keep,
    dry,
  }: { readonly days: number; readonly keep: readonly string[]; readonly dry: boolean },
): Promise<Pruned> {
  await db.query(`select pg_advisory_xact_lock(hashtext('laurel.template_versions'))`);
  // Locked before it is asked who keeps them: whoever accepts a message for one holds a lock on it until that is stored.
  const old = await readRows(
    db,
    version,
    `where tenant = $1 and published_at < now() - make_interval(days => $2) order by template, hash for update`,
    [tenant, days],
  );
  const { rows: versions } = await db.query<Row<typeof version>>(
    `select template, hash from unnest($2::text[], $3::text[]) as old(template, hash)
     where hash <> all($4)
       and hash is distinct from (select p.hash from template_pointings p
         where p.tenant = $1 and p.template = old.template order by p.id desc limit 1)
       and not exists (select from messages_open m where m.pinned_version = old.hash and m.tenant = $1
         and m.state not in ('sent', 'suppressed', 'cancelled'))
       and not exists (select from campaigns c where old.hash in (c.pinned_version, c.alternative ->> 'pinnedVersion') and c.tenant = $1
         and c.state in ('loading', 'running', 'paused'))`,
    [tenant, old.map(({ template }) => template), old.map(({ hash }) => hash), keep],
  );
  if (dry) return { versions, files: 0 };
  await db.query(
    `delete from template_publications where tenant = $1 and (template, hash) in (select * from unnest($2::text[], $3::text[]))`,
    [tenant, versions.map(({ template }) => template), versions.map(({ hash }) => hash)],
  );
  await db.query(
    `delete from template_versions v where not exists (select from template_publications p where p.hash = v.hash)`,
  );
  const { rowCount } = await db.query(
    `delete from template_files where hash not in (
       select named.value from template_versions v cross join lateral jsonb_each_text(v.files) as named)`,
  );
  return { versions, files: rowCount ?? 0 };
}
