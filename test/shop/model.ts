import { type Random, random } from './random.ts';

/*
 * A shop's days as they happened: people, orders, what came back. Amounts are cents. Payloads are written from this, and so is
 * what the ledger must come to; neither from the other.
 */
export type Customer = {
  readonly id: number;
  readonly createdAt: number;
  readonly updates: readonly { readonly at: number; readonly firstName: string }[];
  readonly firstName: string;
  readonly email: string;
  readonly verified: boolean;
  readonly subscribed: boolean;
};
export type Buyer =
  | { readonly kind: 'customer'; readonly customer: Customer }
  | { readonly kind: 'guest'; readonly email: string }
  | { readonly kind: 'nobody' };
export type Line = {
  readonly id: number;
  readonly productId: number;
  readonly price: number;
  readonly quantity: number;
  /** Its share of all discounts. */
  readonly discount: number;
  readonly giftCard: boolean;
  /** Put in by an edit at that time. */
  readonly addedAt?: number;
};
export type Refund = {
  readonly id: number;
  readonly at: number;
  readonly goods: readonly {
    readonly line: Line;
    readonly quantity: number;
    readonly subtotal: number;
  }[];
  /** Paid back besides the goods: shipping, a gesture. */
  readonly extra: number;
  /** `edit`: goods taken out of an order, and no money moved. */
  readonly by: 'payment' | 'foreign-payment' | 'edit' | 'failed-payment';
};
export type Order = {
  readonly id: number;
  readonly buyer: Buyer;
  readonly at: number;
  readonly channel: 'web' | 'pos' | 'iphone';
  readonly lines: readonly Line[];
  readonly shipping: number;
  /** On top of the prices; 0 where they include it. */
  readonly tax: number;
  readonly paidAt: number | null;
  readonly fulfilledAt: number | null;
  readonly cancelledAt: number | null;
  readonly refunds: readonly Refund[];
  readonly test: boolean;
  /** Shown to the customer in another currency. */
  readonly foreign: boolean;
};
export type Shop = { readonly customers: readonly Customer[]; readonly orders: readonly Order[] };

const start = Date.UTC(2026, 4, 4, 6);
const minute = 60_000;
const day = 24 * 60 * minute;
const products = [1250, 2999, 450, 799, 12_900, 333] as const;
const giftCardPrice = 5000;

/** The days of a shop, the same for the same seed. */
export function liveShop(
  seed: number,
  size: { readonly customers: number; readonly orders: number },
): Shop {
  const by = random(seed);
  const customers = Array.from({ length: size.customers }, (_, n) => customer(by, n));
  const orders = Array.from({ length: size.orders }, (_, n) => order(by, n, customers));
  return { customers, orders };
}

function customer(by: Random, n: number): Customer {
  const createdAt = start + by.int(0, 4 * 24 * 60) * minute;
  const updates = Array.from({ length: by.int(0, 2) }, (_, nth) => ({
    at: createdAt + (nth + 1) * by.int(30, 600) * minute,
    firstName: `Name${n}-${nth}`,
  }));
  return {
    id: 5_000_000_100 + n,
    createdAt,
    updates,
    firstName: `Name${n}`,
    email: `person${n}@example.com`,
    verified: by.chance(85),
    subscribed: by.chance(50),
  };
}

