import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { PermanentError } from '../../core/errors.ts';
import type { Library } from '../../project/library.ts';
import { ownImports, templatesIn } from './own-imports.ts';

/** What was taken from which package: `laurel outdated` tells what has changed there since. */
export const Taken = z.record(
  z.string(),
  z.strictObject({ version: z.string(), hash: z.string() }),
);
export type Taken = z.infer<typeof Taken>;

const takenFile = 'laurel-library.json';
export const hashOf = (text: string) =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Of a project, what was taken from the package; nothing where nothing was. */
export async function readTaken(templates: string): Promise<Taken> {
  const file = join(templates, takenFile);
  return existsSync(file) ? Taken.parse(JSON.parse(await readFile(file, 'utf8'))) : {};
}

/**
 * Copies a template of the package into a project's templates, and what it is made of that isn't in the package's entry points.
 * Returns the files, relative to that folder. @throws PermanentError `exists`
 */
export async function copyTemplate(
  library: Library,
  name: string,
  { templates, version }: { readonly templates: string; readonly version: string },
): Promise<string[]> {
  if (existsSync(join(templates, name)))
    throw new PermanentError('exists', `there is a template ${name} of your own already`);
  const files = await library.filesOf(name);
  const taken: Taken = { ...(await readTaken(templates)) };
  const written: string[] = [];
  for (const [path, text] of files) {
    const place = join(templates, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, /\.tsx?$/.test(path) ? ownImports(text, name) : text);
    taken[path] = { version, hash: hashOf(text) };
    written.push(path);
  }
  await writeFile(join(templates, takenFile), `${JSON.stringify(taken, null, 2)}\n`);
  for (const other of new Set([...files.values()].flatMap(templatesIn)))
    if (!existsSync(join(templates, other)))
      written.push(...(await copyTemplate(library, other, { templates, version })));
  return written;
}
