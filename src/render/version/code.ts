import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';

import { z } from 'zod';

import type { Template } from '../../contract/template.ts';
import { viewShape } from '../handlebars/view-shape.ts';
import { reactSources } from '../react/react-source.ts';
import {
  filesIn,
  folderWith,
  type TemplateFiles,
  type TemplateRoot,
} from '../source/template-files.ts';

/**
 * What a template's code is: by path the hash of each file that its definition and its React body are made of, and, as
 * `view`, of what its looks are given. Code comes with the deployment; a version only says which it was made for.
 */
export type Code = ReadonlyMap<string, string>;

export const contentHash = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** The code of a template, of the sources or of a build: the same for both. */
export async function codeOf(root: TemplateRoot, definition: Template): Promise<Code> {
  const files = filesIn(root);
  const code = new Map([['view', contentHash(shapeText(definition))]]);
  for (const name of ['template.ts', 'template.js', 'body.tsx', 'body.js']) {
    const entry = `${definition.name}/${name}`;
    if ((await files.read(entry)) === undefined) continue;
    const folder = await folderWith(root, entry);
    for (const [file, source] of await reactSources(folder, join(folder, entry))) {
      const written = await asWritten(files, file, source);
      code.set(written.file, contentHash(written.source));
    }
  }
  return code;
}

/** Files, and `view`, that aren't the same in both, sorted. */
export function otherCode(one: Code, other: Code): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((name) => one.get(name) !== other.get(name))
    .toSorted();
}

const shapeText = (definition: Template) =>
  JSON.stringify(viewShape(definition), (_, value: unknown) =>
    value instanceof Map ? [...value].toSorted(([a], [b]) => (a < b ? -1 : 1)) : value,
  );

const SourceMap = z.object({
  sources: z.tuple([z.string()]),
  sourcesContent: z.tuple([z.string()]),
});

/** The TypeScript that a build's file was, which its source map keeps. */
async function asWritten(files: TemplateFiles, file: string, source: string) {
  const text = file.endsWith('.js') ? await files.read(`${file}.map`) : undefined;
  const map = SourceMap.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!map.success) return { file, source };
  const [original] = map.data.sources;
  const [content] = map.data.sourcesContent;
  return { file: file.replace(/\.js$/, extname(original)), source: content };
}
