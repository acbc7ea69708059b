import { z } from 'zod';

import { Currency } from '../../../core/money.ts';

/** What a connection to a Shopify shop says besides tenant, brand and secrets. */
export const ShopifyOptions = z.strictObject({
  /** `<name>.myshopify.com`: deliveries of other shops are refused even when they are signed. */
  shop: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain such as juniper.myshopify.com'),
  /** The shop's currency: its amounts are counted, whatever the customer was shown. */
  currency: Currency,
  /** Whether its prices include tax, as its settings say: a refund's goods don't. */
  taxesIncluded: z.boolean().default(false),
  /** The language of product names. */
  locale: z.string().default('en'),
  /** Whether the shop's customers are the members. No: they are led to members by their identities only. */
  enrol: z.boolean().default(true),
  /** Before a customer's number, in her member id and in the identity of kind `customer-number`. */
  customerPrefix: z.string().max(40).default('shopify-'),
  /** What the catalogue's `productId` is. */
  productId: z.enum(['product', 'variant', 'sku']).default('product'),
  /** Shopify's location id → the store's name. */
  stores: z.record(z.string(), z.string()).default({}),
  /** Shopify's `source_name` → the channel, before the usual ones. */
  channels: z.record(z.string(), z.string()).default({}),
});
export type ShopifyOptions = z.output<typeof ShopifyOptions>;

/** The shop a payload is read for. */
export type Shop = ShopifyOptions & {
  readonly brand: string;
  /** The source of its events. */
  readonly source: string;
};
