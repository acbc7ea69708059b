import { error, type Found, type MailCheck, warning } from './finding.ts';
import type { MailElement } from './mail-elements.ts';

/** The text part says what the html says: some people, and every spam filter, read it. */
export const textPart: MailCheck = {
  name: 'text-part',
  look: ({ text, elements }) => {
    if (text.trim() === '')
      return [error('has no text part', 'write text.hbs, or leave it out to have one made')];
    const found: Found[] = [];
    if (/\{\{|\}\}|undefined|\[object|<\/?(p|td|div|a|br)\b/i.test(text))
      found.push(error('the text part has markup or something unfilled in it', 'look at text.hbs'));
    const said = figuresOf(text);
    const missing = [...new Set(amountsOf(elements))].filter((figure) => !said.has(digits(figure)));
    if (missing.length > 0)
      found.push(
        warning(
          `the text part lacks figures the html has: ${missing.slice(0, 4).join(', ')}`,
          'say them in text.hbs, too',
        ),
      );
    return found;
  },
};

/** Amounts of money with their currency, as a person sees them. */
function amountsOf(elements: readonly MailElement[]): string[] {
  const body = elements.find(({ tag }) => tag === 'body');
  return (
    (body?.text ?? '').match(
      /[€$£¥]\s?\d[\d.,\u202f\u00a0]*\d|\d[\d.,\u202f\u00a0]*\d\s?[€$£¥]/g,
    ) ?? []
  );
}

const figuresOf = (text: string) =>
  new Set((text.match(/\d[\d.,\u202f\u00a0]*/g) ?? []).map(digits));
const digits = (figure: string) => figure.replace(/\D+/g, '');
