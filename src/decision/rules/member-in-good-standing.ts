import type { Flip } from '../../contract/decision.ts';
import type { Profile } from '../../contract/profile.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** What would make her a member in good standing again. */
export const reinstated = (status: Profile['memberStatus']): Flip => ({
  text:
    status === 'disputed'
      ? 'The dispute about the member’s accounts is settled.'
      : 'Reactivate the membership.',
  set: { memberStatus: 'active' },
});

/** Promotion is for members in good standing: nothing commercial to a suspended or disputed account (S13). */
export const memberInGoodStanding: MessageRule = {
  name: 'member-in-good-standing',
  version: 1,
  check: ({ template, profile }) => {
    if (template.class === 'transactional' || !profile) return pass();
    const finding = { actual: profile.memberStatus, needed: 'active' };
    return profile.memberStatus === 'active'
      ? pass(finding)
      : suppress('member-not-active', {
          ...finding,
          flip: reinstated(profile.memberStatus),
        });
  },
};
