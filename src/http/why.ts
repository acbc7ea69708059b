import type { Decision, Fact, Step } from '../core/decision.ts';
import type { MessageRecord } from '../stores/messages.ts';

/** Says in a few lines what became of a message and why it looks as it does: for a person, from the stored decision. Pure. */
export function whyLines(record: MessageRecord): string[] {
  return [stateLine(record), ...(record.decision ? decisionLines(record.decision) : [])];
}

function stateLine(record: MessageRecord): string {
  const { state, reason, sentTo, transport } = record;
  const at = (record.finishedAt ?? record.nextAt).toISOString();
  switch (state) {
    case 'sent': {
      const copies =
        record.unknownOutcomes > 0 ? '; a second copy with the same Message-ID is possible' : '';
      return `Sent to ${sentTo ?? 'its recipient'} at ${at}${transport === null ? '' : ` by ${transport}`}${copies}.`;
    }
    case 'suppressed':
      return `Not sent: ${reason ?? 'suppressed'}, decided at ${at}.`;
    case 'queued':
    case 'held':
      return `Waiting${reason === null ? '' : ` (${reason})`}, due at ${at}.`;
    case 'sending':
      return 'Being sent right now.';
    case 'failed':
      return `Failed at ${at}: ${record.error ?? reason ?? 'no reason recorded'}.`;
    case 'quarantined':
      return `Put aside at ${at} for a person to look at: ${reason ?? record.error ?? 'no reason recorded'}.`;
    case 'cancelled':
      return `Cancelled at ${at}: ${reason ?? 'cancelled'}.`;
    default:
      return state satisfies never;
  }
}

function decisionLines({ steps, blocks, offers, basis, ...outcome }: Decision): string[] {
  const objection = outcome.kind === 'send' ? [] : steps.filter(isObjection).map(finding);
  const reading =
    basis.profile === 'member'
      ? `the profile as of ${basis.profileAsOf ?? 'then'} (ledger version ${basis.ledgerVersion ?? 'unknown'})`
      : `no profile (${basis.profile})`;
  return [
    ...objection,
    `Decided at ${basis.at} from ${reading}.`,
    ...blocks.map((block) => thing(`Block ${block.block}`, block)),
    ...offers.map((offer) =>
      offer.kind === 'show'
        ? `Offer ${offer.offerId} shown, place ${offer.rank}: ${offer.because}.`
        : thing(`Offer ${offer.offerId}`, offer),
    ),
  ];
}

function thing(
  name: string,
  one: { steps: readonly Step[] } & ({ kind: 'show' } | { kind: 'hide'; reason: string }),
) {
  if (one.kind === 'show') return `${name} shown.`;
  const step = one.steps.find(isObjection);
  return `${name} hidden: ${one.reason}.${step ? ` ${finding(step)}` : ''}`;
}

type Objection = Exclude<Step, { outcome: 'pass' }>;
const isObjection = (step: Step): step is Objection => step.outcome !== 'pass';

const finding = ({ rule, actual, needed, flip }: Objection) =>
  `Rule ${rule} found ${fact(actual)} and needs ${fact(needed)}.${flip ? ` What would turn it: ${sentence(flip.text)}` : ''}`;

const fact = (value: Fact) => (typeof value === 'string' ? value : JSON.stringify(value));
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
