import type { BlockDecision, Finding, Flip, OfferDecision, Step } from '../contract/decision.ts';
import {
  capital,
  factText,
  midSentence,
  type Names,
  plainNames,
  spaced,
} from '../contract/fact-text.ts';
import { type Reason, reasons } from '../contract/reasons.ts';

/** One plain English sentence for a reason code; a project's own says its rule's, else its code and what it looked at. */
export function reasonSentence(
  reason: Reason,
  { actual, needed, says }: Pick<Finding, 'actual' | 'needed' | 'says'>,
  names: Names = plainNames,
): string {
  if (isKnown(reason)) return reasons[reason]({ actual, needed, names, who: names.who });
  return (
    says ??
    `${capital(spaced(reason.replace(/^own-/, '').replaceAll('-', ' ')))}: ${factText(actual)}, ${factText(needed)} needed.`
  );
}

const isKnown = (reason: Reason): reason is keyof typeof reasons => Object.hasOwn(reasons, reason);

/** What would turn the outcome, as a sentence; null where nothing known would. */
export function flipSentence(flip: Flip | undefined): string | null {
  if (!flip) return null;
  const text = capital(flip.text.trim());
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export type Objection = Exclude<Step, { outcome: 'pass' }>;

/** The step that decided against something; undefined where every rule passed. */
export const objectionIn = (steps: readonly Step[]): Objection | undefined =>
  steps.find((step): step is Objection => step.outcome !== 'pass');

/** One rule's answer: `Passed.`, or why not. */
export function stepSentence(step: Step, names: Names = plainNames): string {
  if (step.outcome !== 'pass') return reasonSentence(step.reason, step, names);
  // The one pass that isn't as it should be.
  const { rule, actual } = step;
  return rule === 'after-event' && typeof actual === 'string' && actual.startsWith('went out')
    ? `Passed, but it ${actual}.`
    : 'Passed.';
}

/** Why a block or an offer is shown or hidden. */
export function partSentence(
  part: BlockDecision | OfferDecision,
  names: Names = plainNames,
): string {
  if (part.kind === 'hide') {
    const step = objectionIn(part.steps);
    return `Hidden: ${midSentence(reasonSentence(part.reason, step ?? { actual: null, needed: null }, names))}`;
  }
  if ('offerId' in part) return `Shown in place ${part.rank ?? '?'}: ${part.because}.`;
  return 'Shown: every rule passed.';
}
