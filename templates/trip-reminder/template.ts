import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { line, LocalTime, Reference, WebUrl } from '../fields.ts';

const TripReminder = z.strictObject({
  bookingReference: Reference,
  destination: z.strictObject({
    code: z.string().regex(/^[A-Z]{3}$/, 'must be an airport code such as LIS'),
    city: line(80),
  }),
  flight: line(12).optional(),
  departsAt: LocalTime,
  /** What to do there, best first. */
  things: z
    .array(z.strictObject({ title: line(120), body: line(400), url: WebUrl.optional() }))
    .max(6)
    .default([]),
  manageUrl: WebUrl.optional(),
});

export const tripReminder = defineTemplate({
  name: 'trip-reminder',
  title: 'Trip reminder',
  class: 'transactional',
  for: 'anybody',
  trade: 'bookings',
  schema: TripReminder,
  blocks: ['status', 'offers'],
  headline: ({ bookingReference, destination }) => ({
    reference: bookingReference,
    destination: destination.city,
  }),
  about: ({ bookingReference }) => [`trip:${bookingReference}`],
  onUnknown: 'resend',
});
