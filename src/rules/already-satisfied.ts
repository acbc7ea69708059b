import { type MessageRule, pass, suppress } from './rule.ts';

/** A reminder whose purpose is fulfilled is not sent: the bonus is used (S11). The template says what fulfils it. */
export const alreadySatisfied: MessageRule = {
  name: 'already-satisfied',
  version: 1,
  check: ({ template, data, profile }) => {
    const satisfied = profile && template.satisfied?.(data, profile);
    return satisfied ? suppress('already-satisfied', satisfied) : pass();
  },
};
