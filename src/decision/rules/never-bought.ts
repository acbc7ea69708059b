import type { Offer, Product } from '../../brand/catalogue.ts';
import { statedConflict } from './preference-conflict.ts';
import type { MemberFacts } from './rule.ts';
import { hide, type OfferRule, pass } from './rule.ts';

/**
 * No offers for things never bought (S1). A product is familiar when it was bought itself, or when its category was and so
 * was each of its attributes: someone who eats cheese but never meat is not offered ham and cheese. An offer is familiar
 * when one of its products or, without products, one of its categories is.
 * An offer marked `introduces` is meant for newcomers. Where she said herself what she avoids, her words decide instead.
 */
export const neverBought: OfferRule = {
  name: 'never-bought',
  version: 2,
  check: ({ offer, facts }) => {
    if (offer.introduces) return pass({ actual: 'introduces', needed: null });
    if (statedConflict(offer, facts)) return pass({ actual: 'stated preference', needed: null });
    const products = productsOf(offer, facts);
    const familiar =
      products.length > 0
        ? products.some((product) => isFamiliar(product, facts))
        : offer.categories.length === 0 ||
          offer.categories.some((category) => category in facts.profile.boughtCategories);
    if (familiar) return pass({ actual: true, needed: true });
    const things = products.length > 0 ? products.map(signature) : offer.categories;
    return hide('never-bought', {
      actual: { bought: Object.keys(facts.profile.boughtCategories) },
      needed: { boughtOneOf: things },
      flip: { text: `The member buys something like it: ${things.join(' or ')}.` },
    });
  },
};

function productsOf(offer: Offer, { catalogue }: MemberFacts): Product[] {
  return offer.productIds.flatMap((id) => catalogue.products.get(id) ?? []);
}

const signature = ({ category, attributes }: Product) =>
  attributes.length > 0 ? `${category} with ${attributes.join('/')}` : category;

function isFamiliar(product: Product, { profile }: MemberFacts): boolean {
  if (product.productId in profile.boughtProducts) return true;
  if (!(product.category in profile.boughtCategories)) return false;
  return product.attributes.every((attribute) => attribute in profile.boughtAttributes);
}
