import { isValidElement } from 'react';

import { optionalProps } from './component.ts';
import { type Field, learnFrom, newField } from './fields.ts';
import { folderOf, type FolderSetting } from './folder.ts';
import { type Line, plainLine, textOf } from './headline.ts';
import { type ImportResult, inferredOf } from './import.ts';
import { open, placeOf, type Notes } from './notes.ts';

export type ComponentSource = {
  /** Cleaned, by path within the template's folder; the component itself first. */
  readonly files: ReadonlyMap<string, string>;
  /** Its PreviewProps; undefined where it has none. */
  readonly props: unknown;
  /** Props by their declaration, where there are no PreviewProps. */
  readonly declared: Record<string, unknown> | undefined;
  readonly notes: Notes;
};

/** A React Email component as a template: the component as it is, and a body that gives it the message's data as props. */
export function importReact(
  setting: FolderSetting,
  { files, props, declared, notes }: ComponentSource,
): ImportResult {
  const [path = 'Component.tsx', component = ''] = [...files][0] ?? [];
  const example = withoutElements(props ?? declared ?? {}, '', (name) =>
    open(
      placeOf(path, component, notes),
      component.indexOf('PreviewProps'),
      `${name} is given as JSX, which no message can carry: it is left out of the data; send its words, and make elements of them in body.tsx`,
    ),
  );
  const root = newField(path);
  learnFrom(root, example, optionalProps(component));
  const sample: unknown = JSON.parse(JSON.stringify(example));
  if (props === undefined)
    open(
      placeOf(path, component, notes),
      component.lastIndexOf('export default'),
      'it has no PreviewProps: schema and sample are made of the declared props; look at both',
    );
  notes.changed.add(
    `the component stands in ${path}; body.tsx gives it the message’s data as props`,
  );
  const preheader = lineIn(/<Preview\b[^>]*>([\s\S]*?)<\/Preview>/.exec(component)?.[1]);
  const subject = lineIn(/<title\b[^>]*>([\s\S]*?)<\/title>/.exec(component)?.[1]);
  const folder = folderOf(setting, {
    files: new Map([['body.tsx', wrapperOf(path, root)], ...files]),
    root,
    subject,
    preheader,
    sample,
    notes,
  });
  return {
    files: folder,
    sample,
    inferred: inferredOf(root, 'made of the html, as React Email makes it'),
    changed: [...notes.changed],
    open: [...notes.open],
  };
}

/** An example without what only code can make; `tell` is given the name of each. */
function withoutElements(value: unknown, name: string, tell: (name: string) => void): unknown {
  if (isValidElement(value)) {
    tell(name);
    return undefined;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const inner = (one: unknown, key: string | number) =>
    withoutElements(one, name === '' ? String(key) : `${name}.${key}`, tell);
  if (Array.isArray(value)) return value.map(inner).filter((one) => one !== undefined);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      const made = inner(one, key);
      return made === undefined ? [] : [[key, made]];
    }),
  );
}

/** Words between tags; null where there is more in them than words. */
function lineIn(jsx: string | undefined): Line | null {
  if (jsx === undefined || /[<{]/.test(jsx)) return null;
  const text = textOf(jsx).trim();
  return text === '' ? null : plainLine(text);
}

/** What a body imports, seen from a template's folder. */
const propsModule = '../../src/render/react/template-props.ts';

const wrapperOf = (path: string, root: Field) => `import type { ComponentProps } from 'react';

import type { MailProps } from '${propsModule}';
import Component from './${path}';

type Props = MailProps & { readonly view: { readonly data: ComponentProps<typeof Component> } };

export default function Body({ view: { data } }: Props) {
  return <Component {...data}${datesOf(root)} />;
}
`;

/** Data carries instants as texts; the component wants dates. */
const datesOf = (root: Field): string =>
  [...root.inside]
    .filter(([, field]) => hasDates(field))
    .map(([name, field]) => ` ${name}={${dated(field, `data.${name}`)}}`)
    .join('');

const hasDates = (field: Field): boolean =>
  field.kind === 'date' || [...field.inside.values()].some(hasDates);

function dated(field: Field, from: string): string {
  if (field.kind === 'date') return `${field.asked ? `${from} && ` : ''}new Date(${from})`;
  const inner = (of: string) =>
    `{ ...${of}, ${[...field.inside]
      .filter(([, one]) => hasDates(one))
      .map(([name, one]) => `${name}: ${dated(one, `${of}.${name}`)}`)
      .join(', ')} }`;
  return field.kind === 'list' ? `${from}.map((one) => (${inner('one')}))` : inner(from);
}
