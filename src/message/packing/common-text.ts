import { dictionaryOf, pack } from './pack.ts';

/** A text of a kind, and whom it is about. */
export type Sample = { readonly of: string; readonly text: string };

/** What fewer people have in common is left out: a dictionary stays when those it was made from are forgotten. */
const leastPeople = 8;
/** Characters. Each text that is packed pays for reading all of it. */
const mostText = 6_000;
/** What is shorter is no shorter when it is found. */
const leastText = 6;
/** So many of the most useful are looked at. */
const mostLooks = 1_500;

/**
 * What JSON texts have in common, the most useful last: objects and lists with what differs left blank, fields and
 * values. Nothing is in it that isn't alike in texts about eight people; what differs is blank, whatever stands around it.
 */
export function commonText(samples: readonly Sample[]): string {
  const people = new Map<string, Set<string>>();
  const see = (text: string, of: string) => {
    const seen = people.get(text);
    if (seen) seen.add(of);
    else people.set(text, new Set([of]));
  };
  const documents = samples.map(({ of, text }): Document => ({ of, value: JSON.parse(text) }));
  for (const { of, value } of documents) leaves(value, (text) => see(text, of));
  const isCommon = (text: string) => (people.get(text)?.size ?? 0) >= leastPeople;
  const common = new Set([...people.keys()].filter(isCommon));
  for (const { of, value } of documents) {
    shapes(value, common, false, (text) => see(text, of));
    shapes(value, common, true, (text) => see(text, of));
  }
  const useful = [...people]
    .filter(([text, { size }]) => size >= leastPeople && text.length >= leastText)
    .map(([text, { size }]) => ({ text, use: size * text.length }))
    .toSorted((one, other) => other.use - one.use)
    .slice(0, mostLooks);
  let chosen = '';
  for (const { text } of useful)
    if (chosen.length + text.length <= mostText && isNew(text, chosen)) chosen = text + chosen;
  return chosen;
}

/** Whether it says more than a few words that what is there doesn't. */
function isNew(text: string, there: string): boolean {
  if (there.includes(text)) return false;
  return pack(text, dictionaryOf(there)).length > 14 + text.length / 10;
}

type Document = { readonly of: string; readonly value: unknown };

const fieldsOf = (value: object): (readonly [name: string, inner: unknown])[] =>
  Object.entries(value).map(([name, inner]) => [`${JSON.stringify(name)}:`, inner]);

/** Tells each name of a field, each value, and both together. */
function leaves(value: unknown, tell: (text: string) => void, name = ''): void {
  if (Array.isArray(value)) for (const inner of value) leaves(inner, tell);
  else if (typeof value === 'object' && value !== null)
    for (const [field, inner] of fieldsOf(value)) {
      tell(field);
      leaves(inner, tell, field);
    }
  else {
    const text = JSON.stringify(value);
    tell(text);
    if (name !== '') tell(name + text);
  }
}

/** Tells each object and list, its names and values blank where they aren't common, or where all values are to be. */
function shapes(
  value: unknown,
  common: ReadonlySet<string>,
  allBlank: boolean,
  tell: (text: string) => void,
): string {
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value);
    if (!allBlank && common.has(text)) return text;
    return typeof value === 'string' ? '""' : '0';
  }
  const inside = (inner: unknown) => shapes(inner, common, allBlank, tell);
  const text = Array.isArray(value)
    ? `[${value.map(inside).join(',')}]`
    : `{${fieldsOf(value)
        .filter(([name]) => common.has(name))
        .map(([name, inner]) => name + inside(inner))
        .join(',')}}`;
  tell(text);
  return text;
}
