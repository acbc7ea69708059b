import { shortHash } from '../../contract/template-version.ts';
import { InvalidInput, PermanentError } from '../../core/errors.ts';
import type { Db } from '../../postgres/pool.ts';
import { insertRow, only, readRows, type Row, selected } from '../../postgres/table.ts';
import type { Bundle } from './bundle.ts';
import { type Code, contentHash } from './code.ts';
import { liveVersion } from './pinned-version.ts';
import { templatePointings, templatePublications } from './tables.ts';

/*
 * A version's life:
 *
 *   stored and published ──publish, use, rollback──▶ live ──another is──▶ published
 *                                                                            └──prune──▶ gone
 *
 * Versions and files are known by the hash of what is in them, and shared by all tenants; what is published and what is live
 * is each tenant's own. What was live when stays known for ever, also of versions that are gone.
 */

/** Who did something to a template's versions, and why. */
export type By = { readonly by: string; readonly why: string | null };

/** Held while versions are stored or removed: files are shared, and nobody may remove what another is about to use. */
const lockVersions = (db: Db) =>
  db.query(`select pg_advisory_xact_lock(hashtext('laurel.template_versions'))`);

/**
 * Stores a version and says that it is published. In a transaction of the caller's.
 * @param overlooked errors its checks found, where somebody publishes it all the same
 * @returns false where it was published before; that stays as it was
 */
export async function publishVersion(
  db: Db,
  tenant: string,
  { template, hash, code, files }: Bundle,
  { by, note, overlooked }: { by: string; note: string | null; overlooked: number },
): Promise<boolean> {
  await lockVersions(db);
  const hashes = [...files].map(([path, content]) => [path, contentHash(content)] as const);
  const contents = new Map([...files.values()].map((content) => [contentHash(content), content]));
  await db.query(
    `insert into template_files (hash, content) select * from unnest($1::text[], $2::bytea[]) on conflict do nothing`,
    [[...contents.keys()], [...contents.values()]],
  );
  await db.query(
    `insert into template_versions (hash, template, files, code) values ($1, $2, $3, $4) on conflict do nothing`,
    [
      hash,
      template,
      JSON.stringify(Object.fromEntries(hashes)),
      code && JSON.stringify(Object.fromEntries(code)),
    ],
  );
  const { rowCount } = await insertRow(
    db,
    templatePublications,
    { tenant, template, hash, by, note, overlooked },
    'on conflict do nothing',
  );
  return rowCount === 1;
}

/** A stored version, as it is stored; null where there is none such. */
export async function readVersion(db: Db, hash: string): Promise<Omit<Bundle, 'hash'> | null> {
  const { rows } = await db.query<{
    template: string;
    code: Record<string, string> | null;
    path: string;
    content: Buffer;
  }>(
    `select v.template, v.code, named.path, f.content
     from template_versions v cross join lateral jsonb_each_text(v.files) as named(path, hash)
     join template_files f on f.hash = named.hash where v.hash = $1`,
    [hash],
  );
  const [first] = rows;
  if (!first) return null;
  return {
    template: first.template,
    code: first.code && new Map(Object.entries(first.code)),
    files: new Map(rows.map(({ path, content }) => [path, content])),
  };
}

/** The published version that is live now; null: the templates folder. */
export async function liveVersionOf(
  db: Db,
  tenant: string,
  template: string,
): Promise<string | null> {
  const { rows } = await db.query<{ hash: string | null }>(
    `select ${liveVersion('$1', '$2')} as hash`,
    [tenant, template],
  );
  return rows[0]?.hash ?? null;
}

/**
 * Makes a published version live, or the templates folder (null). In a transaction of the caller's.
 * @returns false where it is live already
 * @throws PermanentError `unknown-version` where it isn't published, or not any more
 */
export async function pointTo(
  db: Db,
  tenant: string,
  { template, hash }: { readonly template: string; readonly hash: string | null },
  { by, why, how }: By & { readonly how: Pointing['how'] },
): Promise<boolean> {
  await lockVersions(db);
  const { rows } = await db.query<{ live: string | null; known: boolean }>(
    `select ${liveVersion('$1', '$2')} as live, $3::text is null or exists (
       select from template_publications where tenant = $1 and template = $2 and hash = $3) as known`,
    [tenant, template, hash],
  );
  const [now] = rows;
  if (!now?.known) throw unknownVersion(template, hash ?? '');
  if (now.live === hash) return false;
  await insertRow(db, templatePointings, { tenant, template, hash, how, by, why });
  return true;
}

const pointing = only(templatePointings, 'hash, how, at, by, why');
/** One change of what is live. */
export type Pointing = Readonly<Row<typeof pointing>>;

/** What was live from when on, the latest first. */
export async function pointingsOf(db: Db, tenant: string, template: string): Promise<Pointing[]> {
  return readRows(db, pointing, 'where tenant = $1 and template = $2 order by id desc', [
    tenant,
    template,
  ]);
}

/**
 * The version a rollback leads to: what was live before what is live now, and from there on further back. Pure.
 * @param pointings the latest first
 * @returns undefined where there is nothing to go back to
 */
