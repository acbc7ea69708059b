import {
  dayAt,
  type Fact,
  factText,
  fieldOf,
  listed,
  midSentence,
  type Names,
  pointsText,
  spaced,
  stateOf,
  textAt,
  tierNames,
  words,
} from './fact-text.ts';

type Told = {
  readonly actual: Fact;
  readonly needed: Fact;
  readonly names: Names;
  /** The recipient, as a subject. */
  readonly who: string;
};

const inZone = (fact: Fact): string => {
  const zone = textAt(fact, 'zone');
  return zone === null ? '' : ` (${zone})`;
};

type Sentences = Readonly<Record<string, (told: Told) => string>>;

/**
 * Every reason there is, with its plain English sentence, made from the facts its rule used. What is stored may be older
 * than this code, so facts of an unexpected shape make the sentence vaguer, never wrong.
 */
export const reasons = {
  'address-suppressed': ({ actual, names }) => {
    const why = textAt(actual, 'reason');
    const since = dayAt(actual, 'since', names);
    return `The address is on the suppression list${why === null ? '' : ` (${words(why)})`}${since === null ? '' : `, since ${since}`}.`;
  },
  erased: () => 'The member asked to be forgotten.',
  'subject-cancelled': ({ actual, names }) => {
    const at = dayAt(actual, 'cancelledAt', names);
    return `${textAt(actual, 'subject') ?? 'What the message is about'} was cancelled${at === null ? '' : ` on ${at}`}.`;
  },
  'already-satisfied': ({ actual }) => {
    const state = stateOf(actual);
    return state === null
      ? 'There is nothing left to remind of.'
      : `What it reminds of is already ${state}.`;
  },
  expired: ({ needed }) => `It was too late: the message was wanted ${factText(needed)}.`,
  'no-marketing-consent': ({ actual, names }) => {
    const unsubscribed = dayAt(actual, 'unsubscribed', names);
    if (unsubscribed !== null) return `The address was unsubscribed on ${unsubscribed}.`;
    if (actual === null) return 'There is no marketing consent: it was never given.';
    const at = dayAt(actual, 'at', names);
    const source = textAt(actual, 'source');
    const basis = textAt(actual, 'basis');
    if (basis !== null && fieldOf(actual, 'granted') === true)
      return `There is no marketing consent: what there is${at === null ? '' : ` since ${at}`}${source === null ? '' : ` (${source})`} rests on ${basis === 'contract' ? 'a contract' : 'an earlier purchase'}.`;
    return `Marketing consent is not granted${at === null ? '' : ` since ${at}`}${source === null ? '' : ` (${source})`}.`;
  },
  'topic-off': ({ actual, names, who }) => {
    const at = dayAt(actual, 'at', names);
    return `${who} switched off mails about ${textAt(actual, 'topic') ?? 'this topic'}${at === null ? '' : ` on ${at}`}.`;
  },
  'never-bought': ({ needed, who }) =>
    `${who} never bought ${listed(fieldOf(needed, 'boughtOneOf') ?? 'anything like it', 'or')}.`,
  'preference-conflict': ({ actual, who }) => {
    const avoids = textAt(actual, 'avoids') ?? 'it';
    const because = textAt(actual, 'because');
    return `${who} avoids ${avoids}${because === null || because === avoids ? '' : ` (${because})`}, as stated in the preferences.`;
  },
  'already-redeemed': ({ actual, needed, who }) =>
    `${who} redeemed it ${actual === 1 ? 'once' : `${factText(actual)} times`}; ${factText(needed)} is needed.`,
  'bonus-used': ({ actual, who }) => {
    const state = stateOf(actual);
    // As this rule once said it of a bonus never granted.
    if (actual === null) return `${who} was not given this bonus.`;
    return state === null || state === 'granted'
      ? 'The bonus has lapsed.'
      : `The bonus is ${state}.`;
  },
  'bonus-not-granted': ({ who }) => `${who} was not given this bonus.`,
  'just-bought': ({ actual, names, who }) => {
    const product = textAt(actual, 'productId');
    const at = dayAt(actual, 'boughtAt', names);
    return `${who} bought ${product === null ? 'it' : names.product(product)} at full price${at === null ? '' : ` on ${at}`} and could still return it.`;
  },
  'wrong-channel': ({ actual, needed, who }) =>
    `It can be used by ${listed(needed, 'or')}; ${midSentence(who)} has only used ${listed(actual, 'and')}.`,
  'not-relevant': ({ actual, needed, who }) => {
    const owned = fieldOf(needed, 'owns');
    const interest = textAt(needed, 'interest');
    const days = fieldOf(actual, 'daysToBirthday');
    if (typeof days === 'number')
      return `It is for around a birthday, which is ${Math.abs(days)} ${Math.abs(days) === 1 ? 'day' : 'days'} ${days > 0 ? 'away' : 'past'}.`;
    if (owned !== undefined) return `${who} has none of what it goes with: ${listed(owned, 'or')}.`;
    return `${who} showed no interest in ${interest ?? 'it'} lately.`;
  },
  'no-signal-consent': ({ needed }) =>
    `It goes by what is only read with consent to ${listed(needed, 'or')}.`,
  'outside-dates': ({ needed, names }) => {
    const from = dayAt(needed, 'from', names);
    const before = dayAt(needed, 'before', names);
    return from === null || before === null
      ? 'It was not running at that time.'
      : `It runs from ${from} until ${before}.`;
  },
  'tier-not-eligible': ({ actual, needed, names, who }) =>
    `It is for ${listed(tierNames(needed, names), 'or')}; ${midSentence(who)} is ${listed(tierNames(actual, names), 'and')}.`,
  'usage-limit': ({ actual, needed }) =>
    `All of them are taken: ${factText(actual)} redeemed, of ${factText(needed).replace(/^fewer than /, '')}.`,
  'not-a-member': ({ actual }) =>
    actual === 'address-not-linked'
      ? 'The address is not this member’s own.'
      : 'The recipient is not a known member.',
  'member-not-active': ({ actual }) => `The membership is ${factText(actual)}.`,
  'too-few-points': ({ actual, needed, names }) =>
    `${pointsText(actual, names)}, ${factText(needed)} needed.`,
  'not-payable': ({ actual, needed, names }) =>
    typeof actual === 'number'
      ? `Only ${pointsText(actual, names)} could be used here, ${factText(needed)} needed.`
      : 'The purchase can no longer be paid with points.',
  'other-currency': ({ actual, needed }) =>
    `The purchase is in ${factText(actual)}; points pay in ${factText(needed)}.`,
  'not-entitled': ({ actual, names }) =>
    `${listed(tierNames(actual, names), 'and')} has no benefit on this purchase.`,
  'already-included': () => 'The purchase already includes what the tier would give.',
  'nothing-to-show': ({ needed }) => `There was nothing to show; it needs ${factText(needed)}.`,
  'bad-link': ({ actual, needed }) =>
    `It leads to ${factText(actual)}, where no mail may lead; it needs ${factText(needed)}.`,
  'not-in-template-data': ({ needed }) =>
    `The message's data has no such thing; it needs ${factText(needed)}.`,
  'too-little-affinity': ({ actual, needed, who }) =>
    `${who} does not buy that kind of thing often enough: ${factText(actual)}, ${factText(needed)} needed.`,
  'below-the-first': () => 'Others suit better, and a mail shows only the first few.',
  'not-due': ({ needed }) => `It is not due yet: it goes out ${factText(needed)}.`,
  'local-time': ({ actual, needed }) =>
    `It waits for ${textAt(needed, 'time') ?? 'its time'} on ${textAt(needed, 'date') ?? 'its day'} where the member is${inZone(actual)}.`,
  'quiet-hours': ({ actual, needed }) =>
    `It is a quiet hour where the member is${inZone(actual)}: nothing commercial goes from ${textAt(needed, 'from') ?? 'then'} to ${textAt(needed, 'to') ?? 'then'}.`,
  'frequency-capped': ({ actual, needed, who }) =>
    `${who} gets ${factText(fieldOf(actual, 'mails') ?? 'enough')} commercial mails already (${listed(fieldOf(actual, 'templates') ?? [], 'and')}); at most ${factText(fieldOf(needed, 'fewerThan') ?? 'so many')} go in ${factText(fieldOf(needed, 'inDays') ?? 'some')} days${fieldOf(needed, 'by') === undefined ? '' : ', as the member wants it'}.`,
  'no-coupon-left': ({ actual }) =>
    actual === 'used'
      ? 'The code of the offer was used already.'
      : 'No code is left in the pool of the offer.',
  'waiting-for-event': ({ actual, needed }) =>
    `It waits for ${factText(needed).replace(/ applied$/, '')}: ${factText(actual)}.`,
  'not-known-now': ({ actual, needed }) =>
    `Not known now: ${spaced(factText(needed))} (${listed(actual, 'and')}).`,
  'too-old': ({ actual, needed }) => {
    const asOf = textAt(actual, 'asOf');
    return `What it shows is too old${asOf === null ? '' : `, as of ${asOf.slice(0, 16).replace('T', ' ')} UTC`}; it needs ${factText(needed)}.`;
  },
} satisfies Sentences;

/** A reason of a project's own rules and blocks. */
type OwnReason = `own-${string}`;

export type Reason = OwnReason | keyof typeof reasons;
