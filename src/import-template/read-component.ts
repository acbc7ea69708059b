import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import { isMissing } from '../core/code-of.ts';
import { PermanentError } from '../core/errors.ts';
import { cleanedComponent, declaredProps } from './component.ts';
import { newNotes } from './notes.ts';
import { componentFiles, pathsIn } from './react-imports.ts';
import type { ComponentSource } from './react.ts';

const Loaded = z.object({ default: z.custom<object>((value) => typeof value === 'function') });

/** In here no compiler setting says what JSX means, so the file does; on its first line, to keep the others' numbers. */
const automatic = '/** @jsxRuntime automatic */ ';

const read = (path: string) =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });

/**
 * Reads a component and what it imports, and runs its module for its PreviewProps: within `project`, where packages are
 * found, in a folder that is taken away again.
 * @throws PermanentError `not-a-template`
 */
export async function readComponent({
  file,
  project,
  siteUrl,
}: {
  readonly file: string;
  readonly project: string;
  readonly siteUrl: string;
}): Promise<ComponentSource> {
  const notes = newNotes();
  const path = resolve(file);
  const source = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const found = await componentFiles({ path, source, read, notes });
  const paths = pathsIn(found);
  const files = new Map(
    [...found].map(([one, text]): [string, string] => [
      paths.get(one) ?? basename(one),
      cleanedComponent(text, basename(one), siteUrl, notes),
    ]),
  );
  const [entry = ''] = files.keys();
  const folder = await mkdtemp(join(project, '.laurel-import-'));
  try {
    for (const [one, text] of files) {
      await mkdir(dirname(join(folder, one)), { recursive: true });
      await writeFile(join(folder, one), `${automatic}${text}`);
    }
    const module: unknown = await import(
      /* @vite-ignore */ pathToFileURL(join(folder, entry)).href
    ).catch((error: unknown) => {
      throw new PermanentError(
        'not-a-template',
        `${file} can’t be loaded: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    const parsed = Loaded.safeParse(module);
    if (!parsed.success)
      throw new PermanentError('not-a-template', `${file} needs a component as its default export`);
    const props: unknown = Reflect.get(parsed.data.default, 'PreviewProps');
    return { files, props, declared: declaredProps(source), notes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
