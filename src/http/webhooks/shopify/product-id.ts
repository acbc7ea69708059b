import type { Shop } from './options.ts';
import { idOf, type LineItem } from './payloads.ts';

/** Things sold without a product (custom items, tips) are known by their SKU, else by their line, so that returns find it. */
export function productIdOf(line: LineItem, { productId }: Pick<Shop, 'productId'>): string {
  const wanted = { product: line.product_id, variant: line.variant_id, sku: line.sku }[productId];
  return (wanted || line.product_id || line.sku || `custom-${idOf(line)}`)
    .replaceAll(/\s+/g, '-')
    .slice(0, 120);
}
