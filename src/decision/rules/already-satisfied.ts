import { isNeutral, waitFor } from './not-known-now.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** A reminder whose purpose is fulfilled is not sent: the bonus is used (S11). The template says what fulfils it. */
export const alreadySatisfied: MessageRule = {
  name: 'already-satisfied',
  version: 1,
  check: (facts) => {
    const { template, data, profile, reading } = facts;
    if (template.satisfied && isNeutral(reading)) return waitFor(facts, 'the member’s profile');
    const satisfied = profile && template.satisfied?.(data, profile, facts.brand);
    return satisfied ? suppress('already-satisfied', satisfied) : pass();
  },
};
