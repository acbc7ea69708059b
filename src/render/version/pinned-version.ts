import { shortHash } from '../../contract/template-version.ts';
import type { Db } from '../../postgres/pool.ts';
import { only, readRows } from '../../postgres/table.ts';
import { templatePublications } from './tables.ts';

/** The version that is live; null: the templates folder. As a subquery, for a tenant and template of the query around it. */
export const liveVersion = (tenant: string, template: string): string =>
  `(select p.hash from laurel.template_pointings p where p.tenant = ${tenant} and p.template = ${template}
    order by p.id desc limit 1)`;

/**
 * The published version a message or campaign is to keep, as a lateral subquery with one column, `hash`; no row where
 * nothing is asked for, or what is asked for isn't there. It is locked against being pruned until the transaction ends.
 * The arguments are expressions of the query around it.
 */
export const pinnedVersion = (tenant: string, template: string, wanted: string): string => `(
  select hash from laurel.template_publications where ${wanted} is not null and tenant = ${tenant} and template = ${template}
    and hash = case ${wanted} when 'accepted' then ${liveVersion(tenant, template)} else (
      select case when count(*) = 1 then min(p.hash) end from laurel.template_publications p
       where p.tenant = ${tenant} and p.template = ${template} and starts_with(p.hash, ${wanted})) end
    for key share)`;

/** What to say to somebody whose wanted version couldn't be kept. */
export async function whyNotPinned(
  db: Db,
  tenant: string,
  template: string,
  wanted: string,
): Promise<string> {
  if (wanted === 'accepted')
    return `nothing of "${template}" is live as a published version that could be kept; publish it first, or leave this out`;
  const rows = await readRows(
    db,
    only(templatePublications, 'hash'),
    'where tenant = $1 and template = $2 and starts_with(hash, $3) order by hash limit 5',
    [tenant, template, wanted],
  );
  return rows.length > 1
    ? `"${wanted}" is the beginning of several versions of "${template}": ${rows.map(({ hash }) => hash.slice(0, 20)).join(', ')}; write more of it`
    : `there is no published version ${shortHash(wanted)} of "${template}"`;
}
