import type { CheckedMail } from '../finding.ts';
import { error, type Found, type MailCheck } from '../finding.ts';
import { differs, letters, type Piece, readingOrder } from './reading-order.ts';

/** In a mail about something else, promotion comes last: by where it is read, not by how the template is written. */
export const serviceFirst: MailCheck = {
  name: 'service-first',
  look: (mail) => {
    const promoted = mail.template.class === 'transactional' ? mail.promoted() : [];
    if (promoted.length === 0) return [];
    const pieces = readingOrder(mail.html);
    const lines = linesOf(mail.text);
    const inHtml = promoted.map(({ without }) =>
      differs(textsOf(pieces), textsOf(readingOrder(without.html))),
    );
    const inText = promoted.map(({ without }) => differs(lines, linesOf(without.text)));
    const footer = footerAfter(pieces, Math.max(...inHtml.map(({ to }) => to)), mail);
    const closing = letters(
      pieces
        .slice(footer)
        .map(({ text }) => text)
        .join(' '),
    );
    return [
      ...after('html', textsOf(pieces).slice(0, footer), inHtml, promoted),
      ...after(
        'text part',
        // The way out and the sender's address are the footer here, too.
        lines.map((line) =>
          closing.includes(letters(line.replace(/https?:\S+/g, ''))) ? '' : line,
        ),
        inText,
        promoted,
      ),
    ];
  },
};

type Range = ReturnType<typeof differs>;

/** What stands behind a promotional block and isn't one itself. */
function after(
  where: string,
  texts: readonly string[],
  ranges: readonly Range[],
  promoted: ReturnType<CheckedMail['promoted']>,
): Found[] {
  return promoted.flatMap(({ block }, nth) => {
    const range = ranges[nth];
    if (!range || range.to === range.from) return [];
    const behind = texts.find(
      (text, at) =>
        at >= range.to &&
        letters(text) !== '' &&
        !ranges.some(({ from, to }) => from <= at && at < to),
    );
    return behind === undefined
      ? []
      : [
          error(
            `the ${where} says “${behind.slice(0, 60)}” after ${block}, which promotes`,
            `place ${block} behind everything else, before the footer`,
            block,
          ),
        ];
  });
}

/** Where the footer begins: with what stands beside the sender's address. */
function footerAfter(
  pieces: readonly Piece[],
  from: number,
  { legal, unsubscribeUrl }: Pick<CheckedMail, 'legal' | 'unsubscribeUrl'>,
): number {
  const address = letters(legal.address);
  const has = (start: number, end: number) =>
    letters(textsOf(pieces.slice(start, end)).join('')).includes(address);
  let end = from;
  while (end < pieces.length && !has(from, end)) end += 1;
  if (!has(from, end)) return pieces.length;
  let start = end - 1;
  while (!has(start, end)) start -= 1;
  const last = pieces[end - 1]?.within ?? null;
  const said = above(pieces[start]?.within ?? null).find((node) => above(last).includes(node));
  const part = said && above(said)[1];
  // In flat html it stands beside everything else: then only the way out belongs to it.
  if (pieces.slice(0, from).some(({ within }) => part && above(within).includes(part))) {
    while (start > from && isWayOut(pieces[start - 1], unsubscribeUrl)) start -= 1;
    return start;
  }
  return pieces.findIndex((piece, n) => n >= from && part && above(piece.within).includes(part));
}

const isWayOut = (piece: Piece | undefined, url: string | null) =>
  above(piece?.within ?? null).some(
    (node) =>
      'attrs' in node && node.attrs.some(({ name, value }) => name === 'href' && value === url),
  );

/** An element and what it stands in, from within. */
function above(node: Piece['within']): readonly NonNullable<Piece['within']>[] {
  if (!node) return [];
  return [node, ...above('parentNode' in node ? node.parentNode : null)];
}

const textsOf = (pieces: readonly Piece[]) => pieces.map(({ text }) => text);
const linesOf = (text: string) => text.split('\n').map((line) => line.trim());
