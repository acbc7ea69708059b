import type { Problem } from '../core/errors.ts';
import { formatPath } from '../core/payload.ts';

/** What the data of one message may be at most. No mail says half as much. */
export const dataLimits = {
  /** Objects and lists within each other. */
  depth: 32,
  /** Lists within lists: what a template makes of them multiplies. */
  listDepth: 6,
  /** Entries of one list. */
  entries: 2_000,
  /** Values in all. */
  values: 20_000,
  /** Characters of one text. */
  characters: 100_000,
} as const;

type Place = {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
  readonly lists: number;
};

/** What of a message's data goes beyond the limits: the first thing of each kind. Walks without recursion. */
export function dataProblems(data: unknown, path: readonly PropertyKey[] = ['data']): Problem[] {
  if (fits(data)) return [];
  const problems = new Map<string, Problem>();
  const refuse = (at: readonly PropertyKey[], kind: string, message: string) => {
    if (!problems.has(kind)) problems.set(kind, { path: formatPath(at), message });
  };
  const stack: Place[] = [{ value: data, path, lists: 0 }];
  let values = 0;
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value, path: at, lists } = next;
    values += 1;
    if (typeof value === 'string' && value.length > dataLimits.characters)
      refuse(at, 'text', more(value.length, dataLimits.characters, 'characters'));
    if (typeof value !== 'object' || value === null) continue;
    if (at.length - path.length >= dataLimits.depth) {
      refuse(at, 'depth', `is nested deeper than ${dataLimits.depth} levels; send it flatter`);
      continue;
    }
    const within = Array.isArray(value) ? lists + 1 : lists;
    if (within > dataLimits.listDepth) {
      refuse(at, 'lists', `is more than ${dataLimits.listDepth} lists within each other`);
      continue;
    }
    if (Array.isArray(value) && value.length > dataLimits.entries) {
      refuse(at, 'entries', more(value.length, dataLimits.entries, 'entries'));
      continue;
    }
    const entries: (readonly [PropertyKey, unknown])[] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value);
    for (const [key, inner] of entries.toReversed())
      stack.push({ value: inner, path: [...at, key], lists: within });
  }
  if (values > dataLimits.values) refuse(path, 'values', more(values, dataLimits.values, 'values'));
  return [...problems.values()];
}

/** The same without saying what: asked for every mail, and nearly always so. */
function fits(data: unknown): boolean {
  let values = 0;
  const look = (value: unknown, depth: number, lists: number): boolean => {
    values += 1;
    if (typeof value === 'string') return value.length <= dataLimits.characters;
    if (typeof value !== 'object' || value === null) return true;
    if (depth >= dataLimits.depth || values > dataLimits.values) return false;
    if (!Array.isArray(value)) {
      for (const key in value) if (!look(Reflect.get(value, key), depth + 1, lists)) return false;
      return true;
    }
    if (lists >= dataLimits.listDepth || value.length > dataLimits.entries) return false;
    return value.every((one) => look(one, depth + 1, lists + 1));
  };
  return look(data, 0, 0) && values <= dataLimits.values;
}

const more = (count: number, most: number, what: string) =>
  `has ${count.toLocaleString('en')} ${what}, and a message at most ${most.toLocaleString('en')}; send what matters in a mail, and a link to the rest`;
