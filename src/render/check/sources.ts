import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { lineAt } from '../source/json-file.ts';
import { shownPath, type TemplateRoot } from '../source/template-files.ts';

/** Where something stands: a file relative to the project, and a line from 1. */
export type Where = { readonly file?: string; readonly line?: number };

/** Finds where a text of a finished mail comes from, as far as that can be told. */
export type FindSource = (of: {
  readonly template: string;
  readonly check: string;
  readonly locale: string;
  readonly near?: string;
}) => Where;

/** Reads the sources of templates once. */
export async function openSources(root: TemplateRoot): Promise<FindSource> {
  const places = new Map<string, string>();
  const shown = new Map<string, string>();
  for (const folder of typeof root === 'string' ? [root] : root.templates)
    for (const found of await readdir(folder, { recursive: true })) {
      const name = found.replaceAll('\\', '/');
      if (places.has(name) || !/\.(mjml|html|tsx|hbs|json)$/.test(name)) continue;
      places.set(name, join(folder, name));
      shown.set(name, shownPath(root, name));
    }
  const names = [...places.keys()].toSorted();
  const shownAs = (name: string) => shown.get(name) ?? name;
  const sources = new Map<string, string>();
  const read = (name: string) => {
    const before = sources.get(name);
    if (before !== undefined) return before;
    const source = readFileSync(places.get(name) ?? '', 'utf8');
    sources.set(name, source);
    return source;
  };
  return ({ template, check, locale, near }) => {
    const own = names.filter((name) => name.startsWith(`${template}/`));
    const words = `${template}/locales/${locale}.json`;
    if ((check === 'subject' || check === 'preheader') && own.includes(words)) {
      const at = read(words).indexOf(`"${check}"`);
      return { file: shownAs(words), line: at === -1 ? 1 : lineAt(read(words), at) };
    }
    const shared = names.filter((name) => /^(partials|blocks)\/[^/]+$/.test(name));
    if (near !== undefined)
      for (const name of [...own, ...shared]) {
        const at = read(name).indexOf(near);
        if (at !== -1) return { file: shownAs(name), line: lineAt(read(name), at) };
      }
    const body = own.find((name) =>
      (check === 'text-part' ? /\/text\.hbs$/ : /\/body\.\w+$/).test(name),
    );
    return body === undefined ? {} : { file: shownAs(body) };
  };
}
