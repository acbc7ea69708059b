import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { MessageRequest } from '../../../queues/producer.ts';

/** One thing that happens in the demo's afternoon: what a shop, an airline or a CRM would hand in. */
export type Scene = {
  /** Whose mail it is, for the reader. */
  readonly who: string;
  readonly request: MessageRequest;
  /** Subjects that are cancelled right after the message was accepted. */
  readonly thenCancel?: readonly string[];
};

type BrandId = 'juniper' | 'kestrel';
type Person = { readonly id: string; readonly name: string };

const fixtures = join(import.meta.dirname, '..', '..', '..', 'fixtures');
const Data = z.record(z.string(), z.unknown());

const readSample = async (brand: BrandId, template: string) =>
  Data.parse(
    JSON.parse(await readFile(join(fixtures, brand, 'samples', `${template}.json`), 'utf8')),
  );

const mug = { productId: 'travel-mug', name: 'Travel mug', quantity: 1, unitPrice: 2400 };
const croissant = {
  productId: 'almond-croissant',
  name: 'Almond croissant',
  quantity: 1,
  unitPrice: 390,
};
const cup = { productId: 'flat-white', name: 'Flat white', quantity: 2, unitPrice: 420 };
const total = (amount: number) => ({ subtotal: amount, total: amount });
const delivery = { kind: 'delivery', address: 'Oderberger Strasse 11, 10435 Berlin' };

const member = (
  brand: BrandId,
  { id, name }: Person,
  template: string,
  data: Record<string, unknown>,
  rest: Partial<MessageRequest> = {},
): Scene => ({ who: name, request: { template, brand, to: { memberId: id }, data, ...rest } });

const onTrip = (bookingReference: string) => ({
  bookingReference,
  manageUrl: `https://www.kestrel.example/trips/${bookingReference}`,
});

/**
 * A realistic afternoon of two brands. Order numbers and trips are new in every run, so that the demo can be repeated.
 * @param run tells runs apart, e.g. `3F9K`
 * @param at when the story plays
 */
export async function readAfternoon(run: string, at: Date): Promise<Scene[]> {
  const order = await readSample('juniper', 'order-confirmation');
  const flight = await readSample('kestrel', 'flight-booking');
  const trip = await readSample('kestrel', 'trip-reminder');
  const posted = await readSample('juniper', 'bonus-posted');
  const reminder = await readSample('juniper', 'bonus-reminder');
  const milesReminder = await readSample('kestrel', 'bonus-reminder');
  let number = 0;
  const nextId = (letter: string) => `${letter}${run}${++number}`;
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1000).toISOString();

  const placed = (changes: Record<string, unknown>) => {
    const orderId = nextId('J-');
    return {
      ...order,
      orderId,
      orderedAt: later(-90),
      fulfilment: { ...Data.parse(order['fulfilment']), readyAt: later(600) },
      trackUrl: `https://www.juniper.example/orders/${orderId}`,
      ...changes,
    };
  };
  const buys = (person: Person, changes: Record<string, unknown> = {}) =>
    member('juniper', person, 'order-confirmation', placed(changes));
  const books = (person: Person, changes: Record<string, unknown> = {}) =>
    member('kestrel', person, 'flight-booking', {
      ...flight,
      ...onTrip(nextId('K')),
      bookedAt: later(-90),
      passengers: [person.name],
      ...changes,
    });

  const hanna = { id: 'hanna-vogel', name: 'Hanna Vogel' };
  const ana = { id: 'ana-keller', name: 'Ana Keller' };
  const marco = { id: 'marco-silva', name: 'Marco Silva' };
  const lateTrip = nextId('K');

  return [
    buys(hanna),
    buys({ id: 'mira-lind', name: 'Mira Lind' }),
    buys(
      { id: 'tom-becker', name: 'Tom Becker' },
      { items: [cup, croissant], totals: total(1230), payable: 1230 },
    ),
    buys(
      { id: 'greta-holm', name: 'Greta Holm' },
      { items: [cup], totals: total(840), payable: 0, channel: 'store' },
    ),
    buys({ id: 'felix-arnold', name: 'Felix Arnold' }),
    buys({ id: 'ida-novak', name: 'Ida Novak' }),
    buys({ id: 'june-abbott', name: 'June Abbott' }),
    buys(
      { id: 'ava-sterling', name: 'Ava Sterling' },
      { items: [mug, cup], totals: total(3240), payable: 3240, fulfilment: delivery },
    ),
    buys({ id: 'lena-krause', name: 'Lena Krause' }),
    buys({ id: 'viktor-hale', name: 'Viktor Hale' }),
    buys({ id: 'rosa-marin', name: 'Rosa Marin' }),
    {
      who: 'Chris Lane (guest)',
      request: {
        template: 'order-confirmation',
        brand: 'juniper',
        to: { email: 'chris.lane@example.com', name: 'Chris Lane' },
        data: placed({ items: [cup], totals: total(840), payable: 0 }),
      },
    },
    member('juniper', hanna, 'bonus-posted', posted),
    member('juniper', hanna, 'bonus-reminder', reminder),
    member('juniper', { id: 'lena-krause', name: 'Lena Krause' }, 'bonus-reminder', reminder),
    books(ana),
    books({ id: 'jonas-brandt', name: 'Jonas Brandt' }),
    books({ id: 'petra-lang', name: 'Petra Lang' }),
    books({ id: 'otto-weiss', name: 'Otto Weiss' }),
    books(
      { id: 'elin-strand', name: 'Elin Strand' },
      {
        includes: ['checked-bag', 'lounge', 'priority-boarding'],
        fare: { ...Data.parse(flight['fare']), payable: 0, payableWithPoints: false },
      },
    ),
    member('kestrel', { id: 'petra-lang', name: 'Petra Lang' }, 'bonus-reminder', milesReminder),
    member(
      'kestrel',
      ana,
      'trip-reminder',
      { ...trip, ...onTrip(nextId('K')) },
      { sendAt: later(12 * 86_400) },
    ),
    member('kestrel', marco, 'trip-reminder', { ...trip, ...onTrip('K3XW8R') }),
    {
      ...member(
        'kestrel',
        ana,
        'trip-reminder',
        { ...trip, ...onTrip(lateTrip) },
        { sendAt: later(1) },
      ),
      thenCancel: [`trip:${lateTrip}`],
    },
  ];
}

/** Everyone who gets, or pointedly doesn't get, their year with Juniper. */
export const reviewAudience = [
  'hanna-vogel',
  'noah-reyes',
  'sam-doyle',
  'ida-novak',
  'lena-krause',
  'ava-sterling',
  'rosa-marin',
  'tom-becker',
] as const;
