import { z } from 'zod';

import { Money } from '../core/money.ts';

/** The purchase a message is about, as its template reads it from the message's data. */
export const Order = z.strictObject({
  kind: z.enum(['order', 'booking']),
  id: z.string(),
  total: Money,
  /** What is still to pay, and whether points may still pay it. */
  payable: Money,
  payableWithPoints: z.boolean(),
  /** Where it was placed: `online`, `app`, `store`, … */
  channel: z.string().optional(),
  items: z.array(
    z.strictObject({
      productId: z.string(),
      /** Paid without any discount. */
      fullPrice: z.boolean(),
    }),
  ),
  /** What entitlements depend on: `cabin: economy`, `fulfilment: pickup`. */
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Benefit types the purchase itself already contains, such as `checked-bag`. */
  includes: z.array(z.string()),
});
export type Order = z.infer<typeof Order>;
