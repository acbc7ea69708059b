import { type MessageRule, pass, suppress } from './rule.ts';

/** Whoever asked to be forgotten is not written to, whatever is still waiting. */
export const erased: MessageRule = {
  name: 'erased',
  version: 1,
  check: ({ reading }) =>
    reading.kind === 'erased' ||
    (reading.kind === 'member' && reading.profile.memberStatus === 'erased')
      ? suppress('erased', { actual: 'erased', needed: 'a member who was not erased' })
      : pass(),
};
