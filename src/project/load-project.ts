import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import type { Template } from '../contract/template.ts';
import { type Policy, policyWith } from '../decision/policy.ts';
import type { WebhookAdapter } from '../http/webhooks/adapter.ts';
import { adapters } from '../http/webhooks/index.ts';
import { sourceKinds } from '../profile/sources/index.ts';
import type { SourceKind } from '../profile/sources/source.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { TemplateRoot } from '../render/source/template-files.ts';
import { type TransportKind, transports } from '../transports/index.ts';
import { ConfigShape, type LaurelConfig } from './config.ts';
import { lineInConfig } from './place-in-config.ts';
import { configIn, configNames, packageFolder, projectFolder } from './project-folder.ts';

/** A project as its configuration says it is: the package's own things with the project's. */
export type Project = {
  /** The folder of its configuration. */
  readonly folder: string;
  /** Its file, for those that look at it again. */
  readonly file: string;
  readonly templates: readonly Template[];
  /** Where templates and brands lie. */
  readonly root: TemplateRoot;
  /** Where its own templates are written. */
  readonly ownTemplates: string;
  readonly brands: string;
  readonly fixtures: string;
  readonly policy: Policy;
  readonly sources: readonly SourceKind[];
  readonly transports: readonly TransportKind[];
  readonly adapters: readonly WebhookAdapter[];
};

const loaded = new Map<string, Promise<Project>>();

/**
 * The project of a folder, or of the working directory: read once in a process.
 * @throws TemplateError with every mistake in its configuration, each with file and line
 */
export function loadProject(folder = projectFolder()): Promise<Project> {
  const found = loaded.get(folder) ?? readProject(folder);
  loaded.set(folder, found);
  return found;
}

async function readProject(folder: string): Promise<Project> {
  const file = configIn(folder);
  if (file === undefined)
    throw new TemplateError([
      {
        file: configNames[0] ?? '',
        message: `is not in ${folder}; \`laurel init\` makes a project`,
      },
    ]);
  const source = await readFile(file, 'utf8');
  const problems: SourceProblem[] = [];
  const refuse = (path: readonly PropertyKey[], message: string) => {
    const [first, ...rest] = path.map(String);
    problems.push({
      file: basename(file),
      line: lineInConfig(source, path),
      ...(first !== undefined && { path: [first, ...rest].join('.') }),
      message,
    });
  };
  const config = await importConfig(file);
  const shape = ConfigShape.safeParse(config);
  for (const { path, message } of shape.error?.issues ?? []) refuse(path, message);
  if (!shape.success) throw new TemplateError(problems);
  const {
    templates,
    rules = [],
    blocks = [],
    sources = [],
    transports: own = [],
    webhooks = [],
  } = config;
  const library = folder === packageFolder ? undefined : await loadProject(packageFolder);
  const definitions = templates.flatMap((one, index): Template[] => {
    if (typeof one !== 'string') return [one];
    const found = library?.templates.find(({ name }) => name === one);
    if (found) return [found];
    const known = library?.templates.map(({ name }) => name).join(', ') ?? 'none';
    refuse(['templates', index], `the package has no template "${one}"; it has ${known}`);
    return [];
  });
  const { policy, problems: misplaced } = policyWith(rules, blocks);
  for (const { path, message } of misplaced) refuse(path, message);
  twice(
    definitions.map(({ name }) => name),
    'templates',
    refuse,
  );
  twice(
    [...sourceKinds, ...sources].map(({ kind }) => kind),
    'sources',
    refuse,
    sourceKinds.length,
  );
  twice(
    [...adapters, ...webhooks].map(({ name }) => name),
    'webhooks',
    refuse,
    adapters.length,
  );
  if (problems.length > 0) throw new TemplateError(problems);
  const ownTemplates = join(folder, shape.data.folder);
  const brands = join(folder, shape.data.brands);
  return {
    folder,
    file,
    templates: definitions,
    root: library
      ? { project: folder, brands, templates: [ownTemplates, library.ownTemplates] }
      : ownTemplates,
    ownTemplates,
    brands,
    fixtures: join(folder, shape.data.fixtures),
    policy,
    sources: [...sourceKinds, ...sources],
    transports: [...transports, ...own],
    adapters: [...adapters, ...webhooks],
  };
}

/** What is there already, or twice, under one name. */
function twice(
  all: readonly string[],
  list: string,
  refuse: (path: readonly PropertyKey[], message: string) => void,
  builtIn = 0,
): void {
  for (const [index, name] of all.entries())
    if (all.indexOf(name) !== index) refuse([list, index - builtIn], `there is "${name}" already`);
}

const Module = z.looseObject({
  default: z.custom<LaurelConfig>(
    (value) => typeof value === 'object' && value !== null,
    'must export a configuration as its default: export default defineConfig({ … })',
  ),
});

/** Runs it. What is written in TypeScript is read by tsx, also where Laurel itself runs built. */
async function importConfig(file: string): Promise<LaurelConfig> {
  const { href } = pathToFileURL(file);
  if (file.endsWith('.ts') && import.meta.filename.endsWith('.js')) await readTypeScript();
  const module: unknown = await import(/* @vite-ignore */ href);
  const parsed = Module.safeParse(module);
  if (parsed.success) return parsed.data.default;
  throw new TemplateError([
    { file: basename(file), line: 1, message: parsed.error.issues[0]?.message ?? 'cannot be read' },
  ]);
}

let reading: Promise<unknown> | undefined;
function readTypeScript(): Promise<unknown> {
  reading ??= import('tsx/esm/api').then(({ register }) => register());
  return reading;
}
