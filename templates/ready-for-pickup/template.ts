import { z } from 'zod';

import { Money } from '../../src/core/money.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { ClockTime, Instant, line, Reference, Things, WebUrl } from '../fields.ts';

const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

/** An order that waits in a store. */
const ReadyForPickup = z.strictObject({
  orderId: Reference,
  store: z.strictObject({
    name: line(120),
    address: line(300).optional(),
    /** Opening hours; `to` where they are the same on several days in a row. Days left out are closed. */
    hours: z
      .array(
        z
          .strictObject({
            from: Weekday,
            to: Weekday.optional(),
            opens: ClockTime,
            closes: ClockTime,
          })
          // "Saturday – Saturday" is Saturday.
          .overwrite(({ to, ...hours }) => (to && to !== hours.from ? { ...hours, to } : hours)),
      )
      .max(14)
      .default([]),
    mapUrl: WebUrl.optional(),
  }),
  /** What to show in the store. */
  code: line(20).optional(),
  /** How long the store keeps it. */
  keptUntil: Instant.optional(),
  /** What is still to pay in the store. */
  payable: Money.optional(),
  /** What to bring: "An identity card". */
  bring: line(200).optional(),
  items: Things,
});

export const readyForPickup = defineTemplate({
  name: 'ready-for-pickup',
  title: 'Ready for pickup',
  class: 'transactional',
  for: 'anybody',
  trade: 'orders',
  schema: ReadyForPickup,
  blocks: ['status', 'offers'],
  headline: ({ orderId, store }) => ({ orderId, store: store.name }),
  about: ({ orderId }) => [`order:${orderId}`],
  linkedData: ({ orderId }, { name }) => [
    {
      '@type': 'Order',
      orderNumber: orderId,
      merchant: { '@type': 'Organization', name },
      orderStatus: 'https://schema.org/OrderPickupAvailable',
    },
  ],
  onUnknown: 'resend',
});
