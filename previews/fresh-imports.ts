import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ResolveHook } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { memo } from '../src/core/memo.ts';

/**
 * Module hooks: a saved component is loaded anew, and with it whatever imports it, so that it is seen by everything that
 * shows it; all others stay the modules they are. Packages do too: there is one React.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  const [url = '', query] = resolved.url.split('?');
  if (!isOwn(url) || (query !== undefined && !/^v=\w+$/.test(query))) return resolved;
  const [parent = ''] = (context.parentURL ?? '').split('?');
  if (!url.endsWith('.tsx') && !within.has(parent)) return resolved;
  within.add(url);
  const version = versionOf(fileURLToPath(url));
  const first = firstVersions.get(url) ?? version;
  firstVersions.set(url, first);
  return { ...resolved, url: version === first ? url : `${url}?v=${version}` };
};

const isOwn = (url: string) => url.startsWith('file:') && !url.includes('/node_modules/');

/** Components, and what they import. */
const within = new Set<string>();
/** What a component said when it was first loaded: that module goes by its mere address. */
const firstVersions = new Map<string, string>();

/** Changes with a component and with every component it imports, through whatever else. Other code changes with its process. */
function versionOf(path: string): string {
  const hash = createHash('sha256');
  const all = new Set([path]);
  for (const one of all) {
    const isComponent = one.endsWith('.tsx');
    const { text, imports } = isComponent ? read(one) : other(one);
    if (isComponent) hash.update(text);
    for (const file of imports) all.add(file);
  }
  return hash.digest('hex').slice(0, 12);
}

/** What isn't there is told by whoever loads it. */
function read(path: string) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)];
  return { text, imports: imports.map(([, target = '']) => join(dirname(path), target)) };
}

const other = memo(read);
