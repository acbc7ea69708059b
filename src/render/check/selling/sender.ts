import { error, type MailCheck } from '../finding.ts';
import { letters, readingOrder } from './reading-order.ts';

/** Who sends a mail that sells, and where they can be written to: both parts say it, as the law of most countries asks. */
export const sender: MailCheck = {
  name: 'sender',
  look: ({ sells, legal, html, text }) => {
    if (!sells) return [];
    const parts = {
      html: letters(
        readingOrder(html)
          .map((piece) => piece.text)
          .join(' '),
      ),
      'text part': letters(text),
    };
    return Object.entries(parts).flatMap(([part, said]) =>
      (['company', 'address'] as const)
        .filter((field) => letters(legal[field]) === '' || !said.includes(letters(legal[field])))
        .map((field) =>
          error(
            `the ${part} doesn’t say the sender’s ${field}${legal[field].trim() === '' ? '' : ` (${legal[field]})`}`,
            `write legal.${field} in brand.json, and [[legal.${field}]] in the footer, as partials/footer does`,
          ),
        ),
    );
  },
};