function order(by: Random, n: number, customers: readonly Customer[]): Order {
  const id = 6_100_000_000 + n * 7;
  const at = start + by.int(0, 5 * 24 * 60) * minute;
  const channel = by.pick<Order['channel']>(['web', 'web', 'web', 'pos', 'iphone']);
  const buyer = buyerOf(by, n, customers, channel);
  const plain = Array.from({ length: by.int(1, 4) }, (_, nth) => line(by, id * 10 + nth));
  const giftCards = by.chance(6) ? [giftCard(id * 10 + 8)] : [];
  const lines = by.chance(2) ? [giftCard(id * 10 + 9)] : [...discounted(by, plain), ...giftCards];
  const worth = lines.reduce((sum, one) => sum + one.price * one.quantity - one.discount, 0);
  const foreign = by.chance(10);
  const tax = !foreign && by.chance(30) ? Math.floor((worth * 19) / 100) : 0;
  const paidAt = by.chance(90) ? at + by.int(0, 60) * minute : null;
  const fulfilledAt = paidAt !== null && by.chance(60) ? paidAt + by.int(60, 2000) * minute : null;
  const refunds = paidAt === null ? [] : refundsOf(by, id, paidAt, lines, { foreign, tax });
  const added =
    tax === 0 && by.chance(15)
      ? Array.from({ length: by.int(1, 2) }, (_, nth) => ({
          ...line(by, id * 10 + 6 + nth),
          addedAt: at + by.int(1, 4000) * minute,
        }))
      : [];
  return {
    id,
    buyer,
    at,
    channel,
    lines: [...lines, ...added],
    shipping: channel === 'pos' ? 0 : by.pick([0, 490]),
    tax,
    paidAt,
    fulfilledAt,
    cancelledAt: fulfilledAt === null && by.chance(12) ? at + by.int(90, 3000) * minute : null,
    refunds,
    test: by.chance(2),
    foreign,
  };
}

function buyerOf(by: Random, n: number, customers: readonly Customer[], channel: string): Buyer {
  const [first, ...others] = customers;
  if (!first) throw new Error('a shop needs customers');
  if (channel === 'pos' && by.chance(20)) return { kind: 'nobody' };
  if (by.chance(65)) return { kind: 'customer', customer: by.pick([first, ...others]) };
  // Some guests are customers who didn't log in, or will be.
  return by.chance(30)
    ? { kind: 'guest', email: by.pick([first, ...others]).email }
    : { kind: 'guest', email: `Guest${n % 40}@Example.com` };
}

function line(by: Random, id: number): Line {
  const nth = by.int(0, products.length - 1);
  return {
    id,
    productId: 8_000_000_001 + nth,
    price: products[nth] ?? 100,
    quantity: by.int(1, 4),
    discount: 0,
    giftCard: false,
  };
}

const giftCard = (id: number): Line => ({
  id,
  productId: 8_000_000_900,
  price: giftCardPrice,
  quantity: 1,
  discount: 0,
  giftCard: true,
});

/** Shares a discount of the whole order out by worth, to the cent; the last line takes what is left. */
function discounted(by: Random, lines: readonly Line[]): Line[] {
  if (by.chance(60)) return [...lines];
  const worth = lines.reduce((sum, one) => sum + one.price * one.quantity, 0);
  const discount = by.chance(50) ? Math.floor(worth / 10) : Math.min(worth, 500);
  let left = discount;
  return lines.map((one, n) => {
    const share =
      n === lines.length - 1 ? left : Math.floor((discount * one.price * one.quantity) / worth);
    left -= share;
    return { ...one, discount: share };
  });
}

function refundsOf(
  by: Random,
  orderId: number,
  paidAt: number,
  lines: readonly Line[],
  { foreign, tax }: { readonly foreign: boolean; readonly tax: number },
): Refund[] {
  if (!by.chance(25)) return [];
  const left = new Map(lines.map((one) => [one, one.quantity]));
  return Array.from({ length: by.int(1, 2) }, (_, n): Refund => {
    const goods = lines.flatMap((one) => {
      const most = left.get(one) ?? 0;
      if (one.giftCard || most === 0 || !by.chance(50)) return [];
      const quantity = by.int(1, most);
      left.set(one, most - quantity);
      const worth = one.price * one.quantity - one.discount;
      return [{ line: one, quantity, subtotal: Math.floor((worth * quantity) / one.quantity) }];
    });
    const failed = by.chance(10);
    const edit = tax === 0 && goods.length > 0 && by.chance(20);
    return {
      id: orderId * 10 + n,
      at: paidAt + (n + 1) * by.int(100, 1 * (day / minute)) * minute,
      goods: failed ? [] : goods,
      extra: edit ? 0 : by.pick([0, 0, 490]),
      by: failed ? 'failed-payment' : edit ? 'edit' : foreign ? 'foreign-payment' : 'payment',
    };
  });
}
