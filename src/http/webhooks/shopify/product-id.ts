import type { Shop } from './options.ts';
import type { LineItem } from './payloads.ts';

/** Things sold without a product (custom items) are known by their SKU, or not at all. */
export function productIdOf(line: LineItem, { productId }: Pick<Shop, 'productId'>): string {
  const wanted = { product: line.product_id, variant: line.variant_id, sku: line.sku }[productId];
  return (wanted || line.product_id || line.sku || 'custom').replaceAll(/\s+/g, '-').slice(0, 120);
}
