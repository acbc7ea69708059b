import type { BlockDecision, Decision, OfferDecision } from '../contract/decision.ts';
import { midSentence } from '../contract/fact-text.ts';
import { mixedScripts } from '../core/address.ts';
import { flipSentence, objectionIn, partSentence } from '../decision/sentences.ts';
import type { MessageRecord } from './messages.ts';
import { becauseOf, codeSentence, outcomeSentence, versionSentence } from './outcome.ts';
import { sourceLines } from './source-words.ts';

/** Says in a few lines what became of a message and why it looks as it does, in the words `laurel explain` uses. Pure. */
export function whyLines(record: MessageRecord): string[] {
  const { decision, unknownOutcomes } = record;
  const version = versionSentence(record);
  return [
    outcomeSentence(record, becauseOf(record)),
    ...(unknownOutcomes > 0 ? ['A second copy with the same Message-ID is possible.'] : []),
    ...(version === null ? [] : [`Template: ${version}.`]),
    ...doubtfulAddress(record),
    ...(decision ? decisionLines(decision) : []),
  ];
}

/** A domain that mixes scripts may be made to be taken for another. */
function doubtfulAddress({ sentTo, email }: MessageRecord): string[] {
  const mixed = mixedScripts(sentTo ?? email ?? '');
  return mixed.length === 0
    ? []
    : [`The domain of its address mixes ${mixed.join(' and ')} letters: it may imitate another.`];
}

function decisionLines({ blocks, offers, basis }: Decision): string[] {
  const reading =
    basis.profile === 'member'
      ? `the profile as of ${basis.profileAsOf ?? 'then'} (ledger version ${basis.ledgerVersion ?? 'unknown'})`
      : `no profile (${basis.profile})`;
  const code = codeSentence(basis);
  return [
    `Decided at ${basis.at} from ${reading}.`,
    ...(code === null ? [] : [`The version was ${code}.`]),
    ...sourceLines(basis).map((line) => `Profile source ${line}.`),
    ...blocks.map((block) => partLine(`Block ${block.block}`, block)),
    ...offers.map((offer) => partLine(`Offer ${offer.offerId}`, offer)),
  ];
}

function partLine(name: string, part: BlockDecision | OfferDecision): string {
  const flip = part.kind === 'hide' ? flipSentence(objectionIn(part.steps)?.flip) : null;
  return `${name} is ${midSentence(partSentence(part))}${flip === null ? '' : ` What would turn it: ${flip}`}`;
}
