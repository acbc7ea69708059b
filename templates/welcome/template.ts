import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Reference } from '../fields.ts';

/** To a new member of the programme. */
const Welcome = z.strictObject({
  /** The bonus given for joining, if there is one. */
  bonusId: Reference.optional(),
});

export const welcome = defineTemplate({
  name: 'welcome',
  title: 'Welcome',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: Welcome,
  blocks: ['bonus', 'status', 'offers'],
  headline: () => ({}),
  bonusId: ({ bonusId }) => bonusId,
  onUnknown: 'resend',
});
