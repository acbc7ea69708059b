import { z } from 'zod';

import type { LinkedOrder } from '../../src/contract/linked-data.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { ClockTime, Day, Instant, line, Reference, Things, WebUrl } from '../fields.ts';

const Parcel = z.strictObject({
  carrier: line(80).optional(),
  trackingNumber: Reference.optional(),
  trackingUrl: WebUrl.optional(),
  /** The day it should arrive, and between which hours, as far as the carrier says. */
  expectedOn: Day.optional(),
  between: z.strictObject({ from: ClockTime, to: ClockTime }).optional(),
  items: Things,
});

/** What left the warehouse, parcel by parcel. */
const Shipped = z.strictObject({
  orderId: Reference,
  shippedAt: Instant,
  /** Where it goes, in one line. */
  address: line(300).optional(),
  parcels: z
    .array(Parcel)
    .min(1, 'must have at least one parcel')
    .max(20, 'must have at most 20 parcels'),
  /** What of the order is not in these parcels and comes later. */
  toCome: Things,
});

export const shipped = defineTemplate({
  name: 'shipped',
  title: 'Shipped',
  class: 'transactional',
  for: 'anybody',
  trade: 'orders',
  schema: Shipped,
  blocks: ['status', 'offers'],
  headline: ({ orderId, parcels }) => ({ orderId, count: parcels.length }),
  about: ({ orderId }) => [`order:${orderId}`],
  linkedData: ({ orderId, parcels }, { name }) => {
    const partOfOrder: LinkedOrder = {
      '@type': 'Order',
      orderNumber: orderId,
      merchant: { '@type': 'Organization', name },
      orderStatus: 'https://schema.org/OrderInTransit',
    };
    return parcels.map(({ carrier, trackingNumber, trackingUrl, expectedOn, items }) => ({
      '@type': 'ParcelDelivery',
      partOfOrder,
      ...(carrier && { carrier: { '@type': 'Organization', name: carrier } }),
      ...(trackingNumber && { trackingNumber }),
      ...(trackingUrl && { trackingUrl }),
      ...(expectedOn && { expectedArrivalUntil: expectedOn }),
      ...(items.length > 0 && {
        itemShipped: items.map((item) => ({ '@type': 'Product', name: item.name })),
      }),
    }));
  },
  onUnknown: 'resend',
});
