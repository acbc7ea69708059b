import { importBody, type MarkupSource } from './body.ts';
import { type Field, isOptional, learnFrom, newField } from './fields.ts';
import { folderOf, type FolderSetting } from './folder.ts';
import { sampleOf } from './schema.ts';

/** Files to write, relative to the project, and what there is to say about them. */
export type ImportResult = {
  readonly files: ReadonlyMap<string, string>;
  readonly sample: unknown;
  /** What was inferred, in a few lines. */
  readonly inferred: readonly string[];
  readonly changed: readonly string[];
  /** What needs a person, with file and line where there is one. */
  readonly open: readonly string[];
};

/** Makes a template folder of MJML or html from elsewhere. @throws PermanentError `not-a-template` */
export function importTemplate(
  setting: FolderSetting &
    MarkupSource & {
      /** An example of its data, which says more than how fields are used. */
      readonly data?: unknown;
    },
): ImportResult {
  const root = newField(setting.file);
  if (setting.data !== undefined) learnFrom(root, setting.data);
  const { body, partials, text, notes, subject, preheader } = importBody(setting, root);
  const files = new Map([[`body.${setting.kind}`, body], ...partials]);
  if (text !== null) files.set('text.hbs', text);
  root.kind = 'group';
  const sample = setting.data ?? sampleOf(root);
  const folder = folderOf(setting, { files, root, subject, preheader, sample, notes });
  return {
    files: folder,
    sample,
    inferred: inferredOf(
      root,
      text === null ? 'made of the html, with its conditions' : 'text.hbs',
    ),
    changed: [...notes.changed],
    open: [...notes.open],
  };
}

/** What was inferred of the data, and where the text part comes from. */
export function inferredOf(root: Field, text: string): readonly string[] {
  const fields = [...listed(root, '')];
  const named = (kind: Field['kind']) =>
    fields.filter(([, field]) => field.kind === kind).map(([name]) => name);
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['texts', [...named('text'), ...named('lines')]],
    ['texts or numbers, printed as they come (amounts, quantities)', named('shown')],
    ['numbers', named('number')],
    ['e-mail addresses', named('email')],
    ['web addresses, https', named('address')],
    ['instants', named('date')],
    ['yes or no', named('flag')],
    ['lists', named('list')],
    ['may be left out', fields.filter(([, field]) => isOptional(field)).map(([name]) => name)],
    ['text part', [text]],
  ];
  return lines.flatMap(([what, names]) =>
    names.length > 0 ? [`${what}: ${names.join(', ')}`] : [],
  );
}

function* listed(field: Field, path: string): Generator<[string, Field]> {
  for (const [name, one] of field.inside) {
    const own = `${path}${name}`;
    yield [own, one];
    yield* listed(one, one.kind === 'list' ? `${own}[].` : `${own}.`);
  }
}
