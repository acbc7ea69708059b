import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a project's configuration is called. */
export const configNames = ['laurel.config.ts', 'laurel.config.js', 'laurel.config.mjs'];

/** The folder of the package's own configuration: its templates are what projects build upon. */
export const packageFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const configIn = (folder: string) =>
  configNames.map((name) => join(folder, name)).find((file) => existsSync(file));

/** The nearest folder with a configuration, this one or one around it; the package's own where there is none. */
export function projectFolder(from = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (configIn(folder) !== undefined) return folder;
    if (dirname(folder) === folder) return packageFolder;
  }
}
