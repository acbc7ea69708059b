/** What a template from elsewhere says it needs: one field, and what is known of it by how it is used. */
export type Field = {
  /** Printed, an address, a list, a group of fields, compared as a number, or only asked for. */
  kind: 'text' | 'address' | 'list' | 'group' | 'number' | 'flag';
  /** It is asked whether it is there. */
  optional: boolean;
  readonly inside: Map<string, Field>;
};

export const newField = (): Field => ({ kind: 'flag', optional: false, inside: new Map() });

/** Notes a use of `path` below `from`; what prints it says more than what asks for it. */
export function use(from: Field, path: readonly string[], kind: Field['kind']): Field {
  let field = from;
  for (const name of path) {
    if (field.kind !== 'list') field.kind = 'group';
    const next = field.inside.get(name) ?? newField();
    field.inside.set(name, next);
    field = next;
  }
  if (kind === 'flag') field.optional = true;
  else if (field.kind === 'flag' || (field.kind === 'text' && kind !== 'group')) field.kind = kind;
  return field;
}

/** The field as a zod schema, as source code. */
export function schemaOf(field: Field, indent = '  '): string {
  const optional = field.optional ? '.optional()' : '';
  const inner = `${indent}  `;
  const object = () =>
    `z.strictObject({\n${[...field.inside]
      .map(([name, one]) => `${inner}${keyOf(name)}: ${schemaOf(one, inner)},`)
      .join('\n')}\n${indent}})`;
  const written: Record<Field['kind'], () => string> = {
    text: () => `line(2000)${optional}`,
    address: () => `WebUrl${optional}`,
    number: () => `z.number()${optional}`,
    flag: () => 'z.boolean().default(false)',
    group: () => `${object()}${optional}`,
    list: () => `z.array(${field.inside.size > 0 ? object() : 'line(2000)'}).max(500)${optional}`,
  };
  return written[field.kind]();
}

const keyOf = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`);

/** Data that fits the schema, made of the fields' names. */
export function sampleOf(field: Field, name = 'value'): unknown {
  const inside = () =>
    Object.fromEntries([...field.inside].map(([key, one]) => [key, sampleOf(one, key)]));
  const made: Record<Field['kind'], () => unknown> = {
    text: () => wordsFor(name),
    address: () => addressFor(name),
    number: () => 3,
    flag: () => true,
    group: inside,
    list: () => (field.inside.size > 0 ? [inside(), inside()] : [wordsFor(name), wordsFor(name)]),
  };
  return made[field.kind]();
}

const addressFor = (name: string) =>
  `https://www.shop.example/${name.replace(/[^\w-]+/g, '-')}${/im(g|age)|logo|photo|picture|icon/i.test(name) ? '.png' : ''}`;

function wordsFor(name: string): string {
  if (/first.?name|^name$|user.?name/i.test(name)) return 'Ana';
  if (/e?mail/i.test(name)) return 'ana@example.com';
  if (/date|day/i.test(name)) return '20 November 2026';
  if (/price|total|amount|cost|tax/i.test(name)) return '€12.40';
  if (/code|id$|number/i.test(name)) return '20417';
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
}
