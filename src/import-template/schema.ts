import { type Field, isOptional } from './fields.ts';

/** The field as a zod schema, as source code. */
export function schemaOf(field: Field, indent = '  ', outermost = false): string {
  const may = field.given && !field.nullable ? '.optional()' : '.nullish()';
  const optional = !outermost && isOptional(field) ? may : '';
  const inner = `${indent}  `;
  const object = () =>
    field.inside.size === 0
      ? 'z.record(z.string(), z.unknown())'
      : `z.strictObject({\n${[...field.inside]
          .map(([name, one]) => `${inner}${keyOf(name)}: ${schemaOf(one, inner)},`)
          .join('\n')}\n${indent}})`;
  const written: Record<Field['kind'], () => string> = {
    text: () => `line(2000)${optional}`,
    lines: () => `z.string().max(20_000)${optional}`,
    shown: () => `z.union([line(200), z.number()])${optional}`,
    email: () => `z.email()${optional}`,
    address: () => `WebUrl${optional}`,
    date: () => `Instant${optional}`,
    number: () => `z.number()${optional}`,
    flag: () =>
      field.given
        ? `z.boolean()${optional}`
        : 'z.union([z.boolean(), z.string(), z.number()]).nullish()',
    group: () => `${object()}${optional}`,
    list: () => {
      const item = field.inside.size > 0 ? object() : 'line(2000)';
      const list = field.keyed
        ? `z.record(z.string(), ${item})`
        : `z.array(${item}).max(${field.most ?? 500})`;
      return `${list}${optional}`;
    },
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
    lines: () => wordsFor(name),
    shown: () => (/quantity|qty|count|nights|guests/i.test(name) ? 2 : wordsFor(name)),
    email: () => 'ana@example.com',
    address: () => addressFor(name),
    date: () => '2026-11-20T09:00:00Z',
    number: () => 3,
    flag: () => true,
    group: inside,
    list: () => {
      const item = () => (field.inside.size > 0 ? inside() : wordsFor(name));
      return field.keyed ? { one: item(), other: item() } : [item(), item()];
    },
  };
  return made[field.kind]();
}

const addressFor = (name: string) =>
  `https://www.shop.example/${name.replace(/[^\w-]+/g, '-')}${/im(g|age)|logo|photo|picture|icon/i.test(name) ? '.png' : ''}`;

function wordsFor(name: string): string {
  if (/first.?name|^name$|user.?name/i.test(name)) return 'Ana';
  if (/date|day|_at$/i.test(name)) return '20 November 2026';
  if (/price|total|amount|cost|tax|fee|discount|balance|shipping|charge/i.test(name))
    return '12.40';
  if (/code|id$|number/i.test(name)) return '20417';
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
}
