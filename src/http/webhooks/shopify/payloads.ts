import { z } from 'zod';

/*
 * What is read of Shopify's webhook payloads (REST Admin API resources). They have many more fields, and get new ones with
 * every API version: what isn't named here is not looked at. Plain amounts are decimal texts in the shop's currency; `…_set`
 * has them in the currency the customer was shown as well.
 */
// Not z.int(): the ids of test notifications are beyond it.
const Numeric = z
  .union([z.number().refine((id) => Number.isInteger(id) && id > 0), z.string().regex(/^\d+$/)])
  .transform(String);
const Text = z.string().nullish();
const Time = z.iso.datetime({ offset: true });
const Amount = z.union([z.string(), z.number()]).transform(String);
const AmountSet = z.object({
  shop_money: z.object({ amount: Amount, currency_code: z.string() }),
});

/** The number in `gid://shopify/Customer/71`. */
const Gid = z
  .string()
  .regex(/\/\d+$/, 'must be such as gid://shopify/Customer/71')
  .transform((gid) => gid.slice(gid.lastIndexOf('/') + 1));

/** The number in `gid://shopify/Order/820982911946154508` is exact where the plain one is beyond a JSON number. */
const identified = {
  id: Numeric,
  admin_graphql_api_id: Text,
};

export const idOf = (object: {
  readonly id: string;
  readonly admin_graphql_api_id?: string | null | undefined;
}): string => /\/(\d+)$/.exec(object.admin_graphql_api_id ?? '')?.[1] ?? object.id;

const LineItem = z.object({
  ...identified,
  product_id: Numeric.nullish(),
  variant_id: Numeric.nullish(),
  sku: Text,
  /** As ordered, with what edits added; what edits and returns took out is told by refunds. */
  quantity: z.int(),
  /** What is left of it. */
  current_quantity: z.int().nullish(),
  price: Amount,
  gift_card: z.boolean().default(false),
  discount_allocations: z.array(z.object({ amount: Amount })).default([]),
});
export type LineItem = z.output<typeof LineItem>;

export const Refund = z.object({
  ...identified,
  order_id: Numeric,
  created_at: Time,
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
    .array(z.object({ amount_set: AmountSet.nullish(), tax_amount_set: AmountSet.nullish() }))
    .default([]),
  transactions: z
    .array(z.object({ kind: z.string(), status: z.string(), amount: Amount, currency: Text }))
    .default([]),
});
export type Refund = z.output<typeof Refund>;

export const Order = z.object({
  ...identified,
  name: Text,
  test: z.boolean().nullish(),
  created_at: Time,
  processed_at: Time.nullish(),
  updated_at: Time.nullish(),
  cancelled_at: Time.nullish(),
  currency: z.string(),
  total_price: Amount,
  /** Less what edits and returns took out. */
  current_total_price: Amount.nullish(),
  taxes_included: z.boolean().nullish(),
  source_name: Text,
  location_id: Numeric.nullish(),
  email: Text,
  contact_email: Text,
  phone: Text,
  customer: z.object({ ...identified }).nullish(),
  line_items: z.array(LineItem),
  refunds: z.array(Refund).default([]),
});
export type Order = z.output<typeof Order>;

export const Customer = z.object({
  ...identified,
  created_at: Time,
  updated_at: Time,
  email: Text,
  verified_email: z.boolean().default(false),
  first_name: Text,
  last_name: Text,
  email_marketing_consent: z
    .object({ state: z.string(), consent_updated_at: Time.nullish() })
    .nullish(),
});
export type Customer = z.output<typeof Customer>;

export const Merge = z.object({
  admin_graphql_api_customer_kept_id: Gid,
  admin_graphql_api_customer_deleted_id: Gid,
  status: z.string(),
});
export type Merge = z.output<typeof Merge>;

export const Product = z.object({
  ...identified,
  title: z.string(),
  product_type: Text,
  tags: z.union([z.string(), z.array(z.string())]).nullish(),
  created_at: Time.nullish(),
  updated_at: Time,
  image: z.object({ src: z.string() }).nullish(),
  variants: z.array(z.object({ ...identified, sku: Text, title: Text })).default([]),
});
export type Product = z.output<typeof Product>;
