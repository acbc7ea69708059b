import { z } from 'zod';

import { withoutOffset } from '../../src/contract/linked-data.ts';
import { Currency } from '../../src/core/money.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, line, LocalTime, Minor, Reference, WebUrl } from '../fields.ts';

/** Lowest first. */
const cabins = ['economy', 'premium-economy', 'business', 'first'] as const;

const Airport = z.strictObject({
  code: z.string().regex(/^[A-Z]{3}$/, 'must be an airport code such as HAM'),
  city: line(80),
});

const Segment = z.strictObject({
  flight: line(12),
  from: Airport,
  to: Airport,
  departsAt: LocalTime,
  arrivesAt: LocalTime,
  cabin: z.enum(cabins),
});
export type Segment = z.output<typeof Segment>;

/** A booking with all its flights. Amounts in minor units. */
const FlightBooking = z.strictObject({
  bookingReference: Reference,
  bookedAt: Instant,
  passengers: z.array(line(120)).min(1, 'must name at least one passenger').max(30),
  segments: z.array(Segment).min(1, 'must have at least one flight').max(12),
  fare: z.strictObject({
    total: Minor,
    currency: Currency,
    /** What is still to pay; nothing, where the booking is paid. */
    payable: Minor.default(0),
    /** Whether miles can still pay it. */
    payableWithPoints: z.boolean().default(false),
    /** The catalogue's product, such as `flight-eco`. */
    productId: Reference.optional(),
  }),
  /** What was booked along with the flight. */
  extras: z
    .array(z.strictObject({ productId: Reference, name: line(120), price: Minor }))
    .max(30)
    .default([]),
  /** Benefit types the fare already includes, such as `checked-bag`. */
  includes: z.array(line(60)).max(20).default([]),
  channel: line(40).optional(),
  manageUrl: WebUrl.optional(),
});
export type FlightBooking = z.output<typeof FlightBooking>;

export const flightBooking = defineTemplate({
  name: 'flight-booking',
  title: 'Flight booking',
  class: 'transactional',
  for: 'anybody',
  trade: 'bookings',
  schema: FlightBooking,
  blocks: ['points-banner', 'entitlements', 'status', 'offers'],
  headline: ({ bookingReference, segments }) => ({
    reference: bookingReference,
    origin: segments[0]?.from.city ?? '',
    destination: destinationOf(segments)?.city ?? '',
  }),
  about: ({ bookingReference }) => [`trip:${bookingReference}`],
  order: ({ bookingReference, segments, fare, extras, includes, channel }) => ({
    kind: 'booking',
    id: bookingReference,
    total: { amount: fare.total, currency: fare.currency },
    payable: { amount: fare.payable, currency: fare.currency },
    payableWithPoints: fare.payableWithPoints,
    ...(channel !== undefined && { channel }),
    items: [...(fare.productId === undefined ? [] : [fare.productId]), ...ids(extras)].map(
      (productId) => ({ productId, fullPrice: true }),
    ),
    // A benefit of economy is of use as soon as one flight is in economy.
    attributes: {
      cabin: cabins.find((cabin) => segments.some((one) => one.cabin === cabin)) ?? '',
    },
    includes,
  }),
  linkedData: ({ bookingReference, passengers, segments, manageUrl }, { name }) =>
    segments.map(({ flight, from, to, departsAt, arrivesAt }) => ({
      '@type': 'FlightReservation',
      reservationNumber: bookingReference,
      reservationStatus: 'https://schema.org/ReservationConfirmed',
      underName: passengers.map((passenger) => ({ '@type': 'Person', name: passenger })),
      reservationFor: {
        '@type': 'Flight',
        flightNumber: flight,
        provider: { '@type': 'Airline', name },
        departureAirport: { '@type': 'Airport', iataCode: from.code },
        arrivalAirport: { '@type': 'Airport', iataCode: to.code },
        departureTime: withoutOffset(departsAt),
        arrivalTime: withoutOffset(arrivesAt),
      },
      ...(manageUrl !== undefined && { modifyReservationUrl: manageUrl }),
    })),
  onUnknown: 'resend',
});

const ids = (extras: readonly { productId: string }[]) => extras.map(({ productId }) => productId);

/** Where the trip goes: the far end of a return trip, else the last stop. */
export function destinationOf(segments: readonly Segment[]): Segment['to'] | undefined {
  const first = segments[0];
  const last = segments.at(-1);
  if (!first || !last || first.from.code !== last.to.code) return last?.to;
  return segments[Math.ceil(segments.length / 2) - 1]?.to;
}
