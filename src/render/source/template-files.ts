import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isMissing } from '../../core/missing-file.ts';

/** What a templates folder holds, by paths within it (`shipped/body.mjml`), wherever it lies. */
export type TemplateFiles = {
  /** A file's text; undefined where there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Names in a folder, sorted; none where there is no such folder. */
  readonly names: (folder: string) => Promise<readonly string[]>;
};

/** Those of a folder on disk. */
export const filesIn = (root: string): TemplateFiles => ({
  read: (path) => readFile(join(root, path), 'utf8').catch(ifMissing(undefined)),
  names: async (folder) => {
    const names: readonly string[] = await readdir(join(root, folder)).catch(ifMissing([]));
    return names.toSorted();
  },
});

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
