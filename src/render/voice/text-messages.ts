import { IntlMessageFormat } from 'intl-messageformat';

import { directionOf } from '../../brand/direction.ts';
import { PermanentError } from '../../core/errors.ts';
import { memo } from '../../core/memo.ts';
import { isolate } from './bidi.ts';
import { plainMessage } from './plain-message.ts';

/** Flat ICU messages by key. */
export type MessageTexts = Readonly<Record<string, string>>;

/** The texts of one template in one brand's voice and one locale. */
export type TextMessages = {
  readonly has: (key: string) => boolean;
  /** Names a message expects besides those always known. */
  readonly argumentsOf: (key: string) => readonly string[];
  /** A message that is the same for everyone, or null. */
  readonly fixed: (key: string) => string | null;
  /** @throws PermanentError `missing-text` or `bad-text` (an argument is missing or of the wrong kind). */
  readonly text: (key: string, args?: Readonly<Record<string, unknown>>) => string;
};

type Setting = {
  readonly locale: string;
  readonly timeZone: string;
  /** First wins: brand, template, blocks. */
  readonly layers: readonly MessageTexts[];
  /** Arguments every message knows, such as `brand`. */
  readonly known: Readonly<Record<string, string>>;
  /** Where a text is written, for when something is wrong with it. */
  readonly where?: ((key: string) => string | undefined) | undefined;
};

/** Looks texts up through layers; each is compiled once, when first needed. */
export function textMessages({ locale, timeZone, layers, known, where }: Setting): TextMessages {
  const merged = new Map(layers.toReversed().flatMap((layer) => Object.entries(layer)));
  type Compiled = {
    readonly format: (values: Values) => unknown;
    /** What it needs, in order, by name. */
    readonly kinds: readonly (readonly [string, Kind])[];
  };
  const compiled = new Map<string, Compiled>();
  const decimals = new Intl.NumberFormat(locale);
  const decimal = memo((value: number) => decimals.format(value + 0));
  const direction = directionOf(locale);
  const badText = (key: string, message: string, cause?: unknown) => {
    const place = where?.(key);
    const written = place === undefined ? '' : ` (${place})`;
    return new PermanentError('bad-text', `text "${key}"${written} ${message}`, { cause });
  };
  const get = (key: string) => {
    const found = compiled.get(key);
    if (found) return found;
    const source = merged.get(key);
    if (source === undefined)
      throw new PermanentError('missing-text', `no text "${key}" in locale ${locale}`);
    const format = compileMessage(source, locale, timeZone);
    const ast = format.getAst();
    const plain = plainMessage(ast, locale);
    const entry: Compiled = {
      format: plain ?? ((values) => format.format(values)),
      kinds: [...argumentKinds(ast)],
    };
    compiled.set(key, entry);
    return entry;
  };
  const text = (key: string, args: Readonly<Record<string, unknown>> = {}): string => {
    const { format, kinds } = get(key);
    const values: Values = {};
    for (const [name, kind] of kinds) {
      const value = args[name] ?? (name in args ? null : known[name]);
      if (value === undefined) throw badText(key, `is not given {${name}}`);
      values[name] = argument(key, name, kind, value);
    }
    try {
      const result = format(values);
      return typeof result === 'string' ? result : '';
    } catch (error) {
      throw badText(key, error instanceof Error ? error.message : String(error), error);
    }
  };
  return {
    has: (key) => merged.has(key),
    argumentsOf: (key) => get(key).kinds.flatMap(([name]) => (name in known ? [] : [name])),
    fixed: (key) => (get(key).kinds.every(([name]) => name in known) ? text(key) : null),
    text,
  };

  function argument(key: string, name: string, kind: Kind, value: unknown): string | number | Date {
    const accepted = accept(kind, value);
    if (accepted === undefined)
      throw badText(key, `needs ${needs[kind]} for {${name}}, got ${shown(value)}`);
    if (kind !== 'text') return accepted;
    return typeof accepted === 'number'
      ? decimal(accepted)
      : typeof accepted === 'string'
        ? isolate(accepted, direction)
        : accepted;
  }
}

type Values = Record<string, string | number | boolean | Date>;

const needs = {
  text: 'a text or number',
  choice: 'a text or number',
  number: 'a number',
  date: 'an instant',
} as const satisfies Record<Kind, string>;

/** The value as the formatter takes it; undefined where it would print something wrong. */
function accept(kind: Kind, value: unknown): string | number | Date | undefined {
  if (typeof value === 'number' && kind !== 'date')
    return Number.isFinite(value) ? value : undefined;
  if (kind === 'date') {
    const instant = typeof value === 'string' && /T.*(Z|[+-]\d\d:\d\d)$/.test(value);
    const date = instant ? new Date(value) : value;
    return date instanceof Date && !Number.isNaN(date.getTime()) ? date : undefined;
  }
  if (kind === 'number') return undefined;
  // Nothing is a legitimate name, and a choice too: `other`.
  if (value === null) return '';
  if (typeof value === 'boolean' && kind === 'choice') return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** @throws Error where the message isn't ICU. */
export function compileMessage(
  source: string,
  locale: string,
  timeZone: string,
): IntlMessageFormat {
  const style = (options: Intl.DateTimeFormatOptions) => ({ ...options, timeZone });
  // The library's own style of the same name would be merged in.
  const clock = style({
    hour: undefined,
    minute: undefined,
    second: undefined,
    timeStyle: 'short',
  });
  return new IntlMessageFormat(
    source,
    locale,
    {
      date: {
        short: style({ day: 'numeric', month: 'short', year: 'numeric' }),
        medium: style({ day: 'numeric', month: 'short', year: 'numeric' }),
        long: style({ day: 'numeric', month: 'long', year: 'numeric' }),
        full: style({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
        dayMonth: style({ day: 'numeric', month: 'long' }),
        weekday: style({ weekday: 'long', day: 'numeric', month: 'long' }),
        monthYear: style({ month: 'long', year: 'numeric' }),
      },
      time: {
        short: clock,
        medium: clock,
      },
    },
    // Texts are plain: a "<" is a "<", never markup.
    { ignoreTag: true },
  );
}

type Ast = ReturnType<IntlMessageFormat['getAst']>;

/** What a message does with an argument. Where it does several things, the strictest counts. */
type Kind = 'text' | 'choice' | 'number' | 'date';
type Kinds = ReadonlyMap<string, Kind>;

const strictness: readonly Kind[] = ['text', 'choice', 'number', 'date'];
/** By the parser's element types: argument, number, date, time, select, plural. */
const kindOfElement: Readonly<Record<number, Kind>> = {
  1: 'text',
  2: 'number',
  3: 'date',
  4: 'date',
  5: 'choice',
  6: 'number',
};

function argumentKinds(ast: Ast): Kinds {
  const kinds = new Map<string, Kind>();
  const walk = (elements: Ast) => {
    for (const element of elements) {
      const kind = kindOfElement[element.type];
      if (kind !== undefined && 'value' in element) {
        const before = kinds.get(element.value);
        if (before === undefined || strictness.indexOf(before) < strictness.indexOf(kind))
          kinds.set(element.value, kind);
      }
      if ('options' in element && element.options)
        for (const option of Object.values(element.options)) walk(option.value);
    }
  };
  walk(ast);
  return kinds;
}

/** Names of everything a message is given. */
export const argumentNames = (ast: Ast): string[] => [...argumentKinds(ast).keys()];

const shown = (value: unknown) =>
  typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 40);
