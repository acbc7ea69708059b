import type { Offer } from '../../brand/catalogue.ts';
import type { Profile } from '../../contract/profile.ts';
import { once } from '../../core/once.ts';
import { hide, type MemberFacts, type OfferRule, pass } from './rule.ts';

/** Product attributes each diet rules out. */
const ruledOut: Record<Profile['preferences']['diets'][number], readonly string[]> = {
  vegetarian: ['meat', 'fish', 'gelatine'],
  vegan: ['meat', 'fish', 'gelatine', 'egg', 'dairy', 'cheese', 'milk', 'honey'],
  'gluten-free': ['gluten', 'wheat'],
  'lactose-free': ['dairy', 'milk', 'cheese'],
  halal: ['pork', 'alcohol', 'gelatine'],
  kosher: ['pork', 'shellfish'],
};

/** Nothing that goes against what she said of herself: diet, categories, ingredients. */
export const preferenceConflict: OfferRule = {
  name: 'preference-conflict',
  version: 1,
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
export function statedConflict(offer: Offer, { profile, catalogue }: MemberFacts) {
  const avoidedAttributes = avoidedBy(profile);
  if (avoidedAttributes.size === 0 && profile.preferences.avoidCategories.length === 0)
    return undefined;
  const avoided = (category: string, attributes: readonly string[]) => {
    if (profile.preferences.avoidCategories.includes(category))
      return { avoids: category, because: category };
    const attribute = attributes.find((one) => avoidedAttributes.has(one));
    return attribute === undefined
      ? undefined
      : { avoids: attribute, because: avoidedAttributes.get(attribute) ?? attribute };
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

/** The attributes she avoids, and what she said that rules each out. */
const avoidedBy = once(({ preferences }: Profile): ReadonlyMap<string, string> => {
  const avoided = new Map<string, string>();
  for (const diet of preferences.diets)
    for (const attribute of ruledOut[diet]) avoided.set(attribute, diet);
  for (const attribute of preferences.avoidAttributes) avoided.set(attribute, attribute);
  return avoided;
});
