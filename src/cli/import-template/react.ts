import { type Field, newField } from './fields.ts';
import { folderOf, type ImportResult, type ImportSetting } from './import.ts';
import type { Notes } from './mustaches.ts';

/** A component's source without what no mail may have or this machine's environment decides. */
export function cleanedComponent(source: string, siteUrl: string, notes: Notes): string {
  const change = (from: string, pattern: RegExp, to: string, note: string) =>
    from.replace(pattern, () => {
      notes.changed.add(note);
      return to;
    });
  const environment =
    /process\.env\.\w+\s*\?\s*(`[^`]*`|'[^']*'|"[^"]*")\s*:\s*(`[^`]*`|'[^']*'|"[^"]*")/g;
  const settled = change(
    source,
    environment,
    `'${siteUrl.replace(/\/$/, '')}'`,
    'addresses the environment decided begin with the brand’s site',
  );
  return change(settled, /<Font\b[\s\S]*?\/>/g, '', 'remote fonts are left out');
}

/**
 * A React Email component as a template: the component as it is, and a body that gives it the message's data as props.
 * `props` are its PreviewProps; the schema is inferred from them.
 */
export function importReact(
  setting: Pick<ImportSetting, 'name' | 'locales' | 'brands'> & {
    /** Already cleaned. */
    readonly component: string;
    readonly props: unknown;
  },
  notes: Notes,
): ImportResult {
  const { component, props } = setting;
  const sample: unknown = JSON.parse(JSON.stringify(props ?? {}));
  if (props === undefined)
    notes.open.add(
      'it has no PreviewProps to infer a schema from: write the schema and the sample',
    );
  notes.changed.add('the component stands in Component.tsx; body.tsx gives it the data as props');
  const said = /<Preview>\s*([^<{]+?)\s*<\/Preview>/.exec(component)?.[1] ?? '';
  return folderOf(
    setting,
    fieldOf(sample),
    {
      subject: '',
      preheader: said,
      sample,
      bodies: [
        ['body.tsx', wrapper],
        ['Component.tsx', component],
      ],
    },
    notes,
    (text) => text.replace(/[{}]/g, '').replaceAll("'", '’'),
  );
}

const modules = {
  props: '../../src/render/template-props.ts',
  component: './Component.tsx',
} as const;

const wrapper = `import type { ComponentProps } from 'react';

import type { TemplateProps } from '${modules.props}';
import Component from '${modules.component}';

export default function Body({ view }: TemplateProps<ComponentProps<typeof Component>>) {
  return <Component {...view.data} />;
}
`;

/** The field a value is an example of. */
function fieldOf(value: unknown): Field {
  const field = newField();
  if (typeof value === 'string') field.kind = value.startsWith('https://') ? 'address' : 'text';
  else if (typeof value === 'number') field.kind = 'number';
  else if (Array.isArray(value)) {
    field.kind = 'list';
    const [first]: readonly unknown[] = value;
    if (typeof first === 'object' && first !== null)
      for (const [name, one] of fieldOf(first).inside) field.inside.set(name, one);
  } else if (typeof value === 'object' && value !== null) {
    field.kind = 'group';
    for (const [name, one] of Object.entries(value)) field.inside.set(name, fieldOf(one));
  }
  return field;
}
