import { z } from 'zod';

import { Money } from '../../src/core/money.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Day, Instant, line, Reference } from '../fields.ts';

/** Points that were spent: at the till, online or in the app alike. What is left comes from the profile. */
const RedemptionReceipt = z.strictObject({
  redemptionId: Reference,
  at: Instant,
  points: z.int('must be a whole number').positive('must be at least 1'),
  /** What she got for them. */
  reward: line(120),
  worth: Money.optional(),
  /** Where it was redeemed: a store, "online", "in the app". */
  where: line(120).optional(),
  /** What to show where the reward is used later. */
  code: line(20).optional(),
  /** The last day the code can be used. */
  useBy: Day.optional(),
});

export const redemptionReceipt = defineTemplate({
  name: 'redemption-receipt',
  title: 'Redemption receipt',
  class: 'transactional',
  for: 'member',
  schema: RedemptionReceipt,
  blocks: ['status'],
  headline: ({ reward }) => ({ reward }),
  about: ({ redemptionId }) => [`redemption:${redemptionId}`],
  onUnknown: 'resend',
});
