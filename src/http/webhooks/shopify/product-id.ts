import type { Shop } from './options.ts';
import { idOf, isTip, type LineItem } from './payloads.ts';

/** What a line is called: every tip alike, as none is a product. */
export const nameOf = (line: LineItem, shop: Pick<Shop, 'productId'>) =>
  isTip(line) ? { kind: 'tip' as const, productId: 'tip' } : { productId: productIdOf(line, shop) };

/** Things sold without a product (custom items) are known by their SKU, else by their line, so that returns find it. */
function productIdOf(line: LineItem, { productId }: Pick<Shop, 'productId'>): string {
  const wanted = { product: line.product_id, variant: line.variant_id, sku: line.sku }[productId];
  return (wanted || line.product_id || line.sku || `custom-${idOf(line)}`)
    .replaceAll(/\s+/g, '-')
    .slice(0, 120);
}
