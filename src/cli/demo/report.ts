import type { BlockDecision, OfferDecision } from '../../contract/decision.ts';
import { type Names, plainNames } from '../../contract/fact-text.ts';
import { groupBy } from '../../core/group-by.ts';
import { objectionIn, reasonSentence } from '../../decision/sentences.ts';
import type { MessageRecord } from '../../message/messages.ts';
import { endInWords } from '../../message/outcome.ts';
import type { Paint } from '../terminal.ts';

/** How things are called for a reader of one brand's mail. */
export type ReportNames = Pick<Names, 'tier'>;

/**
 * What became of one message, for a reader: a line with who, what and how it ended, then what was shown, what was hidden
 * and why, and where the mail is. Of several offers hidden for one reason the first stands for all.
 */
export function reportLines(
  who: string,
  record: MessageRecord,
  {
    paint,
    words,
    mail,
  }: { readonly paint: Paint; readonly words: ReportNames; readonly mail: string | null },
): string[] {
  const names = { ...plainNames, ...words, who: who.split(' ')[0] ?? 'The member' };
  const blocks = record.decision?.blocks ?? [];
  const offers = record.decision?.offers ?? [];
  const shown = [
    ...blocks.filter(isShown).map(({ block }) => block),
    ...offers
      .filter(isShown)
      .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
      .map(({ offerId }) => `“${offerId}”`),
  ];
  const hidden = [
    ...blocks.flatMap((one) => whyHidden(one.block, one, names)),
    ...onePerReason(offers.filter((one) => !isShown(one))).flatMap(({ first, others }) =>
      whyHidden(`“${first.offerId}”${others > 0 ? ` +${others}` : ''}`, first, names),
    ),
  ];
  const head = `${paint('bold', who.padEnd(19))} ${record.template.padEnd(19)} ${paint(colourOf(record), record.state.padEnd(11))}`;
  return [
    `${head} ${whyEnded(record, names)}`.trimEnd(),
    ...(shown.length > 0 ? [`    shown   ${paint('green', shown.join('  '))}`] : []),
    ...hidden.map((line, index) =>
      paint('dim', `    ${index === 0 ? 'hidden' : '      '}  ${line}`),
    ),
    ...(mail === null ? [] : [paint('cyan', `    mail    ${mail}`)]),
  ];
}

function colourOf({ state }: MessageRecord): 'green' | 'yellow' | 'red' {
  if (state === 'sent') return 'green';
  return state === 'held' || state === 'suppressed' ? 'yellow' : 'red';
}

function whyEnded({ state, reason, error, nextAt, decision }: MessageRecord, names: Names): string {
  if (state === 'held')
    return `not due before ${new Date(decision?.kind === 'hold' ? decision.until : nextAt).toISOString().slice(0, 10)}; decided then, as things are then`;
  const objection = decision && objectionIn(decision.steps);
  if (objection)
    return `${objection.reason}: ${reasonSentence(objection.reason, objection, names)}`;
  if (reason === null) return '';
  return `${reason}: ${error ?? `${endInWords(reason)}.`}`;
}

function whyHidden(name: string, one: BlockDecision | OfferDecision, names: Names): string[] {
  if (one.kind === 'show') return [];
  const objection = objectionIn(one.steps);
  const text = objection
    ? reasonSentence(objection.reason, objection, names)
    : 'A mail has room for a few; others suit better.';
  return [`${name.padEnd(28)} ${one.reason}: ${text}`];
}

/** Offers grouped by why they are hidden, in the order of the catalogue. */
function onePerReason(
  offers: readonly OfferDecision[],
): { first: OfferDecision; others: number }[] {
  const groups = groupBy(offers, (offer) => (offer.kind === 'hide' ? offer.reason : ''));
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [{ first, others: others.length }] : [],
  );
}

const isShown = ({ kind }: { readonly kind: string }) => kind === 'show';
