import type { CheckedMail, Found } from '../finding.ts';
import { error } from '../finding.ts';

/** An off, in any script's digits: "20 %", "%20", "٢٠٪". */
const percentage = /\p{Nd}+\s?[%٪]|[%٪]\s?\p{Nd}+/u;

/** What of the mail's promotion its mail list shows: nothing, where the mail is about something else. */
export function promotionIn(
  line: string,
  what: 'subject' | 'preheader',
  mail: Pick<CheckedMail, 'template' | 'promises'>,
): Found[] {
  if (mail.template.class !== 'transactional') return [];
  const promised = mail.promises.find((words) => says(line, words));
  const said = promised ?? percentage.exec(line)?.[0];
  return said === undefined
    ? []
    : [
        error(
          `the ${what} of a transactional mail promotes: “${said.slice(0, 60)}”`,
          'say what the mail is about, and leave the promotion to its block',
        ),
      ];
}

/** As whole words, however they are set. */
const says = (line: string, words: string) =>
  words.trim() !== '' && ` ${wordsOf(line)} `.includes(` ${wordsOf(words)} `);
const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