export function versionBefore(pointings: readonly Pointing[]): string | null | undefined {
  const stack: (string | null)[] = [];
  for (const { hash, how } of pointings.toReversed()) {
    if (how === 'rollback') stack.pop();
    else stack.push(hash);
  }
  return stack.at(-2);
}

/**
 * Makes live what was live before. In a transaction of the caller's.
 * @returns what is live now; null: the templates folder
 * @throws PermanentError `nothing-before`, `unknown-version` where that was pruned
 */
export async function rollBack(
  db: Db,
  tenant: string,
  template: string,
  { by, why }: By,
): Promise<string | null> {
  await lockVersions(db);
  const before = versionBefore(await pointingsOf(db, tenant, template));
  if (before === undefined)
    throw new PermanentError(
      'nothing-before',
      `nothing was live before what is live of "${template}" now; name a version: \`laurel templates use ${template} <hash>\``,
    );
  await pointTo(db, tenant, { template, hash: before }, { by, why, how: 'rollback' });
  return before;
}

/**
 * Makes live what somebody names: a hash or its beginning, `before`, or `folder`. In a transaction of the caller's.
 * @returns what is live then; null: the templates folder
 * @throws InvalidInput `version` where there is none such
 */
export async function useNamed(
  db: Db,
  tenant: string,
  template: string,
  { version, ...by }: By & { readonly version: string },
): Promise<string | null> {
  try {
    if (version === 'before') return await rollBack(db, tenant, template, by);
    const hash =
      version === 'folder' ? null : (await findVersion(db, tenant, template, version)).hash;
    await pointTo(db, tenant, { template, hash }, { ...by, how: 'use' });
    return hash;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new InvalidInput([{ path: 'version', message: error.message }]);
  }
}

/** One published version, as a list shows it. */
export type Publication = Readonly<Row<typeof templatePublications>> & {
  /** The code it was made for. */
  readonly code: Code;
  /** Since when it is live; null where it isn't. */
  readonly liveSince: Date | null;
  /** Messages that keep it and aren't sent. */
  readonly waiting: number;
};

/** A tenant's published versions, of one template or all, the newest first. */
export async function listVersions(
  db: Db,
  tenant: string,
  template: string | null,
): Promise<Publication[]> {
  const { rows } = await db.query<
    Omit<Publication, 'code'> & { readonly code: Readonly<Record<string, string>> }
  >(
    `select ${selected(templatePublications, 'p.')}, coalesce(v.code, (
         select coalesce(jsonb_object_agg(path, content), '{}') from jsonb_each_text(v.files) as file (path, content)
         where path ~ '\\.[jt]sx?$')) as code,
       (select l.at from (
          select hash, at from template_pointings where tenant = $1 and template = p.template order by id desc limit 1) l
        where l.hash = p.hash) as "liveSince",
       (select count(*)::int from messages_open m where m.tenant = $1 and m.pinned_version = p.hash
          and m.state not in ('sent', 'suppressed', 'cancelled')) as waiting
     from template_publications p join template_versions v on v.hash = p.hash
     where p.tenant = $1 and ($2::text is null or p.template = $2)
     order by p.template, p.published_at desc, p.hash`,
    [tenant, template],
  );
  return rows.map((row) => ({ ...row, code: new Map(Object.entries(row.code)) }));
}

/** What is live of each template that was ever pointed; null: the templates folder. */
export async function liveVersions(
  db: Db,
  tenant: string,
): Promise<{ readonly template: string; readonly hash: string | null; readonly since: Date }[]> {
  const { rows } = await db.query<{ template: string; hash: string | null; since: Date }>(
    `select distinct on (template) template, hash, at as since from template_pointings where tenant = $1
     order by template, id desc`,
    [tenant],
  );
  return rows;
}

/**
 * The one published version a hash, or the beginning of one, names.
 * @param template null: of any
 * @throws PermanentError `unknown-version`, `ambiguous-version`
 */
export async function findVersion(
  db: Db,
  tenant: string,
  template: string | null,
  prefix: string,
): Promise<{ readonly template: string; readonly hash: string }> {
  const rows = await readRows(
    db,
    only(templatePublications, 'template, hash'),
    'where tenant = $1 and ($2::text is null or template = $2) and starts_with(hash, $3) order by hash limit 6',
    [tenant, template, prefix],
  );
  const [found, ...others] = rows;
  if (!found) throw unknownVersion(template, prefix);
  if (others.length === 0) return found;
  throw new PermanentError(
    'ambiguous-version',
    `"${prefix}" is the beginning of several versions: ${rows.map(({ hash }) => hash.slice(0, 20)).join(', ')}; write more of it`,
  );
}

function unknownVersion(template: string | null, hash: string): PermanentError {
  const of = template === null ? '' : ` of "${template}"`;
  return new PermanentError(
    'unknown-version',
    `there is no published version ${shortHash(hash)}${of}; \`laurel templates list${template === null ? '' : ` ${template}`}\` shows them`,
  );
}
