import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { z } from 'zod';

import { isMissing } from '../core/code-of.ts';
import { filesIn } from '../render/source/template-files.ts';
import { loadProject } from './load-project.ts';
import { packageFolder } from './project-folder.ts';

const SourceMap = z.object({
  sources: z.tuple([z.string()]),
  sourcesContent: z.tuple([z.string()]),
});

/** What the package's templates and brands are written as, by path within its templates folder. */
export type Library = {
  readonly names: readonly string[];
  /** Files of a folder, those below it, too: code as its author wrote it, also where the package is built. */
  readonly filesOf: (folder: string) => Promise<ReadonlyMap<string, string>>;
  /** People and data of a brand of the demo: `products.json`, `samples/welcome.json`. */
  readonly fixture: (brand: string, file: string) => Promise<string | undefined>;
};

export async function openLibrary(): Promise<Library> {
  const { templates, ownTemplates, fixtures } = await loadProject(packageFolder);
  const files = filesIn(ownTemplates);
  const filesOf = async (folder: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const name of await files.names(folder)) {
      const path = `${folder}/${name}`;
      if (!name.includes('.'))
        for (const [inner, text] of await filesOf(path)) found.set(inner, text);
      if (!name.includes('.') || /\.d\.ts$|\.map$|\.test\.tsx?$/.test(name)) continue;
      const text = (await files.read(path)) ?? '';
      const [written, source] = name.endsWith('.js') ? await asWritten(path, text) : [path, text];
      found.set(written, source);
    }
    return found;
  };
  /** The TypeScript that a build's file was, which its source map keeps. */
  const asWritten = async (path: string, text: string): Promise<[string, string]> => {
    const map = SourceMap.safeParse(JSON.parse((await files.read(`${path}.map`)) ?? 'null'));
    if (!map.success) return [path, text];
    const [original] = map.data.sources;
    return [path.replace(/\.js$/, extname(original)), map.data.sourcesContent[0]];
  };
  return {
    names: templates.map(({ name }) => name),
    filesOf,
    fixture: (brand, file) =>
      readFile(join(fixtures, brand, file), 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      }),
  };
}
