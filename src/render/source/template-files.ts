import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { isMissing } from '../../core/code-of.ts';

/** What a templates folder holds, by paths within it (`shipped/body.mjml`), wherever it lies. */
export type TemplateFiles = {
  /** A file's text; undefined where there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Names in a folder, sorted; none where there is no such folder. */
  readonly names: (folder: string) => Promise<readonly string[]>;
};

/** A project's folders. What is in none of its own is the package's of the same name. */
export type ProjectFolders = {
  /** What paths are told from. */
  readonly project: string;
  /** Folders of templates, the first one first. */
  readonly templates: readonly string[];
  readonly brands: string;
};

/** Where templates lie: in one folder that has `brands` in it, or in a project's. */
export type TemplateRoot = string | ProjectFolders;

/** Those on disk. */
export const filesIn = (root: TemplateRoot): TemplateFiles =>
  typeof root === 'string' ? filesOn(root) : layered(root);

const filesOn = (root: string): TemplateFiles => ({
  read: (path) => readFile(join(root, path), 'utf8').catch(ifMissing(undefined)),
  names: async (folder) => {
    const names: readonly string[] = await readdir(join(root, folder)).catch(ifMissing([]));
    return names.toSorted();
  },
});

/** A body of one's own comes instead of the package's with its text; a definition instead of the package's, whether built or not. */
const takesPlace = [
  { own: /^body\.\w+$/, of: /^(body\.\w+|text\.hbs)$/ },
  { own: /^template\.[jt]s$/, of: /^template\.[jt]s$/ },
];
const isHidden = (name: string, above: readonly string[]) =>
  takesPlace.some(({ own, of }) => of.test(name) && above.some((one) => own.test(one)));

/** The folder that each file of a folder comes from. */
async function placesIn(
  { templates, brands }: ProjectFolders,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  if (/^brands(\/|$)/.test(folder)) {
    const at = join(brands, folder.slice('brands'.length));
    return new Map((await filesOn(at).names('')).map((name) => [name, at]));
  }
  const places = new Map<string, string>();
  for (const root of templates) {
    const above = [...places.keys()];
    for (const name of await filesOn(root).names(folder))
      if (!places.has(name) && !isHidden(name, above)) places.set(name, join(root, folder));
  }
  return places;
}

const split = (path: string): [folder: string, name: string] => {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
};

function layered(root: ProjectFolders): TemplateFiles {
  return {
    read: async (path) => {
      const [folder, name] = split(path);
      const place = (await placesIn(root, folder)).get(name);
      return place === undefined ? undefined : filesOn(place).read(name);
    },
    names: async (folder) => [...(await placesIn(root, folder)).keys()].toSorted(),
  };
}

/** The templates folder that a file is in; the first one, where it is in none. */
export async function folderWith(root: TemplateRoot, path: string): Promise<string> {
  if (typeof root === 'string') return root;
  const [folder, name] = split(path);
  const place = (await placesIn(root, folder)).get(name);
  const found = root.templates.find((one) => place === join(one, folder));
  return found ?? root.templates[0] ?? root.project;
}

/** A file as people know it: from the project's folder. */
export function shownPath(root: TemplateRoot, path: string): string {
  if (/^(templates|fixtures|src)\//.test(path)) return path;
  if (typeof root === 'string') return `templates/${path}`;
  const places = path.startsWith('brands/')
    ? [join(root.brands, path.slice('brands/'.length))]
    : root.templates.map((one) => join(one, path));
  const place = places.find((one) => existsSync(one)) ?? places[0] ?? path;
  return relative(root.project, place).split(sep).join('/');
}

/** Those of a published version, which are on no disk: a path is a name among these, and leads nowhere else. */
export const filesOf = (contents: ReadonlyMap<string, string>): TemplateFiles => ({
  read: (path) => Promise.resolve(contents.get(path)),
  names: (folder) => {
    const within = [...contents.keys()].filter((path) => path.startsWith(`${folder}/`));
    const names = within.map((path) => path.slice(folder.length + 1).replace(/\/.*$/s, ''));
    return Promise.resolve([...new Set(names)].toSorted());
  },
});

const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead;
    throw error;
  };
