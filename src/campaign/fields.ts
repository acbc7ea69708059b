import { z } from 'zod';

/** Of a JSON schema, what says how a text becomes a value. */
const Node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
});
type Node = z.infer<typeof Node>;

/** Fields of a template's data by name, those of nested objects as `price.amount`. */
export type Fields = ReadonlyMap<string, readonly Node[]>;

const known = new WeakMap<z.ZodType, Fields>();

/** The fields a template's data may have. */
export function fieldsOf(schema: z.ZodType): Fields {
  const earlier = known.get(schema);
  if (earlier) return earlier;
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    cycles: 'ref',
    reused: 'inline',
  });
  const fields = new Map<string, Node[]>();
  collect(Node.parse(json), '', fields);
  known.set(schema, fields);
  return fields;
}

function collect(node: Node, before: string, into: Map<string, Node[]>): void {
  for (const one of alternatives(node))
    for (const [name, inner] of Object.entries(one.properties ?? {})) {
      const path = before === '' ? name : `${before}.${name}`;
      const field = Node.parse(inner);
      into.set(path, [...(into.get(path) ?? []), ...alternatives(field)]);
      collect(field, path, into);
    }
}

const alternatives = (node: Node): Node[] => {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return inner.length === 0 ? [node] : inner.flatMap((one) => alternatives(Node.parse(one)));
};

/**
 * A cell of a table as the value its field wants: a number, yes or no, a list or object written as JSON, else the text itself. What can't
 * be read so stays a text, and the schema says what is wrong with it.
 */
export function valueOf(nodes: readonly Node[], text: string): unknown {
  const types = new Set(nodes.flatMap(typesOf));
  if (types.has('string')) return text;
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text);
  if (types.has('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const typesOf = ({ type, const: only, enum: some }: Node): string[] =>
  type === undefined
    ? [...(only === undefined ? [] : [only]), ...(some ?? [])].map((one) => typeof one)
    : [type].flat();

/** Sets `price.amount` in an object of objects. */
export function setField(data: Record<string, unknown>, path: string, value: unknown): void {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    data[name] = value;
    return;
  }
  const inner = z.record(z.string(), z.unknown()).safeParse(data[name]);
  const object = inner.success ? { ...inner.data } : {};
  setField(object, rest.join('.'), value);
  data[name] = object;
}
