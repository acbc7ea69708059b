import type { Flip } from '../../contract/decision.ts';
import type { Profile } from '../../contract/profile.ts';
import { isNeutral, waitFor } from './not-known-now.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** What would make her a member in good standing again. */
export const reinstated = (status: Profile['memberStatus']): Flip => ({
  text:
    status === 'disputed'
      ? 'The dispute about the member’s accounts is settled.'
      : 'Reactivate the membership.',
  set: { memberStatus: 'active' },
});

/**
 * Whom a mail is for, as its template says (`for`): what is said of a membership goes to whoever has one. Promotion is for
 * members in good standing, too: nothing commercial to a suspended or disputed account (S13). A disputed account is nobody's
 * until that is settled; a suspended member still has what was booked, and may be sent its receipt.
 */
export const memberInGoodStanding: MessageRule = {
  name: 'member-in-good-standing',
  version: 2,
  check: (facts) => {
    const { template, profile, reading } = facts;
    const wanted = template.for ?? 'anybody';
    if (!profile) {
      if (wanted === 'anybody') return pass();
      if (isNeutral(reading)) return waitFor(facts, 'the member’s profile');
      return suppress('not-a-member', {
        actual: reading.kind === 'guest' ? reading.why : reading.kind,
        needed: 'a member whose own address this is',
      });
    }
    if (wanted === 'anybody' && template.class === 'transactional') return pass();
    const may: readonly Profile['memberStatus'][] =
      wanted === 'member' && template.class === 'transactional'
        ? ['active', 'suspended']
        : ['active'];
    const finding = { actual: profile.memberStatus, needed: may.length > 1 ? may : 'active' };
    return may.includes(profile.memberStatus)
      ? pass(finding)
      : suppress('member-not-active', {
          ...finding,
          flip: reinstated(profile.memberStatus),
        });
  },
};
