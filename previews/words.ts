import type { BlockDecision, Decision, OfferDecision, Step } from '../src/contract/decision.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import { factText, midSentence, type Names, spaced } from '../src/contract/fact-text.ts';
import { isRecord } from '../src/core/is-record.ts';
import { objectionIn, partSentence, reasonSentence } from '../src/decision/sentences.ts';

/** Names of things, and the brand's words for what a tier gives. */
export type Words = Names & { readonly entitlement: (id: string) => string };

/** `never-bought` → "Never bought". */
export function titled(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The step a hidden thing was hidden by, or the last one asked. */
export function decidingStep(steps: readonly Step[]): Step | undefined {
  return objectionIn(steps) ?? steps.at(-1);
}

/** "Hidden: 40 points, 500 needed." or "Shown: 1,250 points, 500 needed." */
export function blockSentence(block: BlockDecision, names: Words): string {
  if (block.kind === 'hide') return partSentence(block, names);
  const step = decidingStep(block.steps);
  const actual = step?.actual;
  const needed = step?.needed;
  switch (block.block) {
    case 'points-banner':
      return typeof actual === 'number' && typeof needed === 'number'
        ? `Shown: ${names.points(actual)}, ${number(needed)} needed.`
        : 'Shown.';
    case 'offers':
      return typeof actual === 'number'
        ? `Shown: ${actual} ${actual === 1 ? 'offer passes' : 'offers pass'} every rule.`
        : 'Shown.';
    case 'entitlements':
      return Array.isArray(actual)
        ? `Shown: the tier gives “${actual.map((id) => names.entitlement(String(id))).join('”, “')}”.`
        : 'Shown.';
    case 'year-in-review':
      return typeof actual === 'number' && typeof needed === 'number'
        ? actual >= needed
          ? `Shown in full: ${actual} purchases, ${needed} needed.`
          : `Shown without figures: ${actual} purchases, ${needed} needed for them.`
        : 'Shown.';
    case 'status':
      return `Shown: ${names.who} is an active member.`;
    case 'bonus':
      return 'Shown: the bonus is granted and unused.';
    default:
      return 'Shown: every rule passes.';
  }
}

/** "Shown first: 62% of what Ada buys is coffee." */
export function offerSentence(offer: OfferDecision, names: Names): string {
  if (offer.kind === 'hide') return partSentence(offer, names);
  const place = `Shown ${ordinal(offer.rank ?? 1)}`;
  const category = / with (.+)$/.exec(offer.because)?.[1];
  if (offer.affinity > 0 && category !== undefined)
    return `${place}: ${Math.round(offer.affinity * 100)}% of what ${names.who} buys is ${category.replaceAll('-', ' ')}.`;
  return offer.because.includes('declined')
    ? `${place}: by priority, because profiling was declined.`
    : `${place}: passes every rule.`;
}

/** "Will be sent." or "Will not be sent: no marketing consent." */
export function verdictSentence(decision: Decision, names: Names): string {
  if (decision.kind === 'send') return 'Will be sent';
  const step = objectionIn(decision.steps) ?? { actual: null, needed: null };
  // The rule says what fulfilled it; where nothing did, there never was anything to remind of.
  if (decision.reason === 'already-satisfied' && step.actual === null)
    return `Will not be sent: ${names.who} has nothing to be reminded of`;
  const why = midSentence(reasonSentence(decision.reason, step, names)).replace(/\.$/, '');
  return decision.kind === 'hold' ? `Will wait: ${why}` : `Will not be sent: ${why}`;
}

/** Has and needs of a step, as rows a card can show. */
export function factRows(step: Step | undefined, names: Names): { label: string; value: string }[] {
  if (!step) return [];
  return [...rows('Has', step.actual, names), ...rows('Needs', step.needed, names)];
}

function rows(
  label: string,
  fact: Fact | undefined,
  names: Names,
): { label: string; value: string }[] {
  if (fact === undefined || fact === null) return [];
  if (isRecord(fact))
    return Object.entries(fact).map(([key, value]) => ({
      label: `${label}: ${spaced(key)}`,
      value: valueInWords(value, names),
    }));
  // Of several that would do, one is needed.
  const value = valueInWords(fact, names, label === 'Needs' ? 'or' : 'and');
  return value === '' ? [] : [{ label, value }];
}

function valueInWords(fact: Fact, names: Names, word: 'and' | 'or' = 'and'): string {
  return typeof fact === 'string' && /^\d{4}-\d\d-\d\dT/.test(fact)
    ? names.day(fact)
    : factText(fact, word);
}

const number = (value: number) => value.toLocaleString('en');

function ordinal(place: number): string {
  return ['', 'first', 'second', 'third', 'fourth', 'fifth'][place] ?? `in place ${place}`;
}
