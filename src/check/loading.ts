import type { Template } from '../contract/template.ts';
import type { Severity } from '../render/check/finding.ts';
import { loadTemplates, type TemplateSet } from '../render/load.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import { shownPath, type TemplateRoot } from '../render/source/template-files.ts';
import type { LoadedBrands } from '../render/voice/brand-files.ts';
import type { Findings } from './findings.ts';

/** All together where they load; else one by one, so that one broken template hides nothing of the others. */
export async function loadEach(
  root: TemplateRoot,
  definitions: readonly Template[],
  brands: LoadedBrands,
  findings: Findings,
): Promise<Map<Template, TemplateSet>> {
  try {
    const set = await loadTemplates({ root, definitions, brands });
    return new Map(definitions.map((definition) => [definition, set]));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
  const loaded = new Map<Template, TemplateSet>();
  for (const definition of definitions) {
    const set = await collect(findings, root, definition.name, () =>
      loadTemplates({ root, definitions: [definition], brands }),
    );
    if (set) loaded.set(definition, set);
  }
  return loaded;
}

/** What cannot be read is an error for each of its mistakes. */
export async function collect<Value>(
  findings: Findings,
  root: TemplateRoot,
  template: string,
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    for (const problem of error.problems)
      addProblem(findings, root, 'loading', problem, 'error', template);
    return undefined;
  }
}

/** Tells what a source file has wrong with it. */
export function addProblem(
  findings: Findings,
  root: TemplateRoot,
  check: string,
  { file, line, path, message }: SourceProblem,
  severity: Severity,
  template = '*',
): void {
  findings.add(
    { severity, message: path === undefined ? message : `${path}: ${message}`, fix: '' },
    {
      check,
      template,
      brand: '*',
      locale: '*',
      file: shownPath(root, file),
      ...(line !== undefined && { line }),
    },
  );
}
