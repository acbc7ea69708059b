import type { Field } from './fields.ts';
import { type Line, plainLine } from './headline.ts';
import type { Notes } from './notes.ts';
import { schemaOf } from './schema.ts';

export type FolderSetting = {
  /** Kebab case: the folder. */
  readonly name: string;
  /** Every locale of every brand: each needs the texts. */
  readonly locales: readonly string[];
  /** Brands that get a sample and a persona. */
  readonly brands: readonly string[];
};

export type FolderContents = {
  /** Body, partials and text, by file name. */
  readonly files: ReadonlyMap<string, string>;
  readonly root: Field;
  readonly subject: Line | null;
  readonly preheader: Line | null;
  readonly sample: unknown;
  readonly notes: Notes;
};

/** The files of a template folder and its sample data, by path from the project. */
export function folderOf(
  { name, locales, brands }: FolderSetting,
  { files, root, subject, preheader, sample, notes }: FolderContents,
): ReadonlyMap<string, string> {
  const title = titleOf(name);
  if (!subject) notes.open.add('it had no title that could be the subject: write it into locales/');
  if (!preheader)
    notes.open.add(
      'it had no preheader: write one into locales/, and {{preheader}} where it is to stand in the body',
    );
  if (locales.length > 1)
    notes.open.add(
      `its words are as they were; translate locales/*.json (${locales.join(', ')}), and make texts of the body {{t "…"}}`,
    );
  const lines = {
    subject: subject ?? plainLine(title),
    preheader: preheader ?? plainLine(`${title}: what you should know`),
  };
  const words = { subject: lines.subject.message, preheader: lines.preheader.message };
  const args = new Map([...lines.subject.args, ...lines.preheader.args]);
  root.kind = 'group';
  return new Map([
    ...[...files].map(([file, text]): [string, string] => [`templates/${name}/${file}`, text]),
    [`templates/${name}/template.ts`, definition(name, title, root, args)],
    ...locales.map((locale): [string, string] => [
      `templates/${name}/locales/${locale}.json`,
      `${JSON.stringify(words, null, 2)}\n`,
    ]),
    ...brands.map((brand): [string, string] => [
      `fixtures/${brand}/samples/${name}.json`,
      `${JSON.stringify(sample, null, 2)}\n`,
    ]),
  ]);
}

export const titleOf = (name: string): string => {
  const words = name.replaceAll('-', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

/** A template's name as a constant. */
const constantOf = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** What a template's definition imports, seen from its folder. */
const modules = {
  template: '../../src/decision/define-template.ts',
  fields: '../fields.ts',
} as const;

function definition(
  name: string,
  title: string,
  root: Field,
  args: ReadonlyMap<string, string>,
): string {
  const schema = schemaOf(root, '', true);
  const fields = ['Instant', 'line', 'WebUrl'].filter((one) =>
    new RegExp(String.raw`\b${one}\b`).test(schema),
  );
  const given = [...args].map(([arg, path]) => `${arg}: data.${path.split('.').join('?.')} ?? ''`);
  return `import { z } from 'zod';

import { defineTemplate } from '${modules.template}';
${fields.length > 0 ? `import { ${fields.join(', ')} } from '${modules.fields}';\n` : ''}
/** Inferred from how the imported body uses its fields; make it exact. */
const Data = ${schema};

export const ${constantOf(name)} = defineTemplate({
  name: '${name}',
  title: '${title}',
  class: 'transactional',
  schema: Data,
  blocks: [],
  lenient: true,
  headline: (${given.length > 0 ? 'data' : ''}) => ({ ${given.join(', ')} }),
  onUnknown: 'resend',
});
`;
}

/** The registry with the template's line. */
export function registered(registry: string, name: string): string {
  const constant = constantOf(name);
  if (registry.includes(`'./${name}/template.ts'`)) return registry;
  const line = `import { ${constant} } from './${name}/template.ts';\n`;
  const lastImport = registry.lastIndexOf('import {');
  const afterImports = registry.indexOf('\n', lastImport) + 1;
  const withImport = registry.slice(0, afterImports) + line + registry.slice(afterImports);
  const end = withImport.lastIndexOf('];');
  return `${withImport.slice(0, end)}  ${constant},\n${withImport.slice(end)}`;
}
