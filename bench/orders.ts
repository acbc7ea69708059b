import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { readCatalogue } from '../fixtures/load.ts';
import type { MessageRequest } from '../queues/producer.ts';
import type { Profile } from '../src/contract/profile.ts';

/** The mail that is measured: a shop's order confirmation with so many items. */
const itemsPerOrder = 8;
const brand = 'juniper';

/** Makes the n-th message, for the members in turn. */
export type Orders = (n: number) => MessageRequest & {
  readonly to: { readonly memberId: string };
  readonly data: Record<string, unknown>;
};

export async function orderConfirmations(
  members: readonly Pick<Profile, 'memberId'>[],
): Promise<Orders> {
  const { products } = await readCatalogue(brand);
  return (n) => {
    const items = Array.from({ length: itemsPerOrder }, (_, at) => {
      const product = products[(n + at) % products.length];
      const listPrice = 350 + 45 * at;
      return {
        productId: product?.productId ?? '',
        name: product?.name['en'] ?? '',
        quantity: 1 + (at % 2),
        unitPrice: at % 4 === 3 ? listPrice - 50 : listPrice,
        listPrice,
        ...(product?.imageUrl !== undefined && { imageUrl: product.imageUrl }),
        ...(at % 3 === 0 && { note: 'Large, one extra shot' }),
      };
    });
    const subtotal = items.reduce((sum, item) => sum + item.quantity * item.listPrice, 0);
    const total = items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
    return {
      template: 'order-confirmation',
      brand,
      to: { memberId: members[n % members.length]?.memberId ?? '' },
      idempotencyKey: `order-${n}`,
      data: {
        orderId: `J-${100_000 + n}`,
        orderedAt: '2026-11-20T08:12:00+01:00',
        currency: 'EUR',
        items,
        totals: {
          subtotal,
          discount: subtotal - total,
          shipping: 0,
          tax: Math.round(total * 0.07),
          total,
        },
        payable: total,
        payableWithPoints: true,
        channel: 'app',
        fulfilment: {
          kind: 'pickup',
          store: 'Rosenthaler Platz',
          address: 'Torstrasse 125, 10119 Berlin',
          readyAt: '2026-11-20T08:25:00+01:00',
        },
        trackUrl: `https://www.juniper.example/orders/J-${100_000 + n}`,
      },
    };
  };
}

/** The same for a React mail: the fixtures' flight booking. */
export async function flightBookings(members: readonly Profile[]): Promise<Orders> {
  const file = new URL('../fixtures/kestrel/samples/flight-booking.json', import.meta.url);
  const data = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
  return (n) => ({
    template: 'flight-booking',
    brand: 'kestrel',
    to: { memberId: members[n % members.length]?.memberId ?? '' },
    idempotencyKey: `booking-${n}`,
    data: { ...data, bookingReference: `K${100_000 + n}` },
  });
}
