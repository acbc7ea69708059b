import { error, fine, type MailCheck, warning } from './finding.ts';
import type { MailElement } from './mail-elements.ts';
import { promotionIn } from './selling/promotion-in.ts';
import { letters } from './selling/reading-order.ts';
import { lengthOf } from './subject.ts';

/** The line a mail list shows beside the subject. */
export const preheader: MailCheck = {
  name: 'preheader',
  look: (mail) => {
    const { preheader: text, subject, html, elements } = mail;
    const length = lengthOf(text);
    if (text.trim() === '')
      return [
        warning('has no preheader: mail lists show its first words', 'write the text "preheader"'),
      ];
    if (/\{\{?|\}\}?|undefined|\[object/.test(text))
      return [error(`the preheader says “${text.slice(0, 60)}”`, 'put right how it is filled in')];
    const found = promotionIn(text, 'preheader', mail);
    if (text.trim().toLowerCase() === subject.trim().toLowerCase())
      found.push(warning('the preheader repeats the subject', 'say what the subject doesn’t'));
    const after = leakedWords(elements, text);
    if (after !== '') {
      const shown = `mail lists go on after the preheader with “${after}”`;
      found.push(
        length < 20
          ? warning(
              shown,
              'use {{> head}} or <Preheader>, which fill it up, or write 30 to 90 characters',
            )
          : fine(shown, 'use {{> head}} or <Preheader>, which fill it up'),
      );
    }
    if (length > 140)
      found.push(
        warning(
          `the preheader has ${length} characters; mail lists show 90 at most`,
          'put what matters first and shorten it',
        ),
      );
    if (!says(html, text))
      found.push(
        warning('the preheader isn’t in the html', 'use {{> head}}, or <Preheader> in the body'),
      );
    return found;
  },
};

/** What a mail list shows behind a preheader that isn't filled up, empty where that is nothing; some show 140 characters. */
export function leakedWords(elements: readonly MailElement[], said: string): string {
  const body = elements.find(({ tag }) => tag === 'body')?.text ?? '';
  const at = body.indexOf(said.replace(/[ \t\r\n\f]+/g, ' ').trim());
  if (at < 0) return '';
  const shown = body.slice(at, at + 140).slice(said.length);
  return shown
    .replace(/(?!\p{VS})\p{DI}|\u2007/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 60);
}

/** The html has it, however its characters are written. */
function says(html: string, text: string): boolean {
  const plain = html
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return letters(plain).includes(letters(text).slice(0, 60));
}
