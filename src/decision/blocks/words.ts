import type { Brand } from '../../brand/brand.ts';

/** A text of the catalogue in her language, else in the brand's, else in whichever there is. */
export const wordsIn = (
  text: Readonly<Record<string, string>>,
  locale: string,
  { defaultLocale }: Pick<Brand, 'defaultLocale'>,
): string =>
  text[locale] ??
  text[locale.split('-')[0] ?? ''] ??
  text[defaultLocale] ??
  Object.values(text)[0] ??
  '';
