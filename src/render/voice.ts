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
  readonly timeZone: string;
  readonly brandName: string;
  readonly programmeName: string;
  /** First wins. */
  readonly layers: readonly MessageTexts[];
};

export function voiceOf({ locale, timeZone, brandName, programmeName, layers }: Setting): Voice {
  const known = { brand: brandName, programme: programmeName };
  const messages = textMessages({ locale, timeZone, layers, known });
  return { locale, messages, format: formatFor({ locale, timeZone, messages }), link };
}
