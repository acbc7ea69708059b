/** `import type { A, type B as C } from './x.ts';`, over one line or several. */
const imports = /^import (type )?\{([^}]*)\} from '(\.[^']+)';\n/gm;

/**
 * What a template of the package is in a project: its parts come from `laurel` and `laurel/react` there. What lies in its own
 * folder, and other templates, stay where they are.
 */
export function ownImports(source: string, folder: string): string {
  const wanted = new Map<string, Set<string>>();
  const rest = source.replaceAll(
    imports,
    (all, type: string | undefined, names: string, from: string) => {
      if (from.startsWith('./') || /^\.\.\/[\w-]+\/template\.ts$/.test(from)) return all;
      const inReact = /^\.\.\/(blocks|partials)\/|\/render\/|\/brand\/direction/.test(from);
      const entry = inReact ? 'laurel/react' : 'laurel';
      const set = wanted.get(entry) ?? new Set();
      for (const name of names.split(',').map((one) => one.trim()))
        if (name !== '') set.add(type && !name.startsWith('type ') ? `type ${name}` : name);
      wanted.set(entry, set);
      return '';
    },
  );
  const lines = [...wanted].map(
    ([entry, names]) => `import { ${[...names].toSorted().join(', ')} } from '${entry}';\n`,
  );
  const stray = /from '(\.\.\/[^']+)'/.exec(rest.replaceAll(/'\.\.\/[\w-]+\/template\.ts'/g, ''));
  if (stray) throw new RangeError(`${folder} imports ${stray[1]}, which no project has`);
  const at = rest.search(/^(?!import |\n)/m);
  return `${rest.slice(0, at)}${lines.join('')}${rest.slice(at).replace(/^\n*/, '\n')}`.replace(
    /^\n+/,
    '',
  );
}

/** Other templates that one is made of. */
export const templatesIn = (source: string): string[] =>
  [...source.matchAll(/from '\.\.\/([\w-]+)\/template\.ts'/g)].flatMap(([, name]) => name ?? []);
