/** A fact or threshold in a decision: JSON, so that it can be stored and shown. */
export type Fact =
  | string
  | number
  | boolean
  | null
  | readonly Fact[]
  | { readonly [key: string]: Fact };

/** How things are called in a sentence: names instead of ids, amounts and days as the reader writes them. */
export type Names = {
  /** The recipient, as a subject: `The member`, `Ana`. */
  readonly who: string;
  /** `40 points`, `40 stars`. */
  readonly points: (count: number) => string;
  readonly tier: (id: string) => string;
  readonly product: (id: string) => string;
  /** An ISO instant as a day. */
  readonly day: (instant: string) => string;
};

/** Ids and UTC days: what can be said without asking anything else. */
export const plainNames: Names = {
  who: 'The member',
  points: (count) => `${count.toLocaleString('en')} points`,
  tier: (id) => id,
  product: (id) => id,
  day: (instant) => instant.slice(0, 10),
};

/** A stored fact as text: `40`, `online and store`, `reason manual, since 2026-05-01T…`. */
export function factText(fact: Fact, word: 'and' | 'or' = 'and'): string {
  if (fact === null) return 'nothing';
  if (typeof fact === 'number') return fact.toLocaleString('en');
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  if (typeof fact === 'string') return fact;
  if (isList(fact)) return listed(fact, word);
  const entries = Object.entries(fact);
  return entries.length === 0
    ? 'nothing'
    : entries.map(([key, value]) => `${spaced(key)} ${factText(value)}`).join(', ');
}

export const pointsText = (fact: Fact, names: Names) =>
  typeof fact === 'number' ? names.points(fact) : factText(fact);

export function listed(fact: Fact, word: 'and' | 'or'): string {
  const items = isList(fact) ? fact.map((one) => factText(one)) : [factText(fact)];
  if (items.length === 0) return 'nothing';
  if (items.length === 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

export const tierNames = (fact: Fact, names: Names): Fact => {
  if (typeof fact === 'string') return names.tier(fact);
  return isList(fact) ? fact.map((id) => (typeof id === 'string' ? names.tier(id) : id)) : fact;
};

const isList = (fact: Fact): fact is readonly Fact[] => Array.isArray(fact);

export function fieldOf(fact: Fact, key: string): Fact | undefined {
  return typeof fact === 'object' && fact !== null && !isList(fact) ? fact[key] : undefined;
}

export function textAt(fact: Fact, key: string): string | null {
  const value = fieldOf(fact, key);
  return typeof value === 'string' ? value : null;
}

export function dayAt(fact: Fact, key: string, names: Names): string | null {
  const value = textAt(fact, key);
  return value === null || Number.isNaN(Date.parse(value)) ? null : names.day(value);
}

export const stateOf = (fact: Fact): string | null =>
  typeof fact === 'string' ? fact : textAt(fact, 'state');

export const words = (code: string) => code.replaceAll('-', ' ');
export const spaced = (key: string) =>
  key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** A sentence's beginning for the middle of another one; ids, names in capitals and `order:1001` stay as they are. */
export const midSentence = (text: string) =>
  /^(Shown|Hidden|They|The|There|It|What|Only|All|Others|Marketing|Not|Nothing)\b/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
