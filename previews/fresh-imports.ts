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
  const path = fileURLToPath(url);
  const [parent = ''] = (context.parentURL ?? '').split('?');
  if (!isComponent(path) && !(changing.has(parent) && showsComponents(path))) return resolved;
  changing.add(url);
  const version = versionOf(path);
  const first = firstVersions.get(url) ?? version;
  firstVersions.set(url, first);
  return { ...resolved, url: version === first ? url : `${url}?v=${version}` };
};

const isOwn = (url: string) => url.startsWith('file:') && !url.includes('/node_modules/');
/** Other code is loaded once: where it is saved, a new process begins. */
const isComponent = (path: string) => path.endsWith('.tsx');

/** Components, and other code between two of them. */
const changing = new Set<string>();
/** What a component said when it was first loaded: that module goes by its mere address. */
const firstVersions = new Map<string, string>();

/** Changes with a component and with every component it imports, through whatever else. */
function versionOf(path: string): string {
  const hash = createHash('sha256');
  const all = new Set([path]);
  for (const one of all) {
    const { text, imports } = isComponent(one) ? read(one) : readOnce(one);
    if (isComponent(one)) hash.update(text);
    for (const file of imports) if (isComponent(file) || showsComponents(file)) all.add(file);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Of other code, which never changes: whether it imports a component, through whatever other code. */
const showsComponents = memo((path: string): boolean => {
  const all = new Set([path]);
  for (const one of all)
    for (const file of readOnce(one).imports) {
      if (isComponent(file)) return true;
      if (isCode(file)) all.add(file);
    }
  return false;
});
const isCode = (path: string) => /\.[cm]?[jt]s$/.test(path);

/** What isn't there is told by whoever loads it. */
function read(path: string) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)];
  return { text, imports: imports.map(([, target = '']) => join(dirname(path), target)) };
}

const readOnce = memo(read);
