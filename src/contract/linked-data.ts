import { minorDigits, type Money } from '../core/money.ts';

/*
 * What a mail says in a form machines read: schema.org, as JSON-LD. Gmail and Apple Mail make cards of it. Only what the
 * mail itself shows, and only what is known: an absent property claims nothing, a guessed one is wrong.
 */

type Organization = { readonly '@type': 'Organization' | 'Airline'; readonly name: string };

type Price = { readonly price: string; readonly priceCurrency: string };

/** https://schema.org/Order */
export type LinkedOrder = {
  readonly '@type': 'Order';
  readonly orderNumber: string;
  readonly merchant: Organization;
  readonly orderStatus?: `https://schema.org/Order${'Processing' | 'InTransit' | 'PickupAvailable' | 'Delivered' | 'Cancelled'}`;
  readonly orderDate?: string;
  readonly url?: string;
  readonly acceptedOffer?: readonly (Partial<Price> & {
    readonly '@type': 'Offer';
    readonly itemOffered: {
      readonly '@type': 'Product';
      readonly name: string;
      readonly image?: string;
    };
    readonly eligibleQuantity?: { readonly '@type': 'QuantitativeValue'; readonly value: number };
  })[];
} & Partial<Price>;

/** https://schema.org/ParcelDelivery */
export type LinkedParcel = {
  readonly '@type': 'ParcelDelivery';
  readonly partOfOrder: LinkedOrder;
  readonly carrier?: Organization;
  readonly trackingNumber?: string;
  readonly trackingUrl?: string;
  readonly expectedArrivalFrom?: string;
  readonly expectedArrivalUntil?: string;
  readonly itemShipped?: readonly { readonly '@type': 'Product'; readonly name: string }[];
};

type Airport = { readonly '@type': 'Airport'; readonly iataCode: string };

/** https://schema.org/FlightReservation. Times are the airports' own, without offset. */
export type LinkedFlight = {
  readonly '@type': 'FlightReservation';
  readonly reservationNumber: string;
  readonly reservationStatus: 'https://schema.org/ReservationConfirmed';
  readonly underName: readonly { readonly '@type': 'Person'; readonly name: string }[];
  readonly reservationFor: {
    readonly '@type': 'Flight';
    readonly flightNumber: string;
    readonly provider: Organization;
    readonly departureAirport: Airport;
    readonly arrivalAirport: Airport;
    readonly departureTime: string;
    readonly arrivalTime: string;
  };
  readonly modifyReservationUrl?: string;
};

export type LinkedData = LinkedOrder | LinkedParcel | LinkedFlight;

/** An amount as schema.org writes it: `24.50` and `EUR`. */
export function priceOf({ amount, currency }: Money): Price {
  const digits = minorDigits(currency);
  return { price: (amount / 10 ** digits).toFixed(digits), priceCurrency: currency };
}

/** A local time kept as if it were UTC, without the offset it hasn't got. */
export const withoutOffset = (localTime: string): string => localTime.replace(/Z$/, '');
