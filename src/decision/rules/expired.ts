import { type MessageRule, pass, suppress } from './rule.ts';

/** Later than its producer wanted it: a late mail of this kind is worse than none. */
export const expired: MessageRule = {
  name: 'expired',
  version: 1,
  check: ({ message, now }) => {
    if (!message.expiresAt) return pass();
    const finding = {
      actual: now.toISOString(),
      needed: `before ${message.expiresAt.toISOString()}`,
    };
    return now >= message.expiresAt
      ? suppress('expired', {
          ...finding,
          flip: { text: `Send it before ${message.expiresAt.toISOString()}.` },
        })
      : pass(finding);
  },
};
