import { type MessageRule, pass } from './rule.ts';

/** Not before its producer's `sendAt`: held, which costs no try. */
export const notDue: MessageRule = {
  name: 'not-due',
  version: 1,
  check: ({ message: { sendAt }, now }) => {
    if (!sendAt) return pass();
    const finding = { actual: now.toISOString(), needed: `from ${sendAt.toISOString()}` };
    return now < sendAt
      ? { outcome: 'hold', reason: 'not-due', until: sendAt, ...finding }
      : pass(finding);
  },
};
