import type { Decision } from '../contract/decision.ts';
import { midSentence } from '../contract/fact-text.ts';
import { isVersionHash, shortHash } from '../contract/template-version.ts';
import { objectionIn, reasonSentence } from '../decision/sentences.ts';
import { failureInWords } from '../delivery/failure.ts';
import type { MessageRecord } from './messages.ts';

/** Ends that no failure brought about, and those of many tries, beside the rules' reasons. */
const ends: Readonly<Record<string, string>> = {
  erased: 'the member asked to be forgotten',
  cancelled: 'it was taken back before it was sent',
  'campaign-cancelled': 'its campaign was cancelled',
  excluded: 'its campaign leaves the member out',
  'control-group': 'the member is in the group that no campaign writes to, to compare with',
  holdout: 'the member is kept out of the campaign, to compare with',
  'in-campaign-group': 'another campaign of the same group writes to the member',
  'accounts-merged': 'it went to another account of the same person',
  'tries-exhausted': 'every try failed',
  'unknown-outcome': 'nobody knows whether it was taken, and its template wants no second copy',
  throttled: 'its campaign, or the domain it goes to, is written to at a set pace',
  'template-paused': 'its template fails for many and is paused, or somebody paused it',
  'transport-paused': 'the mail server refuses everybody and mail is paused, or somebody paused it',
};

/** A reason in words, without a full stop; the code itself where there are none for it. */
export const endInWords = (reason: string): string =>
  ends[reason] ?? failureInWords(reason) ?? reason;

const clock = (at: Date) =>
  at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

/**
 * What became of a message, in one plain sentence without the address.
 * @param because a rule's sentence where one decided, see `reasonSentence`
 */
export function outcomeSentence(record: MessageRecord, because: string | null): string {
  const { state, reason, error } = record;
  const at = clock(record.finishedAt ?? record.nextAt);
  const why = because?.replace(/\.$/, '') ?? (reason === null ? null : endInWords(reason));
  const colon = why === null ? '' : `: ${midSentence(why)}`;
  switch (state) {
    case 'queued':
      return record.tries === 0
        ? 'Waiting for a worker.'
        : `Waiting for try ${record.tries + 1}, due ${at}${colon}.`;
    case 'held':
      return `Held until ${at}${colon}.`;
    case 'sending':
      return 'Being sent right now.';
    case 'sent':
      return `Sent at ${at}.`;
    case 'suppressed':
      return `Not sent${colon}.`;
    case 'cancelled':
      return `Cancelled${colon}.`;
    case 'failed':
      return `Failed${colon}${error === null ? '' : ` (${error})`}.`;
    case 'quarantined':
      return `Put aside for a person to look at${colon}${error === null ? '' : ` (${error})`}.`;
    default:
      return state satisfies never;
  }
}

/** The rule's sentence where a rule brought about the state the message is in. */
export function becauseOf({
  decision,
  reason,
}: Pick<MessageRecord, 'decision' | 'reason'>): string | null {
  if (!decision || decision.kind === 'send' || decision.reason !== reason) return null;
  const step = objectionIn(decision.steps);
  return step ? reasonSentence(step.reason, step) : null;
}

/** Which version of its template a message was made with or is to be made with; null while nobody can tell. */
export function versionSentence({
  templateVersion,
  pinnedVersion,
}: Pick<MessageRecord, 'templateVersion' | 'pinnedVersion'>): string | null {
  const kept = pinnedVersion === null ? null : `published version ${shortHash(pinnedVersion)}`;
  if (templateVersion === null) return kept && `it keeps ${kept}, whatever is live`;
  const made = isVersionHash(templateVersion)
    ? `published version ${shortHash(templateVersion)}`
    : `version ${templateVersion} of the templates folder`;
  return kept === made ? `${made}, which it was to keep` : made;
}

/** That a published version was used with other code than it was made for; null where that was the same. */
export function codeSentence({ otherCode = [] }: Pick<Decision['basis'], 'otherCode'>) {
  return otherCode.length === 0
    ? null
    : `made for other code than it was used with: ${otherCode.join(', ')}`;
}
