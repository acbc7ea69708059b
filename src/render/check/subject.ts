import { error, fine, type Found, type MailCheck, warning } from './finding.ts';
import { promotionIn } from './selling/promotion-in.ts';

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as people count them. */
export const lengthOf = (text: string): number => Array.from(letters.segment(text)).length;

/** About as much as a mail list on a phone shows. */
const phoneShows = 50;
const desktopShows = 78;

/** What the mail list shows first. */
export const subject: MailCheck = {
  name: 'subject',
  look: (mail) => [...looksOf(mail.subject), ...promotionIn(mail.subject, 'subject', mail)],
};

function looksOf(text: string): Found[] {
  const length = lengthOf(text);
  const where = text.slice(0, 60);
  if (text.trim() === '') return [error('has no subject', 'write the text "subject"')];
  if (/\{\{?|\}\}?|undefined|\[object/.test(text))
    return [error(`the subject says “${where}”`, 'put right how it is filled in')];
  if (length > desktopShows)
    return [
      warning(
        `the subject has ${length} characters; a mail list shows 50 to 78`,
        'put what matters first and shorten it',
      ),
    ];
  if (/^[^\p{Ll}\p{Lo}]{12,}$/u.test(text) && /\p{Lu}/u.test(text))
    return [warning('the subject is all in capitals', 'write it as a sentence')];
  return length > phoneShows
    ? [fine(`the subject has ${length} characters; phones show about 50`)]
    : [];
}
