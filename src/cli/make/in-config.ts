import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { camelCase } from '../../core/camel-case.ts';
import type { Project } from '../../project/load-project.ts';
import { placeInList } from '../../project/place-in-config.ts';

/** Something of a project's own: in which list of its configuration, and in which file its one export is. */
type Made = {
  readonly list: 'templates' | 'rules' | 'blocks' | 'sources' | 'transports' | 'webhooks';
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
};

/** Writes a new thing's line into the configuration. Returns what was done, or where that can't be seen, what to write. */
export async function inConfig(
  { file: config }: Pick<Project, 'file'>,
  { list, name, file }: Made,
): Promise<string> {
  const source = await readFile(config, 'utf8');
  const word = camelCase(name);
  const line = `import { ${word} } from './${file}';`;
  const changed = placeInList(source, list, { name, word });
  const by = basename(config);
  if (changed === undefined) return `Write into ${by}: ${line} and ${word} in its list of ${list}`;
  const imports = [...changed.matchAll(/^(import [^;]*;)\n/gm)].at(-1);
  const at = imports ? imports.index + imports[0].length : 0;
  await writeFile(
    join(dirname(config), by),
    `${changed.slice(0, at)}${line}\n${changed.slice(at)}`,
  );
  return `${by}: ${word} is among its ${list}`;
}
