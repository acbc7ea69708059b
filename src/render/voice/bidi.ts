import type { Direction } from '../../brand/direction.ts';

const arabicOrHebrew = /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFC]/;
const leftToRight = /[A-Za-z\u00C0-\u024F\u0370-\u052F]/;
const oneNumber = /^[\p{Nd}.,\u066B\u066C]*$/u;

/**
 * Keeps a value from disturbing the line it stands in: "J-20417" or "Ana (Gold)." in Arabic, «ليلى» in English. Wrapped
 * in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode UAX #9), which subject, text and html all understand, and
 * only where it runs the other way or, like a card number, would be turned round group by group.
 */
export function isolate(value: string, direction: Direction): string {
  const plain = steering.test(value) ? withoutSteering(value) : value;
  const foreign =
    direction === 'ltr'
      ? arabicOrHebrew.test(plain)
      : leftToRight.test(plain) || !(arabicOrHebrew.test(plain) || oneNumber.test(plain));
  return foreign || plain !== value ? `\u2068${plain}\u2069` : value;
}

/** What turns round the letters after it, and letters of tags, which nobody sees and programs read. Intl writes none of them. */
const steering = /[\u061C\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/u;
/** Emoji flags of countries are a black flag with tags. */
const flag = /\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F}/gu;

/** A value without what steers the text around it, or says what nobody sees. The flags of England and the like stay. */
export const withoutSteering = (value: string): string =>
  beside(flag, value, (part) => part.replace(new RegExp(steering, 'gu'), ''));

/** The same for text that has our own isolates in it, and marks of formatted numbers. */
export const withoutOverrides = (text: string): string =>
  overrides.test(text) ? beside(flag, text, (part) => part.replace(allOverrides, '')) : text;

const overrides = /[\u202A-\u202E\u2066\u2067\u{E0000}-\u{E007F}]/u;
const allOverrides = new RegExp(overrides, 'gu');

/** The same of all texts of plain data; what has none of it comes back as it is. */
export function contained<T>(value: T): T;
export function contained(value: unknown): unknown {
  if (typeof value === 'string') return steering.test(value) ? withoutSteering(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    contained(one),
  ]);
  if (entries.every(([key, one]) => Object.is(one, Reflect.get(value, key)))) return value;
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

/** Letters that are joined, or kept from it, by joiners: emoji, and scripts whose letters join. */
const joining =
  /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{M}\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Nkoo}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}]$/u;
const unseen = /(?!\p{VS}|[\u{E0000}-\u{E007F}])\p{DI}|[\uFFF9-\uFFFB]/gu;

/** A value for a header, such as a name: only what can be seen, and joiners where letters or emoji are joined. */
export const seenOnly = (value: string): string =>
  /^[ -~]*$/.test(value)
    ? value
    : withoutSteering(value).replace(unseen, (character, at: number, whole: string) =>
        (character === '\u200C' || character === '\u200D') &&
        joining.test(whole.slice(Math.max(0, at - 2), at))
          ? character
          : '',
      );

function beside(kept: RegExp, text: string, change: (part: string) => string): string {
  let written = '';
  let at = 0;
  for (const found of text.matchAll(kept)) {
    written += change(text.slice(at, found.index)) + found[0];
    at = found.index + found[0].length;
  }
  return written + change(text.slice(at));
}
