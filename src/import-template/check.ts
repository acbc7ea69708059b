import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { checkTemplates } from '../check/run.ts';
import type { Template } from '../contract/template.ts';
import type { Project } from '../project/load-project.ts';

const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value && 'headline' in value;

/** Checks an imported template where it was written, with Laurel's files in `folder`, and says what there is to fix, or that there is nothing. */
export async function checkImported(
  { root, ownTemplates, fixtures, policy }: Project,
  name: string,
  brands: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(join(ownTemplates, name, 'template.ts')).href
  );
  const definitions = Object.values(module ?? {}).filter(isTemplate);
  const { findings, mails } = await checkTemplates({
    root,
    fixtures,
    policy,
    definitions,
    brands,
    folder,
  });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return [`Checked: ${mails} mails, nothing has to be fixed`];
  const told = errors.map(({ file, line, message, fix }) => {
    const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
    return `To fix: ${where}${message}${fix === '' ? '' : `; ${fix}`}`;
  });
  return [...new Set(told)];
}
