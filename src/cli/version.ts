import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** That of the package this file belongs to, in the sources or in the build. */
export function packageVersion(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder)
    folder = dirname(folder);
  const file: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file
    ? String(file.version)
    : 'unknown';
}
