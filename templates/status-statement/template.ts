import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';

/** Everything in it is her membership as it stands when it leaves (S8). */
export const StatusStatement = z.strictObject({});

export const statusStatement = defineTemplate({
  name: 'status-statement',
  title: 'Status statement',
  class: 'transactional',
  for: 'member-in-good-standing',
  schema: StatusStatement,
  blocks: ['tenure', 'points-statement', 'savings', 'status', 'upcoming-deals'],
  headline: () => ({}),
  onUnknown: 'resend',
});
