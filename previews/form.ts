import { z } from 'zod';

import type { Template } from '../src/contract/template.ts';
import { once } from '../src/core/once.ts';
import { valueAt } from '../src/personas/what-if.ts';
import type { Field } from './protocol.ts';
import { titled } from './words.ts';

/** As much of JSON schema as a template's data come to. */
const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
});
type Schema = z.infer<typeof Schema>;

/** Worked out once for each schema. */
const jsonOf = once((schema: z.ZodType): unknown =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
);

/** A template's data as a form: every value its schema knows, with what it is now. */
export function formOf({ schema }: Pick<Template, 'schema'>, data: unknown): Field[] {
  return fieldsOf(jsonOf(schema), data, '');
}

function fieldsOf(raw: unknown, data: unknown, path: string): Field[] {
  const { properties = {}, required = [] } = readSchema(raw);
  return Object.entries(properties).map(([name, of]) =>
    fieldOf(of, valueAt(data, name), {
      path: path === '' ? name : `${path}.${name}`,
      label: titled(name.replace(/[A-Z]/g, '-$&').toLowerCase()),
      optional: !required.includes(name),
    }),
  );
}

type About = { readonly path: string; readonly label: string; readonly optional: boolean };

function fieldOf(raw: unknown, value: unknown, about: About): Field {
  const schema = readSchema(raw);
  const base = { ...about, hint: schema.description ?? null };
  const options = (schema.enum ?? []).filter((one) => typeof one === 'string');
  if (options.length > 0)
    return { ...base, kind: 'select', options, value: typeof value === 'string' ? value : null };
  switch (typeOf(schema)) {
    case 'object':
      return { ...base, kind: 'group', fields: fieldsOf(raw, value, about.path) };
    case 'array':
      return listOf(schema, value, base);
    case 'boolean':
      return { ...base, kind: 'switch', value: typeof value === 'boolean' ? value : null };
    case 'integer':
    case 'number':
      return { ...base, kind: 'number', value: typeof value === 'number' ? value : null };
    default:
      return {
        ...base,
        kind: kinds[schema.format ?? ''] ?? 'text',
        value: typeof value === 'string' ? value : value ? JSON.stringify(value) : null,
      };
  }
}

const kinds: Readonly<Record<string, 'instant' | 'day'>> = { 'date-time': 'instant', date: 'day' };

function listOf(
  schema: Schema,
  value: unknown,
  base: About & { readonly hint: string | null },
): Field {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const entry = (one: unknown, index: number | string) => {
    const of = readSchema(schema.items);
    const path = `${base.path}.${index}`;
    return typeOf(of) === 'object'
      ? fieldsOf(schema.items, one, path)
      : [fieldOf(schema.items, one, { path, label: base.label, optional: false })];
  };
  return {
    ...base,
    kind: 'list',
    entries: list.map(entry),
    value: list,
    blank: list.at(-1) ?? blankOf(schema.items),
  };
}

/** Something of this shape to start from. */
function blankOf(raw: unknown): unknown {
  const schema = readSchema(raw);
  if (schema.enum?.length) return schema.enum[0];
  if (typeOf(schema) === 'object')
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [name, blankOf(schema.properties?.[name])]),
    );
  const blanks: Readonly<Record<string, unknown>> = {
    integer: 1,
    number: 1,
    boolean: false,
    array: [],
  };
  return blanks[typeOf(schema)] ?? 'New';
}

const typeOf = ({ type }: Schema): string =>
  (Array.isArray(type) ? type.find((one) => one !== 'null') : type) ?? '';

/** Of several shapes the first that is something; pieces that belong together are one. */
function readSchema(raw: unknown): Schema {
  const schema = Schema.parse(raw ?? {});
  const parts = [...(schema.allOf ?? [])].map(readSchema);
  const [one] = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
    .map(readSchema)
    .filter((part) => typeOf(part) !== 'null');
  return parts.reduce<Schema>(
    (all, part) => ({ ...part, ...all }),
    one ? { ...one, ...schema } : schema,
  );
}
