import { publishTemplates } from '../../app/publishing.ts';
import type { Finding } from '../../check/findings.ts';
import { checkTemplates } from '../../check/run.ts';
import type { Config } from '../../config.ts';
import { shortHash } from '../../contract/template-version.ts';
import { PermanentError } from '../../core/errors.ts';
import type { Project } from '../../project/load-project.ts';
import { loadTemplates } from '../../render/load.ts';
import { textReport } from '../check-report.ts';
import { UsageError } from '../failure.ts';
import { openProgress } from '../progress.ts';
import type { BrandsSession } from '../session.ts';
import { count, note, paintFor, print } from '../terminal.ts';
import { requireTemplate } from './words.ts';

export type PublishOptions = {
  readonly all?: true;
  readonly note?: string;
  readonly by: string;
  readonly notLive?: true;
  readonly force?: true;
};

/**
 * Checks templates and publishes them, all or none. @throws PermanentError `checks-failed`
 */
export async function publish(
  given: readonly string[],
  options: PublishOptions,
  session: Pick<BrandsSession, 'pool' | 'tenant' | 'brands' | 'project'> & {
    readonly config: Pick<Config, 'folder'>;
  },
): Promise<void> {
  const { templates, root } = session.project;
  if ((given.length === 0) === (options.all === undefined))
    throw new UsageError('name the templates to publish, or say --all');
  const names = options.all
    ? templates.map(({ name }) => name)
    : given.map((name) => requireTemplate(templates, name));
  const errors = await findErrors(session.project, session.config.folder, names);
  if (errors.length > 0 && !options.force)
    throw new PermanentError(
      'checks-failed',
      `nothing was published: ${count(errors.length, 'error')} to fix before sending (\`laurel check\`); --force publishes all the same, and remembers it`,
    );
  const { pool, tenant, brands } = session;
  const loaded = await loadTemplates({
    root,
    definitions: templates.filter(({ name }) => names.includes(name)),
    brands,
  });
  const publisher = { pool, tenant, templates: loaded, brands };
  const overlooked = new Map(
    names.map((name) => [
      name,
      errors.filter(({ template }) => template === name || template === '*').length,
    ]),
  );
  const live = !options.notLive;
  const published = await publishTemplates(publisher, names, {
    by: options.by,
    why: options.note ?? null,
    overlooked,
    live,
  });
  for (const { template, hash, isNew, madeLive, changedCode } of published) {
    const now = madeLive ? ', live now' : live ? ', live already' : '';
    await print(
      `${template}  ${shortHash(hash)}  ${isNew ? 'published' : 'published before'}${now}`,
    );
    if (changedCode.length > 0)
      await print(
        `    not published, since code comes with the workers’ deployment: ${changedCode.join(', ')} (another than what was live was made for)`,
      );
  }
}

/** What `laurel check` finds without a browser and would have fixed before sending. */
async function findErrors(
  { root, fixtures, policy, templates }: Project,
  folder: string,
  names: readonly string[],
): Promise<readonly Finding[]> {
  const progress = openProgress(100);
  const report = await checkTemplates({
    root,
    fixtures,
    policy,
    folder,
    log: note,
    definitions: templates,
    templates: names,
    onProgress: (done, total, what) => progress.update(Math.floor((100 * done) / total), what),
  }).finally(() => progress.stop());
  const findings = report.findings.filter(({ severity }) => severity === 'error');
  if (findings.length > 0)
    note(textReport({ ...report, findings }, paintFor(process.stderr), { verbose: false }));
  return findings;
}
