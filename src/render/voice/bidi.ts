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
  const foreign =
    direction === 'ltr'
      ? arabicOrHebrew.test(value)
      : leftToRight.test(value) || !(arabicOrHebrew.test(value) || oneNumber.test(value));
  return foreign ? `\u2068${value}\u2069` : value;
}
