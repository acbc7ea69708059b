import type { Decision, Step } from '../src/contract/decision.ts';
import { reasonSentence } from '../src/decision/sentences.ts';
import type { Card, Verdict } from './protocol.ts';
import {
  blockSentence,
  decidingStep,
  factRows,
  offerSentence,
  titled,
  verdictSentence,
  type Words,
} from './words.ts';

type Explained = {
  readonly names: Words;
  readonly offerTitle: (offerId: string) => string;
};

/** Whether the mail goes, in one sentence. */
export function verdictOf(
  decision: Decision,
  { names }: Explained,
): Pick<Verdict, 'kind' | 'sentence' | 'flip'> {
  const step = decision.kind === 'send' ? undefined : decidingStep(decision.steps);
  return { kind: decision.kind, sentence: verdictSentence(decision, names), flip: flipOf(step) };
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
      rule: ruleOf(step),
    };
    return block.block === 'offers' ? [card, ...offerCards(decision, context)] : [card];
  });
}

function offerCards(decision: Decision, context: Explained): Card[] {
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
        rule:
          offer.kind === 'hide' && offer.rank === null
            ? ruleOf(step)
            : `ranked ${offer.rank ?? ''}, all ${offer.steps.length} rules passed`,
      };
    });
}

const ruleOf = (step: Step | undefined) => (step ? `${step.rule} v${step.version}` : '');

/** What stands against something hidden, in words. */
export function againstOf(step: Step | undefined, names: Words): string {
  if (!step || step.outcome === 'pass') return 'Nothing that can be changed here brings it.';
  return reasonSentence(step.reason, step, names);
}

const flipOf = (step: Step | undefined) =>
  step && step.outcome !== 'pass' ? (step.flip?.text ?? null) : null;
