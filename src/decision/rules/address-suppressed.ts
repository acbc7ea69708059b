import { type MessageRule, pass, suppress } from './rule.ts';

/** Bounced, complained, unsubscribed or erased addresses get nothing; `commercial` ones only what needs no consent. */
export const addressSuppressed: MessageRule = {
  name: 'address-suppressed',
  version: 1,
  check: ({ suppression, template }) => {
    if (!suppression) return pass();
    if (suppression.scope === 'commercial' && template.class === 'transactional') {
      return pass({ actual: suppression.scope, needed: 'all' });
    }
    return suppress('address-suppressed', {
      actual: {
        reason: suppression.reason,
        since: suppression.at.toISOString(),
        scope: suppression.scope,
      },
      needed: null,
      flip: { text: 'Take the address off the suppression list.' },
    });
  },
};
