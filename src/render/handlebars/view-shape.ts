import { z } from 'zod';

import { BrandIdentity, Programme } from '../../brand/brand.ts';
import type { Template } from '../../contract/template.ts';

/**
 * What may be found under a name, as far as it is known: names of an object's fields, a list's items, or nothing
 * known (`any`).
 */
export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'value' }
  | { readonly kind: 'list'; readonly item: Shape; readonly most?: number }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape> };

export const anyShape: Shape = { kind: 'any' };
const value: Shape = { kind: 'value' };
const object = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'object',
  fields: new Map(Object.entries(fields)),
});

/** What a template of this definition sees: its data as its schema says, the brand, the blocks it lists. */
export function viewShape({ schema }: Template): Shape {
  const brand = z.object({
    ...BrandIdentity.shape,
    programme: Programme,
    locales: z.array(z.string()),
  });
  return object({
    data: schemaShape(schema),
    brand: schemaShape(brand),
    member: object({ firstName: value }),
    links: object({ unsubscribe: value }),
    // Views of blocks are typed in code alone; which blocks there are is checked with their placing.
    blocks: anyShape,
    locale: value,
    dir: value,
    now: value,
    subject: value,
    preheader: value,
    linkedData: anyShape,
  });
}

/** The shape at a path, or the first name of it that isn't there and what is there instead. */
export function follow(
  shape: Shape,
  path: readonly string[],
): { readonly shape: Shape } | { readonly unknown: string; readonly known: readonly string[] } {
  let here = shape;
  for (const name of path) {
    if (here.kind === 'any') return { shape: anyShape };
    // Inherited names are always empty; that is all there is to say about them.
    if (name in Object.prototype) return { shape: anyShape };
    if (here.kind === 'object') {
      const next = here.fields.get(name);
      if (!next) return { unknown: name, known: [...here.fields.keys()] };
      here = next;
    } else if (here.kind === 'list')
      here = /^\d+$/.test(name) ? here.item : name === 'length' ? value : anyShape;
    else return { unknown: name, known: [] };
  }
  return { shape: here };
}

/** How many things a list has at most, for a path from the root such as `data.items`. */
export function mostOf(root: Shape, path: string): number | undefined {
  const found = follow(root, path.replace(/^@root\./, '').split(/[./]/));
  return 'shape' in found && found.shape.kind === 'list' ? found.shape.most : undefined;
}

function schemaShape(schema: z.ZodType): Shape {
  const json: unknown = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return jsonShape(json, 0);
}

function jsonShape(json: unknown, depth: number): Shape {
  if (typeof json !== 'object' || json === null || depth > 20) return anyShape;
  const options = 'anyOf' in json ? json.anyOf : 'oneOf' in json ? json.oneOf : undefined;
  if (Array.isArray(options)) {
    // Nothing, or one thing: the thing. Several things: whichever.
    const shapes = options.filter((one) => !isNull(one)).map((one) => jsonShape(one, depth + 1));
    return shapes.length === 1 || shapes.every(({ kind }) => kind === 'value')
      ? (shapes[0] ?? anyShape)
      : anyShape;
  }
  const type = 'type' in json ? json.type : undefined;
  if (type === 'array') {
    const item = jsonShape('items' in json ? json.items : undefined, depth + 1);
    const most =
      'maxItems' in json && typeof json.maxItems === 'number' ? json.maxItems : undefined;
    return most === undefined ? { kind: 'list', item } : { kind: 'list', item, most };
  }
  if (type === 'object') {
    const open = 'additionalProperties' in json && json.additionalProperties !== false;
    const properties = 'properties' in json ? json.properties : undefined;
    if (typeof properties !== 'object' || properties === null || open) return anyShape;
    const fields = Object.entries(properties).map(([name, inner]): [string, Shape] => [
      name,
      jsonShape(inner, depth + 1),
    ]);
    return { kind: 'object', fields: new Map(fields) };
  }
  return ['string', 'number', 'integer', 'boolean'].includes(String(type)) ? value : anyShape;
}

const isNull = (json: unknown) =>
  typeof json === 'object' && json !== null && 'type' in json && json.type === 'null';
