import { createHash } from 'node:crypto';

import type { z } from 'zod';

import type { Identity, LedgerEventInput } from '../../../ledger/events.ts';
import { goodsOf } from './goods.ts';
import type { Shop } from './options.ts';
import { idOf, type Order } from './payloads.ts';
import { refundEvents } from './refunds.ts';

type IdentityInput = z.input<typeof Identity>;

/**
 * Every delivery about an order carries the order as it is then. So each tells all of it, under ids of the order's own: that
 * it was placed, paid and handed over, its refunds, its cancellation. Whichever comes first, the ledger comes to the same. What
 * it tells the body says, which is signed: its topic isn't. Edits are told by `orders/updated`, which follows each.
 * Empty for what is no purchase: an order of nobody we could name, or of gift cards only, which count when they are spent.
 */
export function orderEvents(
  order: Order,
  shop: Shop,
  { edits }: { readonly edits: boolean },
): LedgerEventInput[] {
  const identity = identityOf(order, shop);
  const onlyGiftCards =
    order.line_items.length > 0 && order.line_items.every(({ gift_card }) => gift_card);
  const orderId = idOf(order);
  const { source, brand } = shop;
  const about = { source, brand, orderId };
  const cancelled = cancellation(order, shop, identity);
  // Nobody's points, but its messages must stop.
  if (!identity || onlyGiftCards) return onlyGiftCards ? [] : cancelled;

  const placed: LedgerEventInput = {
    ...about,
    identity,
    type: 'order.placed',
    id: `order-${orderId}-placed`,
    at: order.processed_at ?? order.created_at,
    ...where(order, shop),
    currency: order.currency,
    ...goodsOf(order, shop),
  };
  const at = order.updated_at ?? order.created_at;
  const moved = { ...about, identity, at };
  const paid: LedgerEventInput[] = wasPaid.has(order.financial_status ?? '')
    ? [{ ...moved, type: 'order.paid', id: `order-${orderId}-paid` }]
    : [];
  const fulfilled: LedgerEventInput[] =
    order.fulfillment_status === 'fulfilled'
      ? [{ ...moved, type: 'order.fulfilled', id: `order-${orderId}-fulfilled` }]
      : [];
  const changes = edits ? changed(order, shop, identity) : [];
  const taxesIncluded = order.taxes_included ?? shop.taxesIncluded;
  const refunds = order.refunds.flatMap((refund) =>
    refundEvents(refund, { ...shop, taxesIncluded }),
  );
  return [placed, ...changes, ...paid, ...fulfilled, ...cancelled, ...refunds];
}

/** All of it was paid once. */
const wasPaid: ReadonlySet<string> = new Set(['paid', 'partially_refunded', 'refunded']);

/** Two updates of one second may differ: what an update says is part of its id. */
function changed(order: Order, shop: Shop, identity: IdentityInput): LedgerEventInput[] {
  const { updated_at: at } = order;
  if (!at) return [];
  const goods = goodsOf(order, shop);
  const hash = createHash('sha256').update(JSON.stringify(goods)).digest('hex').slice(0, 12);
  const orderId = idOf(order);
  return [
    {
      source: shop.source,
      brand: shop.brand,
      orderId,
      identity,
      type: 'order.changed',
      id: `order-${orderId}-changed-${at}-${hash}`,
      at,
      ...goods,
    },
  ];
}

function cancellation(
  order: Order,
  shop: Shop,
  identity: IdentityInput | undefined,
): LedgerEventInput[] {
  const orderId = idOf(order);
  const { cancelled_at: at, name } = order;
  if (!at) return [];
  return [
    {
      source: shop.source,
      brand: shop.brand,
      orderId,
      type: 'order.cancelled',
      id: `order-${orderId}-cancelled`,
      at,
      // Mails may be about the number on the receipt.
      subjects: name && /^\S+$/.test(name) ? [`order:${name}`] : [],
      ...(identity !== undefined && { identity }),
    },
  ];
}

/** Who bought: the customer by her number; a guest by her address, else her phone. */
function identityOf(order: Order, { customerPrefix }: Shop): IdentityInput | undefined {
  if (order.customer)
    return { kind: 'customer-number', value: `${customerPrefix}${idOf(order.customer)}` };
  const email = order.email || order.contact_email;
  if (email) return { kind: 'email', value: email };
  return order.phone ? { kind: 'phone', value: order.phone } : undefined;
}

const usualChannels: ReadonlyMap<string, string> = new Map([
  ['web', 'online'],
  ['pos', 'store'],
  ['shopify_draft_order', 'online'],
  ['iphone', 'app'],
  ['android', 'app'],
]);

function where({ source_name: name, location_id: location }: Order, shop: Shop) {
  const of = name ?? '';
  const own = Object.hasOwn(shop.channels, of) ? shop.channels[of] : undefined;
  const channel = own ?? usualChannels.get(of) ?? 'online';
  // Online orders have a location too: where they are sent from.
  if (channel !== 'store' || !location) return { channel };
  return { channel, store: shop.stores[location] ?? location };
}
