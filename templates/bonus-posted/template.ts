import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { line, Reference } from '../fields.ts';

/** Says that a bonus was posted. How much it is comes from the member's profile, not from here. */
const BonusPosted = z.strictObject({
  bonusId: Reference,
  name: line(120),
  /** `welcome`, `birthday`, `review`, `visit`, `referral` or `anniversary` in her language; anything else as it is. */
  reason: line(200),
});

export const bonusPosted = defineTemplate({
  name: 'bonus-posted',
  title: 'Bonus posted',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: BonusPosted,
  blocks: ['bonus', 'status'],
  headline: ({ name, reason }) => ({ bonus: name, reason }),
  names: ({ bonusId }) => ({ name: `bonuses.${bonusId}` }),
  about: ({ bonusId }) => [`bonus:${bonusId}`],
  bonusId: ({ bonusId }) => bonusId,
  onUnknown: 'resend',
});
