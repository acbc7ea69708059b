import { z } from 'zod';

import { Instant } from '../../../core/instant.ts';
import { Currency } from '../../../core/money.ts';

/*
 * What is read of Shopify's webhook payloads (REST Admin API resources). They have many more fields, and get new ones with
 * every API version: what isn't named here is not looked at. Plain amounts are decimal texts in the shop's currency; `…_set`
 * has them in the currency the customer was shown as well.
 */
// Not z.int(): the ids of test notifications are beyond it.
export const Numeric = z
  .union([z.number().refine((id) => Number.isInteger(id) && id > 0), z.string().regex(/^\d+$/)])
  .transform(String);
const Text = z.string().nullish();
const Amount = z.union([z.string(), z.number()]).transform(String);
/** What isn't below zero: less than nothing is told otherwise, and never booked as nothing. */
const Worth = (otherwise: string) =>
  Amount.refine((amount) => !amount.trim().startsWith('-'), `must not be below zero; ${otherwise}`);
const AmountSet = z.object({
  shop_money: z.object({ amount: Amount, currency_code: z.string() }),
});

/** Here the currency is called otherwise. */
const UnsettledSet = z.object({ shop_money: z.object({ amount: Amount }) });

/** The number in `gid://shopify/Customer/71`. */
const Gid = z
  .string()
  .regex(/\/\d+$/, 'must be such as gid://shopify/Customer/71')
  .transform((gid) => gid.slice(gid.lastIndexOf('/') + 1));

/**
 * The number in `gid://shopify/Order/820982911946154508` is exact where the plain one is beyond a JSON number. Its kind is
 * signed, as the topic isn't: no order is read as a customer.
 */
const identified = (kind: string) => ({
  id: Numeric,
  admin_graphql_api_id: Text.refine(
    (gid) => !gid || new RegExp(`^gid://shopify/${kind}/\\d+$`).test(gid),
    `must be such as gid://shopify/${kind}/71; the body is none of this topic`,
  ),
});

export const idOf = (object: {
  readonly id: string;
  readonly admin_graphql_api_id?: string | null | undefined;
}): string => /\/(\d+)$/.exec(object.admin_graphql_api_id ?? '')?.[1] ?? object.id;

const LineItem = z.object({
  ...identified('LineItem'),
  product_id: Numeric.nullish(),
  variant_id: Numeric.nullish(),
  sku: Text,
  /** As ordered, with what edits added; what edits and returns took out is told by refunds. */
  quantity: z.int().nonnegative('must not be below zero; what comes back is told by refunds'),
  /** What is left of it. */
  current_quantity: z.int().nullish(),
  price: Worth('a discount is told by discount_allocations'),
  gift_card: z.boolean().default(false),
  /** Only tips have these. */
  tip_payment_gateway: Text,
  tip_payment_method: Text,
  discount_allocations: z
    .array(z.object({ amount: Worth('what makes a line dearer is its price') }))
    .default([]),
});
export type LineItem = z.output<typeof LineItem>;

/** A tip is paid with an order, and is no thing that was bought. */
export const isTip = (line: LineItem): boolean =>
  Boolean(line.tip_payment_gateway || line.tip_payment_method);

export const Refund = z.object({
  ...identified('Refund'),
  order_id: Numeric,
  created_at: Instant,
  refund_line_items: z
    .array(
      z.object({
        quantity: z.int(),
        line_item_id: Numeric.nullish(),
        line_item: LineItem,
        subtotal_set: AmountSet.nullish(),
        total_tax_set: AmountSet.nullish(),
      }),
    )
    .default([]),
  order_adjustments: z
    .array(
      z.object({
        reason: Text,
        amount_set: AmountSet.nullish(),
        tax_amount_set: AmountSet.nullish(),
      }),
    )
    .default([]),
  transactions: z
    .array(
      z.object({
        kind: z.string(),
        status: z.string(),
        amount: Worth('its kind says which way it goes'),
        currency: Text,
        /** When it took this state. */
        processed_at: Instant.nullish(),
        /** What of a pending one is still to be paid. */
        total_unsettled_set: UnsettledSet.nullish(),
      }),
    )
    .default([]),
});
export type Refund = z.output<typeof Refund>;

export const Order = z.object({
  ...identified('Order'),
  name: Text,
  test: z.boolean().nullish(),
  created_at: Instant,
  processed_at: Instant.nullish(),
  updated_at: Instant.nullish(),
  cancelled_at: Instant.nullish(),
  financial_status: Text,
  fulfillment_status: Text,
  currency: Currency,
  total_price: Worth('what is paid back is told by refunds'),
  /** Less what edits and returns took out. */
  current_total_price: Worth('what is paid back is told by refunds').nullish(),
  taxes_included: z.boolean().nullish(),
  source_name: Text,
  location_id: Numeric.nullish(),
  email: Text,
  contact_email: Text,
  phone: Text,
  customer: z.object({ ...identified('Customer') }).nullish(),
  line_items: z.array(LineItem),
  refunds: z.array(Refund).default([]),
});
export type Order = z.output<typeof Order>;

export const MarketingConsent = z.object({
  state: z.string(),
  consent_updated_at: Instant.nullish(),
});
export type MarketingConsent = z.output<typeof MarketingConsent>;

export const Customer = z.object({
  ...identified('Customer'),
  created_at: Instant,
  updated_at: Instant,
  email: Text,
  verified_email: z.boolean().default(false),
  first_name: Text,
  last_name: Text,
  /** Gone from API version 2025-01 on: told by a topic of its own. */
  email_marketing_consent: MarketingConsent.nullish(),
});
export type Customer = z.output<typeof Customer>;

/** `customers_email_marketing_consent/update`. */
export const EmailConsent = z.object({
  customer_id: Numeric,
  email_marketing_consent: MarketingConsent,
});
export type EmailConsent = z.output<typeof EmailConsent>;

/** `customers/delete`: the id, and nothing of what a customer has who is still there. */
const stillThere = 'is of a customer who is there: the body deletes nobody';
export const DeletedCustomer = z.object({
  ...identified('Customer'),
  email_marketing_consent: z.null(stillThere).optional(),
  sms_marketing_consent: z.null(stillThere).optional(),
  created_at: z.undefined(stillThere).optional(),
  updated_at: z.undefined(stillThere).optional(),
});

const shopOfRedaction = { shop_id: Numeric, shop_domain: z.string() };
/** `customers/redact`. */
export const CustomerRedaction = z.object({
  ...shopOfRedaction,
  customer: z.object({ id: Numeric.nullish(), email: Text, phone: Text }),
  orders_to_redact: z.array(Numeric),
});
/** `customers/data_request`. */
export const DataRequest = z.object({
  ...shopOfRedaction,
  customer: z.object({ id: Numeric.nullish(), email: Text, phone: Text }),
  orders_requested: z.array(Numeric),
});
/** `shop/redact`. Of one customer it would say who. */
export const ShopRedaction = z.strictObject(shopOfRedaction);

export const Merge = z.object({
  admin_graphql_api_customer_kept_id: Gid,
  admin_graphql_api_customer_deleted_id: Gid,
  status: z.string(),
});
export type Merge = z.output<typeof Merge>;

export const Product = z.object({
  ...identified('Product'),
  title: z.string(),
  product_type: Text,
  tags: z.union([z.string(), z.array(z.string())]).nullish(),
  created_at: Instant.nullish(),
  updated_at: Instant,
  image: z.object({ src: z.string() }).nullish(),
  variants: z
    .array(z.object({ ...identified('ProductVariant'), sku: Text, title: Text }))
    .default([]),
});
export type Product = z.output<typeof Product>;
