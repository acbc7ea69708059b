import type {
  BlockDecision,
  Fact,
  Finding,
  Flip,
  OfferDecision,
  Reason,
  Step,
} from '../contract/decision.ts';

/** How things are called in a sentence: names instead of ids, amounts and days as the reader writes them. */
export type Names = {
  /** The recipient, as a subject: `The member`, `Ana`. */
  readonly who: string;
  /** `40 points`, `40 stars`. */
  readonly points: (count: number) => string;
  readonly tier: (id: string) => string;
  readonly product: (id: string) => string;
  /** An ISO instant as a day. */
  readonly day: (instant: string) => string;
};

/** Ids and UTC days: what can be said without asking anything else. */
export const plainNames: Names = {
  who: 'The member',
  points: (count) => `${count.toLocaleString('en')} points`,
  tier: (id) => id,
  product: (id) => id,
  day: (instant) => instant.slice(0, 10),
};

/**
 * One plain English sentence for a reason code, from the facts its rule used. What is stored may be older than this
 * code, so facts of an unexpected shape make the sentence vaguer, never wrong.
 */
export function reasonSentence(
  reason: Reason,
  { actual, needed, says }: Pick<Finding, 'actual' | 'needed' | 'says'>,
  names: Names = plainNames,
): string {
  const { who } = names;
  switch (reason) {
    case 'address-suppressed': {
      const why = textAt(actual, 'reason');
      const since = dayAt(actual, 'since', names);
      return `The address is on the suppression list${why === null ? '' : ` (${words(why)})`}${since === null ? '' : `, since ${since}`}.`;
    }
    case 'erased':
      return 'The member asked to be forgotten.';
    case 'subject-cancelled': {
      const at = dayAt(actual, 'cancelledAt', names);
      return `${textAt(actual, 'subject') ?? 'What the message is about'} was cancelled${at === null ? '' : ` on ${at}`}.`;
    }
    case 'already-satisfied': {
      const state = stateOf(actual);
      return state === null
        ? 'There is nothing left to remind of.'
        : `What it reminds of is already ${state}.`;
    }
    case 'expired':
      return `It was too late: the message was wanted ${factText(needed)}.`;
    case 'no-marketing-consent': {
      const unsubscribed = dayAt(actual, 'unsubscribed', names);
      if (unsubscribed !== null) return `The address was unsubscribed on ${unsubscribed}.`;
      if (actual === null) return 'There is no marketing consent: it was never given.';
      const at = dayAt(actual, 'at', names);
      const source = textAt(actual, 'source');
      const basis = textAt(actual, 'basis');
      if (basis !== null && fieldOf(actual, 'granted') === true)
        return `There is no marketing consent: what there is${at === null ? '' : ` since ${at}`}${source === null ? '' : ` (${source})`} rests on ${basis === 'contract' ? 'a contract' : 'an earlier purchase'}.`;
      return `Marketing consent is not granted${at === null ? '' : ` since ${at}`}${source === null ? '' : ` (${source})`}.`;
    }
    case 'never-bought':
      return `${who} never bought ${listed(fieldOf(needed, 'boughtOneOf') ?? 'anything like it', 'or')}.`;
    case 'preference-conflict': {
      const avoids = textAt(actual, 'avoids') ?? 'it';
      const because = textAt(actual, 'because');
      return `${who} avoids ${avoids}${because === null || because === avoids ? '' : ` (${because})`}, as stated in the preferences.`;
    }
    case 'already-redeemed':
      return `${who} redeemed it ${actual === 1 ? 'once' : `${factText(actual)} times`}; ${factText(needed)} is needed.`;
    case 'bonus-used': {
      const state = stateOf(actual);
      // As this rule once said it of a bonus never granted.
      if (actual === null) return `${who} was not given this bonus.`;
      return state === null || state === 'granted'
        ? 'The bonus has lapsed.'
        : `The bonus is ${state}.`;
    }
    case 'bonus-not-granted':
      return `${who} was not given this bonus.`;
    case 'just-bought': {
      const product = textAt(actual, 'productId');
      const at = dayAt(actual, 'boughtAt', names);
      return `${who} bought ${product === null ? 'it' : names.product(product)} at full price${at === null ? '' : ` on ${at}`} and could still return it.`;
    }
    case 'wrong-channel':
      return `It can be used by ${listed(needed, 'or')}; ${midSentence(who)} has only used ${listed(actual, 'and')}.`;
    case 'not-relevant': {
      const owned = fieldOf(needed, 'owns');
      const interest = textAt(needed, 'interest');
      const days = fieldOf(actual, 'daysToBirthday');
      if (typeof days === 'number')
        return `It is for around a birthday, which is ${Math.abs(days)} ${Math.abs(days) === 1 ? 'day' : 'days'} ${days > 0 ? 'away' : 'past'}.`;
      if (owned !== undefined)
        return `${who} has none of what it goes with: ${listed(owned, 'or')}.`;
      return `${who} showed no interest in ${interest ?? 'it'} lately.`;
    }
    case 'no-signal-consent':
      return `It goes by what is only read with consent to ${listed(needed, 'or')}.`;
    case 'outside-dates': {
      const from = dayAt(needed, 'from', names);
      const before = dayAt(needed, 'before', names);
      return from === null || before === null
        ? 'It was not running at that time.'
        : `It runs from ${from} until ${before}.`;
    }
    case 'tier-not-eligible':
      return `It is for ${listed(tiers(needed, names), 'or')}; ${midSentence(who)} is ${listed(tiers(actual, names), 'and')}.`;
    case 'usage-limit':
      return `All of them are taken: ${factText(actual)} redeemed, of ${factText(needed).replace(/^fewer than /, '')}.`;
    case 'not-a-member':
      return actual === 'address-not-linked'
        ? 'The address is not this member’s own.'
        : 'The recipient is not a known member.';
    case 'member-not-active':
      return `The membership is ${factText(actual)}.`;
    case 'too-few-points':
      return `${pointsText(actual, names)}, ${factText(needed)} needed.`;
    case 'not-payable':
      return typeof actual === 'number'
        ? `Only ${pointsText(actual, names)} could be used here, ${factText(needed)} needed.`
        : 'The purchase can no longer be paid with points.';
    case 'other-currency':
      return `The purchase is in ${factText(actual)}; points pay in ${factText(needed)}.`;
    case 'not-entitled':
      return `${listed(tiers(actual, names), 'and')} has no benefit on this purchase.`;
    case 'already-included':
      return 'The purchase already includes what the tier would give.';
    case 'nothing-to-show':
      return `There was nothing to show; it needs ${factText(needed)}.`;
    case 'bad-link':
      return `It leads to ${factText(actual)}, where no mail may lead; it needs ${factText(needed)}.`;
    case 'not-in-template-data':
      return `The message's data has no such thing; it needs ${factText(needed)}.`;
    case 'too-little-affinity':
      return `${who} does not buy that kind of thing often enough: ${factText(actual)}, ${factText(needed)} needed.`;
    case 'below-the-first':
      return 'Others suit better, and a mail shows only the first few.';
    case 'not-due':
      return `It is not due yet: it goes out ${factText(needed)}.`;
    case 'waiting-for-event':
      return `It waits for ${factText(needed).replace(/ applied$/, '')}: ${factText(actual)}.`;
    case 'not-known-now':
      return `Not known now: ${spaced(factText(needed))} (${listed(actual, 'and')}).`;
    case 'too-old': {
      const asOf = textAt(actual, 'asOf');
      return `What it shows is too old${asOf === null ? '' : `, as of ${asOf.slice(0, 16).replace('T', ' ')} UTC`}; it needs ${factText(needed)}.`;
    }
    default:
      return says ?? ownReason(reason satisfies `own-${string}`, { actual, needed });
  }
}

