import { PermanentError } from '../../core/errors.ts';
import { type Field, newField, sampleOf, schemaOf } from './fields.ts';
import { fromHtml, fromMjml, type Imported } from './markup.ts';
import { type Notes, rewriter } from './mustaches.ts';

export type ImportSetting = {
  /** Kebab case: the folder. */
  readonly name: string;
  readonly source: string;
  readonly kind: 'mjml' | 'html';
  /** Every locale of every brand: each needs the texts. */
  readonly locales: readonly string[];
  /** Brands that get a sample. */
  readonly brands: readonly string[];
};

/** Files to write, relative to the project, and what there is to say about them. */
export type ImportResult = {
  readonly files: ReadonlyMap<string, string>;
  readonly changed: readonly string[];
  /** What needs a person. */
  readonly open: readonly string[];
};

/** Makes a template folder of a template from elsewhere. @throws PermanentError `not-a-template` */
export function importTemplate(setting: ImportSetting): ImportResult {
  const { source, kind } = setting;
  const root = newField();
  const notes = { changed: new Set<string>(), open: new Set<string>() };
  const words = rewriter(root, notes);
  if (kind === 'mjml' && !/<mjml\b/i.test(source))
    throw new PermanentError('not-a-template', 'there is no <mjml> in the file');
  const made = (kind === 'mjml' ? fromMjml : fromHtml)(source, words, notes);
  return folderOf(
    setting,
    root,
    { ...made, bodies: [['body.mjml', made.body]] },
    notes,
    words.message,
  );
}

/** The whole folder around these bodies. */
export function folderOf(
  { name, locales, brands }: Pick<ImportSetting, 'name' | 'locales' | 'brands'>,
  root: Field,
  made: Pick<Imported, 'subject' | 'preheader'> & {
    readonly bodies: readonly (readonly [string, string])[];
    /** Made of the fields' names when left out. */
    readonly sample?: unknown;
  },
  notes: Notes,
  message: (text: string) => string,
): ImportResult {
  const title = titled(name);
  const subject = message(made.subject) || title;
  const preheader = message(made.preheader) || `${title}: what you should know`;
  if (made.subject === '') notes.open.add('it had no title: write its subject into locales/');
  if (made.preheader === '') notes.open.add('it had no preheader: write one into locales/');
  if (locales.length > 1)
    notes.open.add(
      `its words are as they were; translate locales/*.json (${locales.join(', ')}), and make texts of the body {{t "…"}}`,
    );
  notes.open.add('the schema was inferred from how fields are used: make it exact');
  const args = [...`${subject} ${preheader}`.matchAll(/\{(\w+)\}/g)].map(([, one]) => one ?? '');
  root.kind = 'group';
  const files = new Map([
    ...made.bodies.map(([file, body]): [string, string] => [`templates/${name}/${file}`, body]),
    [
      `templates/${name}/template.ts`,
      definition(name, title, schemaOf(root, ''), [...new Set(args)]),
    ],
    ...locales.map((locale): [string, string] => [
      `templates/${name}/locales/${locale}.json`,
      `${JSON.stringify({ subject, preheader }, null, 2)}\n`,
    ]),
    ...brands.map((brand): [string, string] => [
      `fixtures/${brand}/samples/${name}.json`,
      `${JSON.stringify(made.sample ?? sampleOf(root), null, 2)}\n`,
    ]),
  ]);
  return { files, changed: [...notes.changed], open: [...notes.open] };
}

const titled = (name: string) => {
  const words = name.replaceAll('-', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

/** A template's name as a constant. */
const constantOf = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** What a template's definition imports, seen from its folder. */
const modules = { template: '../../src/core/template.ts', fields: '../fields.ts' } as const;

function definition(name: string, title: string, schema: string, args: readonly string[]): string {
  const fields = [/\bline\(/, /\bWebUrl\b/].flatMap((used, at) =>
    used.test(schema) ? [['line', 'WebUrl'][at] ?? ''] : [],
  );
  const given = args.map((arg) => {
    const path =
      arg.split('_').length > 1 && !schema.includes(`${arg}:`) ? arg.replaceAll('_', '.') : arg;
    return `${arg}: data.${path}${schema.includes(`${arg}: line(2000).optional()`) ? " ?? ''" : ''}`;
  });
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
