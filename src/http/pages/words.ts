import type { PageWords } from './page-words.ts';
import { ar } from './words/ar.ts';
import { de } from './words/de.ts';
import { en } from './words/en.ts';
import { fr } from './words/fr.ts';

const words = { en, de, fr, ar } satisfies Record<string, PageWords>;
export type PageLanguage = keyof typeof words;
export const pageLanguages: readonly PageLanguage[] = ['en', 'de', 'fr', 'ar'];
export const wordsIn = (language: PageLanguage): PageWords => words[language];

/** The first of these locales whose language we have; English where there is none. */
export const pageLanguage = (locales: readonly string[]): PageLanguage =>
  locales
    .map((locale) => locale.toLowerCase().split('-')[0])
    .flatMap((tag) => pageLanguages.filter((language) => language === tag))[0] ?? 'en';

/** Locales as a browser lists them (`Accept-Language`), the one it likes best first. */
export function acceptedLocales(header: string | undefined): readonly string[] {
  const asked = (header ?? '').split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().split(';');
    const quality = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(Boolean);
    return { tag, quality: quality === undefined ? 1 : Number(quality) };
  });
  return asked
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
