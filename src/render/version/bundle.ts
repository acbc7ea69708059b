import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, normalize } from 'node:path';

import type { TemplateSet } from '../load.ts';
import { lineAt } from '../source/json-file.ts';
import { type SourceProblem, TemplateError } from '../source/problems.ts';

/** Everything the rendering of one template needs, as it was at one time. */
export type Bundle = {
  readonly template: string;
  /** Of all of it: the version. */
  readonly hash: string;
  /** Contents by path within the templates folder. */
  readonly files: ReadonlyMap<string, Buffer>;
};

export const contentHash = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The hash of a version, from its template's name and the hashes of its files. */
function versionHash(template: string, hashes: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(`laurel template 1\n${template}\n`);
  for (const [path, content] of [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\n${content}\n`);
  return hash.digest('hex');
}

/**
 * Gathers what a template is made of from the templates folder it was loaded from.
 * @throws TemplateError where something it needs can't be kept: with the file and the line that says so
 */
export async function readBundle(
  root: string,
  set: Pick<TemplateSet, 'filesOf'>,
  template: string,
): Promise<Bundle> {
  const paths = set.filesOf(template);
  const definition = paths.some((path) => /^[^/]+\/template\.[tj]s$/.test(path));
  const files = new Map<string, Buffer>();
  const problems: SourceProblem[] = definition
    ? []
    : [{ file: template, message: 'has no template.ts, which a version has to hold' }];
  for (const path of paths) {
    const content = await readFile(join(root, path));
    files.set(path, content);
    if (/\.[tj]sx?$/.test(path)) problems.push(...strayImports(path, content.toString()));
  }
  if (problems.length > 0) throw new TemplateError(problems);
  return bundleOf(template, files);
}

/**
 * @param files contents by path
 * @throws TemplateError for a path that leads out of the templates folder
 */
export function bundleOf(template: string, files: ReadonlyMap<string, Buffer>): Bundle {
  const stray = [...files.keys()].filter(
    (path) => isAbsolute(path) || normalize(path) !== path || path.startsWith('..'),
  );
  if (stray.length > 0)
    throw new TemplateError(
      stray.map((file) => ({ file, message: 'is no path within the templates folder' })),
    );
  const hashes = new Map([...files].map(([path, content]) => [path, contentHash(content)]));
  return { template, hash: versionHash(template, hashes), files };
}

/** What a version's code imports and no version can hold: a file from elsewhere, or one it would read when it runs. */
function strayImports(file: string, source: string): SourceProblem[] {
  return [...source.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].flatMap(
    ({ index, 1: target = '' }) => {
      const at = { file, line: lineAt(source, index) };
      if (isBuiltin(target))
        return [{ ...at, message: `imports ${target}: what it reads there can't be kept with it` }];
      if (!target.startsWith('.')) return [];
      const path = normalize(join('templates', dirname(file), target));
      if (/^(templates|src)\//.test(path)) return [];
      const message = `imports ${target}, which is neither in templates/ nor Laurel's own`;
      return [{ ...at, message }];
    },
  );
}

/** Laurel's own code and the packages, which a version's code runs with: those of this process. */
export type Engine = { readonly src: string; readonly packages: string };

/**
 * Writes a version's files below `folder`, complete or not at all, and returns where its templates lie. Beside them are links
 * to what their code imports of Laurel and of packages: each installation has a copy of its own, also where several share the
 * folder. What is there already is replaced where it isn't the same.
 */
export async function writeBundle(folder: string, bundle: Bundle, engine: Engine): Promise<string> {
  const installation = contentHash(Buffer.from(`${engine.src}\n${engine.packages}`)).slice(0, 8);
  const target = join(folder, `${bundle.hash}-${installation}`);
  const root = join(target, 'templates');
  if (await isWritten(root, bundle)) return root;
  await mkdir(folder, { recursive: true });
  const draft = await mkdtemp(join(folder, 'draft-'));
  try {
    for (const [path, content] of bundle.files) {
      await mkdir(dirname(join(draft, 'templates', path)), { recursive: true });
      await writeFile(join(draft, 'templates', path), asWritten(path, content));
    }
    await writeFile(join(draft, 'package.json'), '{ "type": "module" }\n');
    await symlink(engine.src, join(draft, 'src'), 'junction');
    await symlink(engine.packages, join(draft, 'node_modules'), 'junction');
    while (!(await takesPlace(draft, target)))
      if (await isWritten(root, bundle)) break;
      else await moveAway(target, join(folder, `draft-${randomUUID()}`));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return root;
}

/** False where something is there already: another process was quicker, or somebody changed it. */
async function takesPlace(draft: string, target: string): Promise<boolean> {
  try {
    await rename(draft, target);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Out of the way in one step, so that nobody ever sees half of it. */
async function moveAway(target: string, away: string): Promise<void> {
  try {
    await rename(target, away);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await rm(away, { recursive: true, force: true });
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined;

async function isWritten(root: string, { files }: Bundle): Promise<boolean> {
  try {
    for (const [path, content] of files)
      if (!(await readFile(join(root, path))).equals(asWritten(path, content))) return false;
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Outside of the project no compiler setting says what JSX means, so the file does; on its first line, to keep the others' numbers. */
const asWritten = (path: string, content: Buffer): Buffer =>
  path.endsWith('.tsx')
    ? Buffer.concat([Buffer.from('/** @jsxRuntime automatic */ '), content])
    : content;
