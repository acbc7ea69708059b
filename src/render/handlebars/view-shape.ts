import { z } from 'zod';

import { BrandIdentity, Programme } from '../../brand/brand.ts';
import type { Template } from '../../contract/template.ts';
import { camelCase } from '../../core/camel-case.ts';

/** What may be found under a name: nothing known (`any`), or names and, of a list or a record, what each of its things is. */
export type Shape = 'any' | Known;
type Known = {
  /** None of a mere value: a text, a number, a date. */
  readonly fields: ReadonlyMap<string, Shape>;
  /** What a list has, and how many at most. */
  readonly items?: { readonly each: Shape; readonly most?: number };
  /** What a record has under names that aren't known beforehand. */
  readonly others?: Shape;
};

export const value: Known = { fields: new Map() };
const object = (fields: Readonly<Record<string, Shape>>): Known => ({
  fields: new Map(Object.entries(fields)),
});

const Brand = z.object({
  ...BrandIdentity.shape,
  programme: Programme,
  locales: z.array(z.string()),
});
/** The same for every template, and long. */
let brandShape: Shape | undefined;

/** What a template of this definition sees: its data as its schema says, the brand, the views of the blocks it places. */
export function viewShape({
  schema,
  blocks,
  views,
}: Pick<Template, 'schema' | 'blocks' | 'views'>) {
  const shown = blocks.flatMap((name): [string, Shape][] => {
    const view = views[name];
    return view ? [[camelCase(name), schemaShape(view)]] : [];
  });
  return object({
    data: schemaShape(schema),
    brand: (brandShape ??= schemaShape(Brand)),
    member: object({ firstName: value }),
    links: object({ unsubscribe: value, preferences: value }),
    blocks: object(Object.fromEntries(shown)),
    locale: value,
    dir: value,
    now: value,
    subject: value,
    preheader: value,
    linkedData: 'any',
  });
}

const written = new WeakMap<Known, string>();

/** The shape as a text that is another where the shape is. */
export function shapeJson(shape: Shape): string {
  if (shape === 'any') return shape;
  const before = written.get(shape);
  if (before !== undefined) return before;
  const text = JSON.stringify(shape, (_name, one: unknown) =>
    one instanceof Map ? [...one] : one,
  );
  written.set(shape, text);
  return text;
}

/** The shape at a path, or the first name of it that isn't there and what is there instead. */
export function follow(
  shape: Shape,
  path: readonly string[],
): { readonly shape: Shape } | { readonly unknown: string; readonly known: readonly string[] } {
  let here = shape;
  for (const name of path) {
    // Inherited names are always empty; that is all there is to say about them.
    if (here === 'any' || name in Object.prototype) return { shape: 'any' };
    const next = under(here, name);
    if (!next) return { unknown: name, known: namesIn(here) };
    here = next;
  }
  return { shape: here };
}

const namesIn = ({ fields, items }: Known) => [...fields.keys(), ...(items ? ['length'] : [])];

function under({ fields, items, others }: Known, name: string): Shape | undefined {
  if (items && name === 'length') return value;
  return (items && /^\d+$/.test(name) ? items.each : undefined) ?? fields.get(name) ?? others;
}

/** What each round of a loop over it is given; undefined where there is nothing to loop over. */
export function eachOf(shape: Shape): Shape | undefined {
  if (shape === 'any') return 'any';
  const all = [shape.items?.each, shape.others, ...shape.fields.values()];
  return merged(all.filter((one) => one !== undefined));
}

/** How many things a list has at most, for a path from the root such as `data.items`. */
export function mostOf(root: Shape, path: string): number | undefined {
  const found = follow(root, path.replace(/^@root\./, '').split(/[./]/));
  return 'shape' in found && found.shape !== 'any' ? found.shape.items?.most : undefined;
}

/** One of several things: each name that any of them has. */
function merged(shapes: readonly Shape[]): Shape | undefined {
  const [first, ...rest] = shapes;
  return first && rest.reduce(either, first);
}

function either(one: Shape, other: Shape): Shape {
  if (one === 'any' || other === 'any') return 'any';
  const fields = new Map(one.fields);
  for (const [name, shape] of other.fields) {
    const before = fields.get(name);
    fields.set(name, before ? either(before, shape) : shape);
  }
  const each = merged([one, other].flatMap(({ items }) => items?.each ?? []));
  const others = merged([one, other].flatMap((shape) => shape.others ?? []));
  const lists = [one, other].flatMap(({ items }) => items ?? []);
  const mosts = lists.flatMap(({ most }) => most ?? []);
  const most = mosts.length === lists.length ? Math.max(...mosts) : undefined;
  return {
    fields,
    ...(each && { items: { each, ...(most !== undefined && { most }) } }),
    ...(others && { others }),
  };
}

function schemaShape(schema: z.ZodType): Shape {
  const json = z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    // What JSON can't hold and a view may.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodDate || zodSchema instanceof z.ZodBigInt)
        jsonSchema.type = 'string';
      if (zodSchema instanceof z.ZodUndefined || zodSchema instanceof z.ZodVoid)
        jsonSchema.type = 'null';
    },
  });
  return jsonShape(json, json, 0);
}

type Json = z.core.JSONSchema._JSONSchema;
/** Things within things of the same kind are known so deep. */
const maxRefs = 3;

function jsonShape(
  json: Json | undefined,
  root: z.core.JSONSchema.BaseSchema,
  refs: number,
): Shape {
  if (typeof json !== 'object' || refs > maxRefs) return 'any';
  const inner = (one: Json | undefined) => jsonShape(one, root, refs);
  const { $ref } = json;
  if ($ref !== undefined) {
    const found = $ref === '#' ? root : root.$defs?.[$ref.replace('#/$defs/', '')];
    return jsonShape(found, root, refs + 1);
  }
  const options = json.anyOf ?? json.oneOf ?? json.allOf;
  // Nothing, or one thing: the thing.
  if (options) return merged(options.filter((one) => !isNull(one)).map(inner)) ?? value;
  if (json.type === 'array') {
    const { prefixItems = [], items, maxItems: most } = json;
    const rest = Array.isArray(items) ? items : [items].filter((one) => one !== undefined);
    const each = merged([...prefixItems, ...rest].map(inner)) ?? 'any';
    return { ...value, items: { each, ...(most !== undefined && { most }) } };
  }
  if (json.type === 'object') {
    const { properties = {}, additionalProperties: open = true } = json;
    const fields = Object.entries(properties).map(([name, one]): [string, Shape] => [
      name,
      inner(one),
    ]);
    return { fields: new Map(fields), ...(open !== false && { others: inner(open) }) };
  }
  const known = json.type ?? json.const ?? json.enum;
  return known === undefined ? 'any' : value;
}

const isNull = (json: Json) => typeof json === 'object' && json.type === 'null';
