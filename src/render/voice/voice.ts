import { type Format, formatFor } from './format.ts';
import { type Link, link } from './link.ts';
import { type MessageTexts, textMessages, type TextMessages } from './text-messages.ts';

/** How one template speaks for one brand in one locale: its texts, formats and links. The same for every engine. */
export type Voice = {
  readonly locale: string;
  readonly messages: TextMessages;
  readonly format: Format;
  readonly link: Link;
};

type Setting = {
  readonly locale: string;
  /** The locale of numbers, amounts and dates. */
  readonly formats: string;
  readonly timeZone: string;
  /** The brand's own, whose sign needs no country beside it. */
  readonly currency?: string;
  readonly brandName: string;
  readonly programmeName: string;
  /** First wins. */
  readonly layers: readonly MessageTexts[];
  /** Where a text is written. */
  readonly where?: (key: string) => string | undefined;
};

export function voiceOf({
  locale,
  formats,
  timeZone,
  currency,
  brandName,
  programmeName,
  layers,
  where,
}: Setting): Voice {
  const known = { brand: brandName, programme: programmeName };
  const messages = textMessages({ locale: formats, timeZone, layers, known, where });
  return {
    locale,
    messages,
    format: formatFor({
      locale: formats,
      timeZone,
      messages,
      ...(currency !== undefined && { currency }),
    }),
    link,
  };
}
