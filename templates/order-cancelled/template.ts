import { z } from 'zod';

import { Currency } from '../../src/core/money.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Day, Instant, line, Minor, Reference, Things, WebUrl } from '../fields.ts';

const Points = z
  .int('must be a whole number')
  .positive('must be at least 1; leave it out where there are none');

/** An order that was cancelled or refunded, in whole or in part. What isn't known yet is left out, and not spoken of. */
const OrderCancelled = z.strictObject({
  orderId: Reference,
  what: z.enum(['cancelledWhole', 'cancelledPart', 'refundedWhole', 'refundedPart']),
  at: Instant,
  reason: line(300).optional(),
  refund: z
    .strictObject({
      amount: Minor.min(1, 'must be at least 1; leave the refund out where nothing was paid'),
      currency: Currency,
      /** Where the money goes: "the card ending 4242". */
      to: line(120).optional(),
      /** The last day it should be there. */
      by: Day.optional(),
    })
    .optional(),
  /** Spent on the order and given back; earned by it and taken back. As booked. */
  pointsGivenBack: Points.optional(),
  pointsTakenBack: Points.optional(),
  items: Things,
  orderUrl: WebUrl.optional(),
});

export const orderCancelled = defineTemplate({
  name: 'order-cancelled',
  title: 'Order cancelled or refunded',
  class: 'transactional',
  for: 'anybody',
  trade: 'orders',
  schema: OrderCancelled,
  blocks: ['status'],
  headline: ({ orderId, what }) => ({ orderId, what }),
  // Not about the order: cancelling that stops every mail about it, and this is the one that says so.
  about: ({ orderId }) => [`cancellation:${orderId}`],
  linkedData: ({ orderId, what }, { name }) =>
    what === 'cancelledWhole'
      ? [
          {
            '@type': 'Order',
            orderNumber: orderId,
            merchant: { '@type': 'Organization', name },
            orderStatus: 'https://schema.org/OrderCancelled',
          },
        ]
      : [],
  onUnknown: 'resend',
});
