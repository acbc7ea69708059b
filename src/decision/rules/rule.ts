import type { Offer } from '../../brand/catalogue.ts';
import type { Finding, Step } from '../../contract/decision.ts';
import type { Facts } from '../../contract/facts.ts';
import type { ProfileField } from '../../contract/profile.ts';
import type { Reason } from '../../contract/reasons.ts';
import { NotKnown } from '../../profile/not-known.ts';

export type Verdict =
  | ({ readonly outcome: 'pass' } & Partial<Finding>)
  | ({ readonly outcome: 'suppress' | 'hide'; readonly reason: Reason } & Finding)
  | ({ readonly outcome: 'hold'; readonly reason: Reason; readonly until: Date } & Finding);

/** Says whether a whole message may go. Its version rises whenever its answer could change. */
export type MessageRule = {
  readonly name: string;
  readonly version: number;
  readonly check: (facts: Facts) => Verdict;
};

/** Says whether one offer may be shown to this member. */
export type OfferRule = {
  readonly name: string;
  readonly version: number;
  readonly check: (subject: { readonly offer: Offer; readonly facts: MemberFacts }) => Verdict;
};

/** Says whether a block of some content may be shown at all, before the block itself is asked. */
export type BlockRule = {
  readonly name: string;
  readonly version: number;
  readonly check: (subject: {
    readonly block: {
      readonly name: string;
      readonly content: string;
      readonly membersOnly: boolean;
    };
    readonly facts: Facts;
  }) => Verdict;
};

/** Offers are only ever decided for a known member. */
export type MemberFacts = Facts & { readonly profile: NonNullable<Facts['profile']> };

export const pass = (finding?: Partial<Finding>): Verdict => ({ outcome: 'pass', ...finding });
export const suppress = (reason: Reason, finding: Finding): Verdict => ({
  outcome: 'suppress',
  reason,
  ...finding,
});
export const hide = (reason: Reason, finding: Finding): Verdict => ({
  outcome: 'hide',
  reason,
  ...finding,
});

/** A verdict where a rule reads a field that no profile source can tell now. */
export type Unknown = (field: ProfileField) => Verdict;

/**
 * Asks the rules in order and stops at the first objection, so that a decision names exactly one cause.
 * Every rule asked leaves a step. A hold because something isn't known now goes on asking: a later rule may know enough
 * to say no.
 */
export function ask<Subject>(
  rules: readonly { name: string; version: number; check: (subject: Subject) => Verdict }[],
  subject: Subject,
  unknown: Unknown = unforeseen,
): {
  readonly steps: readonly Step[];
  readonly objection: Objection | null;
} {
  const steps: Step[] = [];
  let waiting: Objection | null = null;
  for (const { name, version, check } of rules) {
    const step: Step = Object.assign({ rule: name, version }, asked(check, subject, unknown));
    steps.push(step);
    if (step.outcome === 'pass') continue;
    if (step.outcome !== 'hold' || step.reason !== 'not-known-now')
      return { steps, objection: step };
    waiting ??= step;
  }
  return { steps, objection: waiting };
}

const unforeseen: Unknown = (field) => {
  throw new NotKnown(field);
};

function asked<Subject>(
  check: (subject: Subject) => Verdict,
  subject: Subject,
  unknown: Unknown,
): Verdict {
  try {
    return check(subject);
  } catch (error) {
    if (error instanceof NotKnown) return unknown(error.field);
    throw error;
  }
}

type Objection = Exclude<Step, { outcome: 'pass' }>;
