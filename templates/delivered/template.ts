import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Day, Instant, line, Reference, Things, WebUrl } from '../fields.ts';

/** A parcel of an order that the carrier says was handed over. */
const Delivered = z.strictObject({
  orderId: Reference,
  deliveredAt: Instant,
  /** Where it was left, when not at the door: "With your neighbour, second floor". */
  place: line(200).optional(),
  address: line(300).optional(),
  parcel: z
    .strictObject({
      carrier: line(80).optional(),
      trackingNumber: Reference.optional(),
      trackingUrl: WebUrl.optional(),
    })
    .optional(),
  items: Things,
  /** The last day it can be returned. */
  returnUntil: Day.optional(),
  returnUrl: WebUrl.optional(),
});

export const delivered = defineTemplate({
  name: 'delivered',
  title: 'Delivered',
  class: 'transactional',
  for: 'anybody',
  trade: 'orders',
  schema: Delivered,
  blocks: ['status', 'offers'],
  headline: ({ orderId }) => ({ orderId }),
  about: ({ orderId }) => [`order:${orderId}`],
  linkedData: ({ orderId, parcel }, { name }) => [
    {
      '@type': 'ParcelDelivery',
      partOfOrder: {
        '@type': 'Order',
        orderNumber: orderId,
        merchant: { '@type': 'Organization', name },
        orderStatus: 'https://schema.org/OrderDelivered',
      },
      ...(parcel?.carrier && { carrier: { '@type': 'Organization', name: parcel.carrier } }),
      ...(parcel?.trackingNumber && { trackingNumber: parcel.trackingNumber }),
      ...(parcel?.trackingUrl && { trackingUrl: parcel.trackingUrl }),
    },
  ],
  onUnknown: 'resend',
});
