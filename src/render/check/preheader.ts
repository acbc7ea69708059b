import { error, type Found, type MailCheck, warning } from './finding.ts';
import { lengthOf } from './length.ts';

/** The line a mail list shows beside the subject. */
export const preheader: MailCheck = {
  name: 'preheader',
  look: ({ preheader: text, subject, html }) => {
    const length = lengthOf(text);
    if (text.trim() === '')
      return [
        warning('has no preheader: mail lists show its first words', 'write the text "preheader"'),
      ];
    if (/\{\{?|\}\}?|undefined|\[object/.test(text))
      return [error(`the preheader says “${text.slice(0, 60)}”`, 'put right how it is filled in')];
    const found: Found[] = [];
    if (text.trim().toLowerCase() === subject.trim().toLowerCase())
      found.push(warning('the preheader repeats the subject', 'say what the subject doesn’t'));
    if (length < 20)
      found.push(
        warning(
          `the preheader has ${length} characters, so that words of the mail follow it`,
          'write 30 to 90 characters',
        ),
      );
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

const letters = (from: string) => from.replace(/[^\p{L}\p{N}]+/gu, '');
