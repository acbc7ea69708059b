import type { Project } from '../../project/load-project.ts';
import { type Code, codeOf, otherCode } from '../../render/version/code.ts';
import {
  listVersions,
  liveVersions,
  pointingsOf,
  type Publication,
} from '../../render/version/template-versions.ts';
import type { Session } from '../session.ts';
import { clock, count, oneLine, print } from '../terminal.ts';
import { whyUnloadable } from './point.ts';
import { nameVersion } from './words.ts';

/** Every template with what is live of it. */
export async function showOverview(session: Session, json: boolean): Promise<void> {
  const { pool, tenant, templates } = session;
  const versions = await listVersions(pool, tenant, null);
  const made = await codeNotes(versions, session.project);
  const live = new Map((await liveVersions(pool, tenant)).map((one) => [one.template, one]));
  const names = [...new Set([...templates.map(({ name }) => name), ...live.keys()])];
  const rows = names.map((template) => ({
    template,
    live: live.get(template)?.hash ?? null,
    since: live.get(template)?.since ?? null,
    versions: versions.filter((one) => one.template === template).length,
    otherCode: made(versions.find((one) => one.template === template && one.liveSince !== null)),
  }));
  if (json) return print(JSON.stringify(rows, null, 2));
  const width = Math.max(...names.map((name) => name.length));
  for (const row of rows) {
    const since = row.since === null ? '' : ` since ${clock(row.since)}`;
    const many = row.versions === 0 ? '' : `  (${count(row.versions, 'version')})`;
    const code = row.otherCode.length === 0 ? '' : '  made for other code';
    await print(`${row.template.padEnd(width)}  ${nameVersion(row.live)}${since}${many}${code}`);
  }
}

/** One template's versions, the newest first. */
export async function showVersions(
  template: string,
  { pool, tenant, project }: Session,
  json: boolean,
): Promise<void> {
  const versions = await listVersions(pool, tenant, template);
  const made = await codeNotes(versions, project);
  if (json) {
    const rows = versions.map((one) => ({ ...one, code: undefined, otherCode: made(one) }));
    return print(JSON.stringify(rows, null, 2));
  }
  if (versions.length === 0)
    return print(
      `nothing of ${template} is published; workers use its folder. \`laurel templates publish ${template}\``,
    );
  for (const one of versions) {
    await print(lineOf(one));
    const other = made(one);
    if (other.length === 0) continue;
    await print(`    made for other code than is installed here: ${other.join(', ')}`);
    const inUse = one.liveSince !== null || one.waiting > 0;
    const unfit = inUse ? await whyUnloadable(pool, one, project) : undefined;
    if (unfit !== undefined) await print(`    can't be used with it: ${oneLine(unfit)}`);
  }
}

/** What of each version's code isn't the code installed here. */
async function codeNotes(versions: readonly Publication[], { templates, root }: Project) {
  const here = new Map<string, Code>();
  for (const definition of templates)
    if (versions.some(({ template }) => template === definition.name))
      here.set(definition.name, await codeOf(root, definition));
  return (version: Publication | undefined): readonly string[] =>
    version ? otherCode(version.code, here.get(version.template) ?? new Map()) : [];
}

function lineOf({ hash, publishedAt, by, note, overlooked, liveSince, waiting }: Publication) {
  const facts = [
    ...(liveSince === null ? [] : [`live since ${clock(liveSince)}`]),
    ...(waiting === 0 ? [] : [`kept by ${count(waiting, 'waiting message')}`]),
    ...(overlooked === 0 ? [] : [`published with ${count(overlooked, 'error')}`]),
  ];
  const why = note === null ? '' : `  ${oneLine(note)}`;
  const rest = facts.length === 0 ? '' : `\n    ${facts.join(', ')}`;
  return `${nameVersion(hash)}  ${clock(publishedAt)}  ${oneLine(by)}${why}${rest}`;
}

const verbs = { publish: 'published', use: 'made live', rollback: 'rolled back to' } as const;

/** Every change of what is live, the latest first. */
export async function showHistory(
  template: string,
  { pool, tenant }: Session,
  json: boolean,
): Promise<void> {
  const pointings = await pointingsOf(pool, tenant, template);
  if (json) return print(JSON.stringify(pointings, null, 2));
  if (pointings.length === 0) return print(`${template} has always come from its folder`);
  for (const { hash, how, at, by, why } of pointings) {
    const reason = why === null ? '' : `: ${oneLine(why)}`;
    await print(`${clock(at)}  ${verbs[how]} ${nameVersion(hash)} by ${oneLine(by)}${reason}`);
  }
}
