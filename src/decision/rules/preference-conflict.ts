import type { Offer } from '../../brand/catalogue.ts';
import { ruledOutBy } from '../../brand/diets.ts';
import { hide, type MemberFacts, type OfferRule, pass } from './rule.ts';

/** Nothing that goes against what she said of herself: diet, categories, ingredients. */
export const preferenceConflict: OfferRule = {
  name: 'preference-conflict',
  version: 2,
  check: ({ offer, facts }) => {
    const conflict = statedConflict(offer, facts);
    if (!conflict) return pass();
    return hide('preference-conflict', {
      actual: conflict,
      needed: 'nothing the member said to avoid',
      flip: { text: `The member no longer avoids ${conflict.avoids}.` },
    });
  },
};

/** The first of her stated preferences that the whole offer conflicts with. An offer that leaves her a choice doesn't. */
export function statedConflict(offer: Offer, { profile, catalogue, brand }: MemberFacts) {
  const { diets, avoidCategories, avoidAttributes } = profile.preferences;
  if (diets.length + avoidCategories.length + avoidAttributes.length === 0) return undefined;
  const avoided = (category: string, attributes: readonly string[]) => {
    if (avoidCategories.includes(category)) return { avoids: category, because: category };
    for (const attribute of attributes) {
      if (avoidAttributes.includes(attribute)) return { avoids: attribute, because: attribute };
      const diet = ruledOutBy(attribute, brand)?.find((one) => diets.includes(one));
      if (diet !== undefined) return { avoids: attribute, because: diet };
    }
    return undefined;
  };
  const products = offer.productIds.flatMap((id) => catalogue.products.get(id) ?? []);
  const conflicts =
    products.length > 0
      ? products.map(({ category, attributes }) => avoided(category, attributes))
      : offer.categories.map((category) => avoided(category, []));
  return conflicts.length > 0 && conflicts.every((conflict) => conflict !== undefined)
    ? conflicts[0]
    : undefined;
}
