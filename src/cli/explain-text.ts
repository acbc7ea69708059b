import type { BlockDecision, Decision, OfferDecision, Step } from '../contract/decision.ts';
import { factText } from '../contract/fact-text.ts';
import { mixedScripts } from '../core/address.ts';
import { flipSentence, objectionIn, partSentence, stepSentence } from '../decision/sentences.ts';
import { maskAddress } from '../members/mask.ts';
import type { MessageRecord } from '../message/messages.ts';
import { becauseOf, codeSentence, outcomeSentence, versionSentence } from '../message/outcome.ts';
import { sourceLines } from '../message/source-words.ts';
import { clock, count, oneLine, type Paint } from './terminal.ts';

/** What became of a message, and why it looks as it does, for a terminal. Pure; the address is masked. */
export function explainText(
  record: MessageRecord,
  paint: Paint,
  /** What was told of it after it had left. */
  after: readonly string[] = [],
): string {
  const { decision } = record;
  const why =
    decision === null
      ? [
          paint(
            'dim',
            record.finishedAt === null
              ? 'Nothing has been decided about it yet.'
              : 'No decision is kept of it.',
          ),
        ]
      : [
          heading('Rules for the message', paint),
          ...decision.steps.flatMap((step) => stepLines(step, paint)),
          ...blockLines(decision.blocks, paint),
          ...offerLines(decision.offers, paint),
        ];
  return [
    paint('bold', outcomeSentence(record, becauseOf(record))),
    '',
    ...facts(record).map(([name, text]) => `${paint('dim', name.padEnd(10))} ${oneLine(text)}`),
    ...after.map((line) => `${paint('dim', 'Then'.padEnd(10))} ${oneLine(line)}`),
    ...why,
  ].join('\n');
}

/** A domain that mixes scripts may be made to be taken for another. */
function mixed(address: string | null): [string, string][] {
  const used = mixedScripts(address ?? '');
  return used.length === 0
    ? []
    : [['Beware', `the domain mixes ${used.join(' and ')} letters: it may imitate another`]];
}

function facts(record: MessageRecord): [string, string][] {
  const { memberId, decision, campaignId, about, finishedAt } = record;
  const address = record.sentTo ?? record.email;
  const who = [
    memberId === null ? 'no member named' : `member ${memberId}`,
    address === null ? 'the member’s own address' : maskAddress(address),
  ];
  const version = versionSentence({
    ...record,
    templateVersion: record.templateVersion ?? decision?.basis.templateVersion ?? null,
  });
  return [
    ['Message', record.id],
    ['To', who.join(', ')],
    ...mixed(address),
    ['Template', `${record.template}${version === null ? '' : `, ${version}`}`],
    ['Brand', `${record.brand}${decision ? `, in ${decision.basis.locale}` : ''}`],
    ...(about.length > 0 ? [['About', about.join(', ')] satisfies [string, string]] : []),
    ...(campaignId === null ? [] : [['Campaign', campaignId] satisfies [string, string]]),
    ['Accepted', clock(record.acceptedAt)],
    finishedAt === null ? ['Due', clock(record.nextAt)] : ['Finished', clock(finishedAt)],
    ...(decision ? basisLines(decision) : []),
    ['Delivery', deliveryText(record)],
  ];
}

function basisLines({ basis }: Decision): [string, string][] {
  const profile =
    basis.profile === 'member'
      ? `as of ${basis.profileAsOf === null ? 'then' : clock(new Date(basis.profileAsOf))}, ledger version ${basis.ledgerVersion ?? 'unknown'}`
      : {
          guest: 'none: the recipient is not a known member',
          erased: 'none: the member was erased',
        }[basis.profile];
  const code = codeSentence(basis);
  return [
    ...(code === null ? [] : [['Code', `the version was ${code}`] satisfies [string, string]]),
    ['Profile', profile],
    ...sourceLines(basis).map((line): [string, string] => ['Source', line]),
    [
      'Decided',
      `${clock(new Date(basis.at))}, programme ${basis.programmeVersion}, catalogue ${basis.catalogueVersion}`,
    ],
  ];
}

function deliveryText({
  transport,
  response,
  tries,
  unknownOutcomes,
  error,
  state,
}: MessageRecord) {
  const parts = [
    transport === null ? 'not handed over' : `by ${transport}: ${response ?? 'no reply recorded'}`,
    ...(tries > 0 ? [`${count(tries, 'failed try', 'failed tries')} before`] : []),
    ...(unknownOutcomes > 0
      ? [
          `${count(unknownOutcomes, 'attempt')} with unknown outcome: a copy with the same Message-ID is possible`,
        ]
      : []),
    ...(error === null || state === 'failed' || state === 'quarantined'
      ? []
      : [`last error: ${error}`]),
  ];
  return parts.join('; ');
}

const heading = (text: string, paint: Paint) => `\n${paint('bold', text)}`;

/** A mark, what was asked, and the answer; below it the figures and what would turn it. */
function stepLines(step: Step, paint: Paint): string[] {
  const passed = step.outcome === 'pass';
  const mark = passed
    ? paint('green', '✓')
    : paint(step.outcome === 'hold' ? 'yellow' : 'red', '✗');
  const sentence = stepSentence(step);
  return [
    `  ${mark} ${step.rule.padEnd(24)} ${passed ? paint('dim', sentence) : oneLine(sentence)}`,
    ...figures(step, paint),
  ];
}

function blockLines(blocks: readonly BlockDecision[], paint: Paint): string[] {
  if (blocks.length === 0) return [];
  return [
    heading('Blocks', paint),
    ...blocks.flatMap((block) => [
      ...part(`${block.block} (${block.content})`, block, paint),
      ...(block.kind === 'show' ? shownBy(block, paint) : []),
    ]),
  ];
}

function offerLines(offers: readonly OfferDecision[], paint: Paint): string[] {
  if (offers.length === 0) return [];
  const byRank = offers.toSorted((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
  return [
    heading('Offers, best first', paint),
    ...byRank.flatMap((offer) => {
      const lines = part(`${offer.rank ?? '–'}  ${offer.offerId}`, offer, paint);
      return offer.kind === 'hide' && offer.rank !== null
        ? [...lines, `      ${paint('dim', `ranked by: ${offer.because}`)}`]
        : lines;
    }),
  ];
}

function part(name: string, one: BlockDecision | OfferDecision, paint: Paint): string[] {
  const step = objectionIn(one.steps);
  const mark = one.kind === 'show' ? paint('green', '✓') : paint('yellow', '–');
  return [
    `  ${mark} ${oneLine(name).padEnd(28)} ${oneLine(partSentence(one))}`,
    ...(step ? figures(step, paint) : []),
  ];
}

/** The figures of the block's own step, the last one, where it had any. */
function shownBy({ steps }: BlockDecision, paint: Paint): string[] {
  const step = steps.at(-1);
  if (step?.actual === undefined || step.needed === undefined || step.needed === null) return [];
  const text = `has ${oneLine(factText(step.actual))}; needs ${oneLine(factText(step.needed, 'or'))}`;
  return [`      ${paint('dim', text)}`];
}

/** Actual against needed, and what would flip it: only where something stood against. */
function figures(step: Step, paint: Paint): string[] {
  if (step.outcome === 'pass') return [];
  const flip = flipSentence(step.flip);
  return [
    `      ${paint('dim', `${step.rule} v${step.version} (${step.reason}): has ${oneLine(factText(step.actual))}; needs ${oneLine(factText(step.needed, 'or'))}`)}`,
    ...(flip === null ? [] : [`      ${paint('cyan', `would change it: ${oneLine(flip)}`)}`]),
  ];
}
