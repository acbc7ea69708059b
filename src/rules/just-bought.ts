import { hide, type MemberFacts, type OfferRule, pass } from './rule.ts';

const dayMs = 86_400_000;

/**
 * No discount on a thing, or its equivalent, that she bought at full price within the return window (S25):
 * she would return it, or feel cheated. The purchase this very mail confirms counts as well.
 */
export const justBought: OfferRule = {
  name: 'just-bought',
  version: 1,
  check: ({ offer, facts }) => {
    if (offer.kind !== 'discount') return pass({ actual: offer.kind, needed: null });
    const windowDays = facts.brand.programme.returnWindowDays;
    const since = new Date(facts.now.getTime() - windowDays * dayMs);
    const recent = fullPricePurchases(facts).find(
      ({ productId, at }) => at >= since && covers(offer, productId, facts),
    );
    if (!recent) return pass({ actual: null, needed: `none within ${windowDays} days` });
    const over = new Date(recent.at.getTime() + windowDays * dayMs).toISOString();
    return hide('just-bought', {
      actual: { productId: recent.productId, boughtAt: recent.at.toISOString(), fullPrice: true },
      needed: `none within ${windowDays} days`,
      flip: { text: `The return window is over on ${over.slice(0, 10)}.` },
    });
  },
};

function fullPricePurchases({
  profile,
  order,
  message,
}: MemberFacts): { productId: string; at: Date }[] {
  const history = Object.entries(profile.boughtProducts).flatMap(
    ([productId, { lastFullPriceAt }]) =>
      lastFullPriceAt ? [{ productId, at: new Date(lastFullPriceAt) }] : [],
  );
  const inThisMail = (order?.items ?? []).filter(({ fullPrice }) => fullPrice);
  return [
    ...inThisMail.map(({ productId }) => ({ productId, at: message.acceptedAt })),
    ...history,
  ];
}

function covers(
  offer: { productIds: readonly string[]; categories: readonly string[] },
  boughtId: string,
  { catalogue }: MemberFacts,
): boolean {
  const bought = catalogue.products.get(boughtId);
  if (offer.productIds.includes(boughtId)) return true;
  if (bought && offer.productIds.length === 0 && offer.categories.includes(bought.category))
    return true;
  const group = bought?.equivalenceGroup;
  return (
    group !== undefined &&
    offer.productIds.some((id) => catalogue.products.get(id)?.equivalenceGroup === group)
  );
}
