import type { MailFrequency } from '../../contract/profile.ts';
import { ar } from './words/ar.ts';
import { de } from './words/de.ts';
import { en } from './words/en.ts';
import { fr } from './words/fr.ts';

type Titled = { readonly title: string; readonly text: string };
type Of = (brand: string) => string;

/** What pages for members say. Nobody is addressed as du or Sie, tu or vous, so that it suits every brand. */
export type PageWords = {
  readonly unknown: Titled;
  /** Nothing can be stored now. */
  readonly later: Titled;
  readonly unsubscribe: {
    readonly ask: { readonly title: string; readonly text: Of };
    readonly done: { readonly title: string; readonly text: Of };
    readonly button: string;
    /** Of one topic. */
    readonly topic: {
      readonly ask: (brand: string, topic: string) => string;
      readonly done: (brand: string, topic: string) => string;
      readonly button: (topic: string) => string;
      readonly all: string;
    };
    /** Leads to the page of preferences. */
    readonly more: string;
  };
  readonly preferences: {
    readonly title: string;
    readonly lead: Of;
    readonly saved: string;
    readonly wrong: string;
    readonly topics: string;
    readonly frequency: string;
    readonly often: Readonly<Record<MailFrequency, string>>;
    readonly language: string;
    readonly save: string;
    readonly stop: string;
    readonly off: Of;
    readonly on: { readonly text: Of; readonly button: string };
    readonly blocked: string;
    readonly erase: {
      readonly title: string;
      readonly text: Of;
      readonly button: string;
      readonly asked: (day: string) => string;
    };
  };
};

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
