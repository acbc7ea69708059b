import type { Finding } from '../../contract/decision.ts';
import type { Facts } from '../../contract/facts.ts';
import { isNeutral, leaveOut, waitFor } from './not-known-now.ts';
import { type BlockRule, hide, type MessageRule, pass, suppress } from './rule.ts';

/** What stands against promotion to this recipient; a purpose never asked is not granted. */
function objection({ profile, suppression, brand }: Facts): Finding | undefined {
  if (suppression) {
    return {
      actual: { unsubscribed: suppression.at.toISOString() },
      needed: 'an address that takes promotion',
      flip: { text: 'The member subscribes again.' },
    };
  }
  const consent = profile?.consents.marketing;
  const bases = ['consent', ...(brand.existingCustomers ? ['existing-customer'] : [])];
  if (consent?.granted && bases.includes(consent.basis ?? 'consent')) return undefined;
  return {
    actual: consent
      ? {
          granted: consent.granted,
          source: consent.source,
          at: consent.at,
          ...(consent.basis && { basis: consent.basis }),
        }
      : null,
    needed: { granted: true, ...(consent?.granted && { basis: bases }) },
    flip: {
      text: 'The member gives marketing consent.',
      set: consent?.granted
        ? { 'consents.marketing.basis': 'consent' }
        : { 'consents.marketing.granted': true },
    },
  };
}

/** A commercial message needs marketing consent. */
export const marketingConsent: MessageRule = {
  name: 'marketing-consent',
  version: 1,
  check: (facts) => {
    if (facts.template.class === 'transactional')
      return pass({ actual: 'transactional', needed: null });
    if (!facts.suppression && isNeutral(facts.reading)) return waitFor(facts, 'consents');
    const finding = objection(facts);
    return finding
      ? suppress('no-marketing-consent', finding)
      : pass({ actual: true, needed: true });
  },
};

/** A promotional block needs it too, also inside a receipt (S14). */
export const marketingConsentForBlock: BlockRule = {
  name: 'marketing-consent',
  version: 1,
  check: ({ block, facts }) => {
    if (block.content !== 'promotional') return pass();
    if (!facts.suppression && isNeutral(facts.reading)) return leaveOut(facts, 'consents');
    const finding = objection(facts);
    return finding ? hide('no-marketing-consent', finding) : pass({ actual: true, needed: true });
  },
};
