import type { Offer } from '../src/brand/catalogue.ts';
import type { Decision, Step } from '../src/contract/decision.ts';
import type { Card, Trial, Verdict } from './protocol.ts';
import { trialFor, type TrialContext } from './trial.ts';
import {
  blockSentence,
  decidingStep,
  factRows,
  offerSentence,
  titled,
  verdictSentence,
} from './words.ts';

type Explained = TrialContext & {
  readonly offers: readonly Offer[];
  readonly offerTitle: (offerId: string) => string;
};

/** Whether the mail goes, in one sentence, and what would turn it. */
export function verdictOf(decision: Decision, context: Explained): Verdict {
  const step = decision.kind === 'send' ? undefined : decidingStep(decision.steps);
  return {
    kind: decision.kind,
    sentence: verdictSentence(decision, context.names),
    flip: flipOf(step),
    trial: trialFor(step, context),
  };
}

/** The card of a message that isn't sent: which rule stands against it, and its facts. */
export function messageCards(decision: Decision, context: Explained): Card[] {
  if (decision.kind === 'send') return [];
  const step = decidingStep(decision.steps);
  return [
    {
      id: 'message',
      about: 'message',
      title: 'This mail',
      shown: false,
      sentence: `${verdictSentence(decision, context.names)}.`,
      facts: factRows(step, context.names),
      flip: flipOf(step),
      trial: trialFor(step, context),
      rule: ruleOf(step),
    },
  ];
}

/** A card for every block in the order of the mail; each offer follows the offers block it belongs to. */
export function cardsOf(decision: Decision, context: Explained): Card[] {
  const { names } = context;
  return decision.blocks.flatMap((block): Card[] => {
    const step = decidingStep(block.steps);
    const card: Card = {
      id: `block:${block.block}`,
      about: 'block',
      title: titled(block.block),
      shown: block.kind === 'show',
      sentence: blockSentence(block, names),
      facts: factRows(step, names),
      flip: flipOf(step),
      trial: trialFor(step, context),
      rule: ruleOf(step),
    };
    return block.block === 'offers' ? [card, ...offerCards(decision, context)] : [card];
  });
}

function offerCards(decision: Decision, context: Explained): Card[] {
  const offers = new Map(context.offers.map((offer) => [offer.offerId, offer]));
  return decision.offers
    .toSorted((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity))
    .map((offer): Card => {
      const step = decidingStep(offer.steps);
      return {
        id: `offer:${offer.offerId}`,
        about: 'offer',
        title: context.offerTitle(offer.offerId),
        shown: offer.kind === 'show',
        sentence: offerSentence(offer, context.names),
        facts: offer.kind === 'hide' ? factRows(step, context.names) : [],
        flip: flipOf(step),
        trial: trialFor(step, context, offers.get(offer.offerId)),
        rule:
          offer.kind === 'hide' && offer.rank === null
            ? ruleOf(step)
            : `ranked ${offer.rank ?? ''}, all ${offer.steps.length} rules passed`,
      };
    });
}

/** The card, its trial only where the rule that stands against it wouldn't stand any more. */
export async function withProvenTrial(
  card: Card,
  decisionAfter: (trial: Trial) => Promise<Decision | null>,
): Promise<Card> {
  if (!card.trial) return card;
  const after = await decisionAfter(card.trial);
  if (!after) return { ...card, trial: null, flip: null };
  const part =
    card.about === 'offer'
      ? after.offers.find(({ offerId }) => card.id === `offer:${offerId}`)
      : after.blocks.find(({ block }) => card.id === `block:${block}`);
  const step = part && decidingStep(part.steps);
  const stands = part?.kind === 'hide' && ruleOf(step) === card.rule;
  // What was refuted is not said either.
  return part && !stands ? card : { ...card, trial: null, flip: null };
}

const ruleOf = (step: Step | undefined) => (step ? `${step.rule} v${step.version}` : '');

const flipOf = (step: Step | undefined) =>
  step && step.outcome !== 'pass' ? (step.flip?.text ?? null) : null;
