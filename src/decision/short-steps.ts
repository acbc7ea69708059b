import type { Flip, Step } from '../contract/decision.ts';
import type { Fact } from '../contract/fact-text.ts';
import type { Reason } from '../contract/reasons.ts';
import type { Head } from './rule-set.ts';

/** As many steps that say what the last of their rule did; or what one says otherwise; or a whole one. */
export type Token = number | Change | Step;

/** Of the step that is next in line: what it doesn't say as the last one of its rule with this outcome. */
type Change = {
  /** The outcome; left out for a pass. */
  readonly o?: 'hide' | 'suppress' | 'hold';
  readonly r?: Reason;
  /** Until when it holds. */
  readonly u?: Date;
  readonly a?: Fact;
  readonly n?: Fact;
  /** A flip that is only words is its words. */
  readonly f?: string | Flip;
  /** It says nothing of what it looked at, unlike the last one. */
  readonly x?: 1;
};

type Found = {
  readonly actual?: Fact | undefined;
  readonly needed?: Fact | undefined;
  readonly flip?: Flip | undefined;
  readonly reason?: Reason | undefined;
};
/** What the last step of each rule found, by rule and outcome, while a decision is written or read from its beginning. */
export type Latest = Map<string, Found>;

const nothing: Found = {};
const keyOf = (rule: string, outcome: Step['outcome']) =>
  outcome === 'pass' ? rule : `${rule} ${outcome}`;

/** Steps, as they differ from what `sequence` and the steps before lead to expect. */
export function shortenSteps(
  steps: readonly Step[],
  sequence: readonly Head[],
  latest: Latest,
): Token[] {
  const tokens: Token[] = [];
  let same = 0;
  for (let at = 0; at < steps.length; at += 1) {
    const step = steps[at];
    if (!step) continue;
    const token = tokenOf(step, sequence[at], latest);
    if (token === 'same') {
      same += 1;
      continue;
    }
    if (same > 0) tokens.push(same);
    same = 0;
    tokens.push(token);
  }
  if (same > 0) tokens.push(same);
  return tokens;
}

function tokenOf(step: Step, head: Head | undefined, latest: Latest): Change | Step | 'same' {
  const { rule, version, outcome } = step;
  if (head?.[0] !== rule || head[1] !== version) return step;
  const key = keyOf(rule, outcome);
  const before = latest.get(key) ?? nothing;
  const change: { -readonly [Key in keyof Change]: Change[Key] } = {};
  const { actual, needed, flip } = step;
  if (isNothing(step)) {
    if (!isNothing(before)) change.x = 1;
  } else {
    // Not to say what the last one said takes saying everything else.
    if (lacks(step, before)) return step;
    if (actual !== undefined && !isSame(actual, before.actual)) change.a = actual;
    if (needed !== undefined && !isSame(needed, before.needed)) change.n = needed;
    if (flip !== undefined && !isSame(flip, before.flip))
      change.f = flip.set === undefined ? flip.text : flip;
  }
  if (outcome !== 'pass') {
    if (actual === undefined || needed === undefined) return step;
    change.o = outcome;
    if (step.reason !== before.reason) change.r = step.reason;
    if (outcome === 'hold') change.u = step.until;
  }
  latest.set(key, step);
  return isEmpty(change) ? 'same' : change;
}

function isEmpty(change: Change): boolean {
  for (const _ in change) return false;
  return true;
}

const isNothing = ({ actual, needed, flip }: Found) =>
  actual === undefined && needed === undefined && flip === undefined;

const lacks = (now: Found, before: Found) =>
  (now.actual === undefined && before.actual !== undefined) ||
  (now.needed === undefined && before.needed !== undefined) ||
  (now.flip === undefined && before.flip !== undefined);

/** What isn't found to be the same is only written again. */
function isSame(now: unknown, before: unknown): boolean {
  if (now === before) return true;
  if (typeof now !== 'object' || typeof before !== 'object' || !now || !before) return false;
  if (Array.isArray(now) !== Array.isArray(before)) return false;
  // Written out: this runs some hundred times a mail, and lists of entries would be most of what it costs.
  const theirs = Object.keys(before);
  let at = 0;
  for (const key in now) {
    if (theirs[at] !== key || !isSame(Reflect.get(now, key), Reflect.get(before, key)))
      return false;
    at += 1;
  }
  return at === theirs.length;
}

/** The steps that `shortenSteps` made tokens of, as JSON has them. */
export function expandSteps(
  tokens: readonly Token[],
  sequence: readonly Head[],
  latest: Latest,
): Step[] {
  const steps: Step[] = [];
  for (const token of tokens) {
    if (typeof token !== 'number') steps.push(stepOf(token, sequence[steps.length], latest));
    else
      for (let count = 0; count < token; count += 1)
        steps.push(stepOf({}, sequence[steps.length], latest));
  }
  return steps;
}

function stepOf(token: Change | Step, head: Head | undefined, latest: Latest): Step {
  if ('rule' in token) return token;
  if (!head) throw new Error('a short form of another rule set: it counts beyond its rules');
  const [rule, version] = head;
  const outcome = token.o ?? 'pass';
  const key = keyOf(rule, outcome);
  const found = token.x === 1 ? nothing : foundBy(token, latest.get(key) ?? nothing);
  latest.set(key, found);
  const { actual, needed, flip, reason } = found;
  const said = { ...(flip !== undefined && { flip }) };
  if (outcome === 'pass')
    return {
      rule,
      version,
      outcome,
      ...(actual !== undefined && { actual }),
      ...(needed !== undefined && { needed }),
      ...said,
    };
  if (reason === undefined || actual === undefined || needed === undefined)
    throw new Error(`a short form in which ${rule} objects without saying why`);
  const objection = { rule, version, reason, actual, needed, ...said };
  if (outcome !== 'hold') return { ...objection, outcome };
  if (token.u === undefined) throw new Error(`a short form in which ${rule} waits for ever`);
  return { ...objection, outcome, until: token.u };
}

const foundBy = ({ a, n, f, r }: Change, before: Found): Found => ({
  actual: a === undefined ? before.actual : a,
  needed: n === undefined ? before.needed : n,
  flip: f === undefined ? before.flip : typeof f === 'string' ? { text: f } : f,
  reason: r ?? before.reason,
});
