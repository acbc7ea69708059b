import { type MessageRule, pass, suppress } from './rule.ts';

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
          flip: { text: 'Reactivate the membership.', set: { memberStatus: 'active' } },
        });
  },
};
