import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { isMissing } from '../../core/code-of.ts';
import { TemplateError } from '../source/problems.ts';

/** Sources of a React template and of what it imports out of the templates folder, by file name relative to it. */
export async function reactSources(root: string, entry: string): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const queue = [entry];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const file = relative(root, path).split(sep).join('/');
    if (file.startsWith('..') || sources.has(file)) continue;
    const source = await readSource(path, file);
    sources.set(file, source);
    for (const [, target] of source.matchAll(/\b(?:from|import)\s+['"](\.[^'"]+)['"]/g))
      queue.push(join(dirname(path), target ?? ''));
  }
  return sources;
}

async function readSource(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new TemplateError([{ file, message: 'is imported but is not there' }]);
  }
}