/** A project's reason whose rule has no sentence for it: its code and what it looked at. */
const ownReason = (reason: string, { actual, needed }: Pick<Finding, 'actual' | 'needed'>) =>
  `${capital(spaced(reason.replace(/^own-/, '').replaceAll('-', ' ')))}: ${factText(actual)}, ${factText(needed)} needed.`;

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

/** A stored fact as text: `40`, `online and store`, `reason manual, since 2026-05-01T…`. */
export function factText(fact: Fact, word: 'and' | 'or' = 'and'): string {
  if (fact === null) return 'nothing';
  if (typeof fact === 'number') return fact.toLocaleString('en');
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  if (typeof fact === 'string') return fact;
  if (isList(fact)) return listed(fact, word);
  const entries = Object.entries(fact);
  return entries.length === 0
    ? 'nothing'
    : entries.map(([key, value]) => `${spaced(key)} ${factText(value)}`).join(', ');
}

const pointsText = (fact: Fact, names: Names) =>
  typeof fact === 'number' ? names.points(fact) : factText(fact);

function listed(fact: Fact, word: 'and' | 'or'): string {
  const items = isList(fact) ? fact.map((one) => factText(one)) : [factText(fact)];
  if (items.length === 0) return 'nothing';
  if (items.length === 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

const tiers = (fact: Fact, names: Names): Fact => {
  if (typeof fact === 'string') return names.tier(fact);
  return isList(fact) ? fact.map((id) => (typeof id === 'string' ? names.tier(id) : id)) : fact;
};

const isList = (fact: Fact): fact is readonly Fact[] => Array.isArray(fact);

function fieldOf(fact: Fact, key: string): Fact | undefined {
  return typeof fact === 'object' && fact !== null && !isList(fact) ? fact[key] : undefined;
}

function textAt(fact: Fact, key: string): string | null {
  const value = fieldOf(fact, key);
  return typeof value === 'string' ? value : null;
}

function dayAt(fact: Fact, key: string, names: Names): string | null {
  const value = textAt(fact, key);
  return value === null || Number.isNaN(Date.parse(value)) ? null : names.day(value);
}

const stateOf = (fact: Fact): string | null =>
  typeof fact === 'string' ? fact : textAt(fact, 'state');

const words = (code: string) => code.replaceAll('-', ' ');
const spaced = (key: string) => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** A sentence's beginning for the middle of another one; ids, names in capitals and `order:1001` stay as they are. */
export const midSentence = (text: string) =>
  /^(Shown|Hidden|They|The|There|It|What|Only|All|Others|Marketing|Not|Nothing)\b/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
