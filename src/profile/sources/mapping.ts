import { z } from 'zod';

import type { Programme } from '../../brand/brand.ts';
import { shownTier } from '../../brand/tiers.ts';
import { Path, pick } from './path.ts';

const Json = z.json();
const conversions = [
  'int',
  'number',
  'text',
  'boolean',
  'instant',
  'day',
  'epoch-seconds',
  'epoch-millis',
  'list',
  'tier',
  'current-tier',
] as const;

const Leaf = z.strictObject({
  from: Path,
  /** The source's words to ours: `{ "G": "gold" }`. A word that isn't in here is a wrong value. */
  values: z.record(z.string(), Json).optional(),
  as: z.enum(conversions).optional(),
});
type Leaf = z.output<typeof Leaf>;

/** How one field, or a part of it, is read from an answer. */
export type Mapping =
  | Leaf
  | { readonly value: z.infer<typeof Json> }
  | { readonly object: Readonly<Record<string, Mapping>> }
  | { readonly list: Path; readonly each: Mapping };
export const Mapping: z.ZodType<Mapping> = z.lazy(() =>
  z.union(
    [
      Path.transform((from): Leaf => ({ from })),
      Leaf,
      z.strictObject({ value: Json }),
      z.strictObject({ object: z.record(z.string(), Mapping) }),
      z.strictObject({ list: Path, each: Mapping }),
    ],
    {
      error: `must be a path such as "points.available", or one of {from, as, values}, {value}, {object}, {list, each}; as is one of ${conversions.join(', ')}`,
    },
  ),
);

/** What a mapping finds. Words only: a wrong value itself is somebody's data. */
export type Found =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'wrong'; readonly message: string };

/** What conversions need to know besides the answer. */
export type Surroundings = {
  readonly programme: Programme;
  readonly locale: string;
  readonly asOf: Date;
};

const absent: Found = { kind: 'absent' };
const value = (one: unknown): Found => ({ kind: 'value', value: one });
const wrong = (message: string): Found => ({ kind: 'wrong', message });

/** Reads one value out of an answer. Pure. Null is a value; a path that leads nowhere is absent. */
export function readMapping(mapping: Mapping, answer: unknown, around: Surroundings): Found {
  if ('value' in mapping) return value(mapping.value);
  if ('object' in mapping) return readObject(mapping.object, answer, around);
  if ('list' in mapping) {
    const items = pick(answer, mapping.list);
    if (items === undefined) return absent;
    if (!Array.isArray(items)) return wrong('is not a list');
    if (items.length > 1_000) return wrong('has over 1,000 items');
    const read = items.map((item) => readMapping(mapping.each, item, around));
    const bad = read.find((one) => one.kind !== 'value');
    if (bad) return bad.kind === 'wrong' ? bad : wrong('has an item without what it needs');
    return value(read.map((one) => (one.kind === 'value' ? one.value : null)));
  }
  return readLeaf(mapping, answer, around);
}

function readObject(
  parts: Readonly<Record<string, Mapping>>,
  answer: unknown,
  around: Surroundings,
): Found {
  const entries: [string, unknown][] = [];
  let told = false;
  for (const [name, mapping] of Object.entries(parts)) {
    const part = readMapping(mapping, answer, around);
    if (part.kind === 'wrong') return wrong(`${name} ${part.message}`);
    if (part.kind === 'absent') continue;
    entries.push([name, part.value]);
    // Constants alone say nothing about her.
    told ||= !('value' in mapping);
  }
  return told ? value(Object.fromEntries(entries)) : absent;
}

function readLeaf({ from, values, as }: Leaf, answer: unknown, around: Surroundings): Found {
  const raw = plain(pick(answer, from));
  if (raw === undefined) return absent;
  if (values === undefined) return raw === null ? value(null) : converted(raw, as, around);
  const word = raw === null ? 'null' : isScalar(raw) ? String(raw) : undefined;
  if (word === undefined || !Object.hasOwn(values, word))
    return wrong('is a word that values does not list');
  const mapped = values[word];
  return mapped === null || mapped === undefined ? value(null) : converted(mapped, as, around);
}

/** Databases give dates. */
const plain = (raw: unknown) =>
  raw instanceof Date && !Number.isNaN(raw.getTime()) ? raw.toISOString() : raw;

const isScalar = (raw: unknown): raw is string | number | boolean =>
  typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean';

function converted(raw: unknown, as: Leaf['as'], around: Surroundings): Found {
  switch (as) {
    case undefined:
      return value(raw);
    case 'int':
      return numeric(raw, /^[+-]?\d{1,15}(\.0+)?$/, Number.isSafeInteger, 'a whole number');
    case 'number':
      return numeric(raw, /^[+-]?\d{1,15}(\.\d{1,15})?$/, Number.isFinite, 'a number');
    case 'text':
      return isScalar(raw) ? value(String(raw)) : wrong('is not a text');
    case 'boolean': {
      const yes = raw === true || raw === 'true' || raw === 1 || raw === '1';
      const no = raw === false || raw === 'false' || raw === 0 || raw === '0';
      return yes || no ? value(yes) : wrong('is neither true nor false');
    }
    case 'instant':
      return instant(typeof raw === 'string' && hasOffset.test(raw) ? Date.parse(raw) : NaN);
    case 'day':
      return instant(
        typeof raw === 'string' && /^\d{4}-\d\d-\d\d$/.test(raw)
          ? Date.parse(`${raw}T00:00:00Z`)
          : NaN,
      );
    case 'epoch-seconds':
      return instant(Number(isScalar(raw) && raw !== '' ? raw : NaN) * 1000);
    case 'epoch-millis':
      return instant(Number(isScalar(raw) && raw !== '' ? raw : NaN));
    case 'list':
      if (typeof raw !== 'string') return wrong('is not a text');
      return value(
        raw
          .split(/[,;|]/)
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      );
    case 'tier':
    case 'current-tier':
      return tier(raw, as, around);
    default:
      return as satisfies never;
  }
}

const hasOffset = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function numeric(
  raw: unknown,
  form: RegExp,
  fits: (number: number) => boolean,
  what: string,
): Found {
  const number =
    typeof raw === 'number' ? raw : typeof raw === 'string' && form.test(raw) ? Number(raw) : NaN;
  return fits(number) ? value(number) : wrong(`is not ${what}`);
}

function instant(time: number): Found {
  return Number.isFinite(time) && Math.abs(time) < 8e15
    ? value(new Date(time).toISOString())
    : wrong('is not a time such as 2026-05-04T14:05:00Z');
}

/** A tier of the programme by its id; for the current one, the rest of what a profile says of it. */
function tier(
  raw: unknown,
  as: 'tier' | 'current-tier',
  { programme, locale, asOf }: Surroundings,
): Found {
  const place = programme.tiers.findIndex(({ id }) => id === raw);
  const found = programme.tiers[place];
  if (!found) return wrong('is not the id of a tier of the programme');
  const shown = shownTier(found, place, locale);
  if (as === 'tier') return value(shown);
  const effectiveAt = asOf.toISOString();
  return value({ ...shown, effectiveAt, expiresAt: null, changeReason: 'told-by-source' });
}
