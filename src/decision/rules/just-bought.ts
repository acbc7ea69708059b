import { once } from '../../core/once.ts';
import { hide, type MemberFacts, type OfferRule, pass } from './rule.ts';

const dayMs = 86_400_000;

/**
 * No discount on a thing, or its equivalent, that she bought at full price within the return window (S25):
 * she would return it, or feel cheated. The purchase this very mail confirms counts as well. The window is the
 * product's own where it has one (none for what is eaten or drunk), else the programme's.
 */
export const justBought: OfferRule = {
  name: 'just-bought',
  version: 1,
  check: ({ offer, facts }) => {
    if (offer.kind !== 'discount') return pass({ actual: offer.kind, needed: null });
    const recent = returnable(facts).find(({ productId }) => covers(offer, productId, facts));
    if (!recent) return pass({ actual: null, needed: 'nothing that can still be returned' });
    return hide('just-bought', {
      actual: { productId: recent.productId, boughtAt: recent.at.toISOString(), fullPrice: true },
      needed: 'nothing that can still be returned',
      flip: { text: `Its return window is over on ${recent.over.toISOString().slice(0, 10)}.` },
    });
  },
};

/** What can still be returned; the same for every offer. */
const returnable = once((facts: MemberFacts) =>
  fullPricePurchases(facts)
    .map(({ productId, at }) => ({ productId, at, over: endOfWindow(productId, at, facts) }))
    .filter(({ over }) => over > facts.now),
);

function endOfWindow(productId: string, at: Date, { catalogue, brand }: MemberFacts): Date {
  const days =
    catalogue.products.get(productId)?.returnWindowDays ?? brand.programme.returnWindowDays;
  return new Date(at.getTime() + days * dayMs);
}

function fullPricePurchases({
  profile,
  order,
  message,
  now,
}: MemberFacts): { productId: string; at: Date }[] {
  const history = Object.entries(profile.boughtProducts).flatMap(
    ([productId, { lastFullPriceAt }]) =>
      lastFullPriceAt ? [{ productId, at: new Date(lastFullPriceAt) }] : [],
  );
  const inThisMail = (order?.items ?? []).filter(({ fullPrice }) => fullPrice);
  const at = message.acceptedAt < now ? message.acceptedAt : now;
  return [...inThisMail.map(({ productId }) => ({ productId, at })), ...history];
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
