/** What is known of a field, from weak to strong. */
const kinds = [
  'flag',
  'text',
  'lines',
  'shown',
  'email',
  'number',
  'date',
  'address',
  'group',
  'list',
] as const;

/** What a template from elsewhere says it needs: one field, and what is known of it by how it is used. */
export type Field = {
  /** `flag`: only asked for; `lines`: a text of several lines; `shown`: a text or a number, printed as it comes. */
  kind: (typeof kinds)[number];
  /** It is asked whether it is there. */
  asked: boolean;
  /** It is used where nothing was asked before. */
  always: boolean;
  /** Known from an example or a declaration: uses say no more about it. */
  given: boolean;
  /** An example had nothing there. */
  nullable: boolean;
  /** How many a list may have, where MJML counts them. */
  most: number | null;
  /** What is looped over has names rather than places. */
  keyed: boolean;
  /** The file and line it was first met at. */
  where: string;
  readonly inside: Map<string, Field>;
};

export const newField = (where = ''): Field => ({
  kind: 'flag',
  asked: false,
  always: false,
  given: false,
  nullable: false,
  most: null,
  keyed: false,
  where,
  inside: new Map(),
});

export const isOptional = ({ asked, always }: Field): boolean => asked || !always;

type Use = {
  readonly kind: Field['kind'];
  readonly where: string;
  /** Within a condition that stands between it and the thing it is a field of. */
  readonly conditional: boolean;
};

/** Notes a use of `path` below `from`; what prints it says more than what asks for it. Returns the field. */
export function use(
  from: Field,
  path: readonly string[],
  { kind, where, conditional }: Use,
): Field {
  let field = from;
  for (const name of path) {
    // `items.0.name` and `items.length` say that it is a list.
    if (/^\d+$/.test(name) || name === 'length') {
      learn(field, 'list');
      continue;
    }
    if (field.kind !== 'list') learn(field, 'group');
    if (!conditional) field.always = true;
    const next = field.inside.get(name) ?? newField(where);
    field.inside.set(name, next);
    field = next;
  }
  if (path.at(-1) !== 'length') {
    if (kind === 'flag') field.asked = true;
    else if (!conditional) field.always = true;
    learn(field, kind);
  }
  return field;
}

function learn(field: Field, kind: Field['kind']): void {
  if (!field.given && kinds.indexOf(kind) > kinds.indexOf(field.kind)) field.kind = kind;
}

/** Learns from an example of the whole data: what it has is what it is, whatever the template does with it. */
export function learnFrom(field: Field, value: unknown, optional = new Set<string>()): void {
  const kind = kindOf(value);
  if (kind === null) {
    field.asked = true;
    field.nullable ||= value === null;
    return;
  }
  field.kind = kind;
  field.given = true;
  field.always = true;
  const examples = Array.isArray(value) ? value : [value];
  for (const [at, example] of examples.entries()) {
    if (typeof example !== 'object' || example === null || example instanceof Date) continue;
    for (const [name, one] of Object.entries(example)) {
      const inner = field.inside.get(name) ?? newField(field.where);
      // One that only some of a list have may be left out.
      if (at > 0 && !inner.given) inner.asked = true;
      field.inside.set(name, inner);
      learnFrom(inner, one, optional);
      if (optional.has(name)) inner.asked = true;
    }
    for (const [name, inner] of field.inside) if (!(name in example)) inner.asked = true;
  }
}

function kindOf(value: unknown): Field['kind'] | null {
  if (value === undefined || value === null || typeof value === 'function') return null;
  if (typeof value === 'boolean') return 'flag';
  if (typeof value === 'number') return 'number';
  if (value instanceof Date) return 'date';
  if (typeof value === 'string')
    return /^https:\/\/\S+$/.test(value) ? 'address' : value.includes('\n') ? 'lines' : 'text';
  return Array.isArray(value) ? 'list' : 'group';
}

/** What a printed field is, by its name. */
export function kindByName(name: string): Field['kind'] {
  if (/(^|_)e-?mail(_?address)?$/i.test(name)) return 'email';
  if (
    /(price|total|amount|cost|tax|fee|discount|balance|shipping|charge|quantity|qty|count|points|nights|guests)$/i.test(
      name,
    )
  )
    return 'shown';
  return 'text';
}
