import { z } from 'zod';

import { priceOf } from '../../src/contract/linked-data.ts';
import { Currency } from '../../src/core/money.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, line, Minor, Reference, WebUrl } from '../fields.ts';

const Item = z
  .strictObject({
    productId: Reference,
    name: line(200),
    quantity: z.int('must be a whole number').positive('must be at least 1').max(10_000),
    /** What one costs in this order, after any discount. */
    unitPrice: Minor,
    /** What one costs without discount; left out when it is the same. */
    listPrice: Minor.optional(),
    /** What the line costs; `quantity` times `unitPrice` when left out. */
    total: Minor.optional(),
    imageUrl: WebUrl.optional(),
    /** How it was wanted: "oat milk, large". */
    note: line(200).optional(),
  })
  .overwrite((item) => ({ ...item, total: item.total ?? item.quantity * item.unitPrice }));

/** An order of a shop, a till or an app. Amounts in minor units of `currency`. */
const OrderConfirmation = z.strictObject({
  orderId: Reference,
  orderedAt: Instant,
  currency: Currency,
  items: z
    .array(Item)
    .min(1, 'must have at least one item')
    .max(100, 'must have at most 100 items'),
  totals: z.strictObject({
    subtotal: Minor,
    discount: Minor.default(0),
    shipping: Minor.default(0),
    /** The tax within `total`. */
    tax: Minor.default(0),
    total: Minor,
  }),
  /** What is still to pay; nothing, where the order is paid. */
  payable: Minor.default(0),
  /** Whether points can still pay it. */
  payableWithPoints: z.boolean().default(false),
  paidWithPoints: z.strictObject({ points: z.int().positive(), amount: Minor }).optional(),
  channel: z.enum(['online', 'app', 'store']).default('online'),
  fulfilment: z.strictObject({
    kind: z.enum(['pickup', 'delivery', 'shipping']),
    /** The store's name, for pickup. */
    store: line(120).optional(),
    address: line(300).optional(),
    /** Ready for pickup, or expected at the door. */
    readyAt: Instant.optional(),
  }),
  /** Benefit types the order already contains, such as `delivery`. */
  includes: z.array(line(60)).max(20).default([]),
  trackUrl: WebUrl.optional(),
});

/** An order of more items names none of them to machines. */
const linkedItems = 20;

export const orderConfirmation = defineTemplate({
  name: 'order-confirmation',
  title: 'Order confirmation',
  class: 'transactional',
  for: 'anybody',
  trade: 'orders',
  schema: OrderConfirmation,
  blocks: ['points-banner', 'status', 'entitlements', 'offers'],
  headline: ({ orderId, fulfilment }) => ({
    orderId,
    fulfilment: fulfilment.kind,
    store: fulfilment.store ?? '',
  }),
  about: ({ orderId }) => [`order:${orderId}`],
  order: ({ orderId, currency, items, totals, fulfilment, ...data }) => ({
    kind: 'order',
    id: orderId,
    total: { amount: totals.total, currency },
    payable: { amount: data.payable, currency },
    payableWithPoints: data.payableWithPoints,
    channel: data.channel,
    items: items.map(({ productId, unitPrice, listPrice }) => ({
      productId,
      fullPrice: unitPrice >= (listPrice ?? unitPrice),
    })),
    attributes: { fulfilment: fulfilment.kind, channel: data.channel },
    includes: data.includes,
  }),
  linkedData: ({ orderId, orderedAt, currency, items, totals, trackUrl }, { name }) => [
    {
      '@type': 'Order',
      orderNumber: orderId,
      merchant: { '@type': 'Organization', name },
      orderStatus: 'https://schema.org/OrderProcessing',
      orderDate: orderedAt,
      ...priceOf({ amount: totals.total, currency }),
      ...(trackUrl !== undefined && { url: trackUrl }),
      // A card shows a few; a long order stays below the size mail clients cut at.
      ...(items.length <= linkedItems && {
        acceptedOffer: items.map(({ name: item, quantity, unitPrice, imageUrl }) => ({
          '@type': 'Offer',
          itemOffered: { '@type': 'Product', name: item, ...(imageUrl && { image: imageUrl }) },
          eligibleQuantity: { '@type': 'QuantitativeValue', value: quantity },
          ...priceOf({ amount: unitPrice, currency }),
        })),
      }),
    },
  ],
  onUnknown: 'resend',
});
