import { dirname, extname, join, relative, sep } from 'node:path';

import { open, type Notes, placeOf } from './notes.ts';

/** Files of a component, by absolute path; the component itself first. */
export type ComponentFiles = ReadonlyMap<string, string>;

type Setting = {
  readonly path: string;
  readonly source: string;
  /** Undefined where there is no such file. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly notes: Notes;
};

const relativeImport = /(\b(?:from|import)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\2/g;
const endings = ['', '.tsx', '.ts', '.jsx', '.js', '/index.tsx', '/index.ts'];

/** A component and what it imports out of its own project, each import with the ending of its file. */
export async function componentFiles({
  path,
  source,
  read,
  notes,
}: Setting): Promise<ComponentFiles> {
  const files = new Map<string, string>([[path, source]]);
  const queue = [path];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    let text = files.get(at) ?? '';
    for (const { 0: whole, 1: before = '', 3: specifier = '', index } of text.matchAll(
      relativeImport,
    )) {
      const target = await firstThere(join(dirname(at), specifier), read);
      if (!target) {
        open(
          placeOf(at.split(sep).at(-1) ?? at, text, notes),
          index,
          `${specifier} isn’t there: put what it gives into the component`,
        );
        continue;
      }
      const [found, content] = target;
      const own = relative(dirname(at), found).split(sep).join('/');
      const written = (own.startsWith('.') ? own : `./${own}`).replace(/\.jsx?$/, '.tsx');
      text = text.replace(whole, () => `${before}'${written}'`);
      if (!files.has(found)) {
        files.set(found, content);
        queue.push(found);
      }
    }
    files.set(at, text);
  }
  return files;
}

async function firstThere(
  path: string,
  read: Setting['read'],
): Promise<[string, string] | undefined> {
  for (const ending of endings) {
    const found = `${path}${ending}`;
    if (!/^\.[jt]sx?$/.test(extname(found))) continue;
    const content = await read(found);
    if (content !== undefined) return [found, content];
  }
  return undefined;
}

/** Their paths within a template's folder: as they lie to each other, the component alone as `Component.tsx`. */
export function pathsIn(files: ComponentFiles): ReadonlyMap<string, string> {
  const paths = [...files.keys()];
  const [component = ''] = paths;
  if (paths.length === 1) return new Map([[component, 'Component.tsx']]);
  let common = dirname(component);
  while (!paths.every((one) => one.startsWith(`${common}${sep}`))) common = dirname(common);
  return new Map(
    paths.map((one) => [
      one,
      `component/${relative(common, one)
        .split(sep)
        .join('/')
        .replace(/\.jsx?$/, '.tsx')}`,
    ]),
  );
}
