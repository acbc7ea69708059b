import type { LedgerEventInput } from '../../../ledger/events.ts';
import type { Shop } from './options.ts';
import { idOf, type Product } from './payloads.ts';

/** The product, or each of its variants where these are what the catalogue calls products. */
export function productEvents(product: Product, shop: Shop): LedgerEventInput[] {
  const { source, brand, locale } = shop;
  const tags = typeof product.tags === 'string' ? product.tags.split(',') : (product.tags ?? []);
  return idsOf(product, shop).map(({ productId, title }) => ({
    source,
    brand,
    type: 'product.upserted',
    id: `product-${productId}-${product.updated_at}`,
    at: product.updated_at,
    product: {
      productId,
      name: { [locale]: title },
      category: product.product_type?.trim() || 'uncategorised',
      attributes: tags.flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
      ...(product.image && { imageUrl: product.image.src }),
    },
  }));
}

function idsOf(product: Product, { productId }: Shop) {
  const { title } = product;
  if (productId === 'product') return [{ productId: idOf(product), title }];
  return product.variants.flatMap((variant) => {
    const id = productId === 'sku' ? variant.sku : idOf(variant);
    if (!id) return [];
    const own = variant.title && variant.title !== 'Default Title' ? ` (${variant.title})` : '';
    return [{ productId: id.replaceAll(/\s+/g, '-'), title: `${title}${own}` }];
  });
}
