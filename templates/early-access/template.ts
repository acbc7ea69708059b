import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, Reference } from '../fields.ts';

/** Opens an offer of the kind `early-access` to those who mostly buy such things (S19). */
const EarlyAccess = z.strictObject({
  /** In the brand's catalogue: its words, its picture and its dates are there. */
  offerId: Reference,
  /** When it opens to everyone. */
  everyoneAt: Instant.optional(),
});

export const earlyAccess = defineTemplate({
  name: 'early-access',
  title: 'Early access',
  class: 'commercial',
  for: 'member-in-good-standing',
  schema: EarlyAccess,
  blocks: ['recommendation'],
  needs: ['recommendation'],
  headline: () => ({}),
  about: ({ offerId }) => [`offer:${offerId}`],
  offerId: ({ offerId }) => offerId,
  onUnknown: 'resend',
});
