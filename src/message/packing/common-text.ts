import { dictionaryOf, pack } from './pack.ts';

/** A text of a kind, and whom it is about. */
export type Sample = { readonly of: string; readonly text: string };

/** What fewer people have in common is left out: a dictionary stays when those it was made from are forgotten. */
const leastPeople = 5;
/** Characters. Each text that is packed pays for reading all of it. */
const mostText = 6_000;
/** What is shorter is no shorter when it is found. */
const leastText = 6;
/** Bytes in which what is there already can be said again, beside a tenth of a text. */
const leastNew = 14;
/** So many of the most useful are looked at. */
const mostLooks = 1_500;

/**
 * What JSON texts have in common, the most useful last: objects and lists with what differs left blank, fields and
 * values. Nothing is in it that isn't alike in texts about five people; what differs is blank, whatever stands around it.
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
    for (const blank of blanks) shapes(value, common, blank, (text) => see(text, of));
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
  return pack(text, dictionaryOf(there)).length > leastNew + text.length / 10;
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

/** What is blank beside what isn't common: prices and counts keep lists from being alike, texts too. */
const blanks = ['nothing', 'numbers', 'all'] as const;

/** Tells each object and list, names and values blank. */
function shapes(
  value: unknown,
  common: ReadonlySet<string>,
  blank: (typeof blanks)[number],
  tell: (text: string) => void,
): string {
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value);
    const kept = blank === 'nothing' || (blank === 'numbers' && typeof value !== 'number');
    if (kept && common.has(text)) return text;
    return typeof value === 'string' ? '""' : '0';
  }
  const inside = (inner: unknown) => shapes(inner, common, blank, tell);
  const text = Array.isArray(value)
    ? `[${value.map(inside).join(',')}]`
    : `{${fieldsOf(value)
        .filter(([name]) => common.has(name))
        .map(([name, inner]) => name + inside(inner))
        .join(',')}}`;
  tell(text);
  return text;
}
