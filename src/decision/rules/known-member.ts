import { reinstated } from './member-in-good-standing.ts';
import { isNeutral, leaveOut } from './not-known-now.ts';
import { type BlockRule, hide, pass } from './rule.ts';

/** Loyalty content is only for a member we know, whose account is in order: otherwise the mail stays neutral. */
export const knownMember: BlockRule = {
  name: 'known-member',
  version: 1,
  check: ({ block, facts }) => {
    const { reading, profile } = facts;
    if (!block.membersOnly) return pass();
    if (isNeutral(reading)) return leaveOut(facts, 'the member’s profile');
    if (!profile) {
      return hide('not-a-member', {
        actual: reading.kind === 'guest' ? reading.why : reading.kind,
        needed: 'a member whose own address this is',
      });
    }
    return profile.memberStatus === 'active'
      ? pass({ actual: 'active', needed: 'active' })
      : hide('member-not-active', {
          actual: profile.memberStatus,
          needed: 'active',
          flip: reinstated(profile.memberStatus),
        });
  },
};
