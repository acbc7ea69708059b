import { camelCase } from '../../core/camel-case.ts';
import type { Block } from './block.ts';
import { wordsIn } from './words.ts';

/** What she may like and may have, best first. */
export type OffersView = {
  readonly items: readonly {
    readonly offerId: string;
    readonly title: string;
    readonly body: string;
    readonly url: string;
    readonly imageUrl: string | null;
    readonly code: string | null;
    /** The last instant it can be used: an offer that ends at midnight is good until the day before. */
    readonly endsAt: Date;
    /**
     * What of hers it was picked by, in camel case, so that a text can choose by it; null where nothing is known of it, and
     * where an offer above it said so already.
     */
    readonly category: string | null;
  }[];
};

export const offers: Block<OffersView> = {
  name: 'offers',
  version: 2,
  content: 'promotional',
  membersOnly: true,
  decidesOffers: true,
  view: ({ offers: ranked, locale, brand }) => {
    if (ranked.length === 0) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: 0,
        needed: 'an offer that passes every rule',
      };
    }
    return {
      kind: 'show',
      actual: ranked.length,
      needed: 1,
      view: {
        items: ranked.map(({ offer, category }, index) => ({
          offerId: offer.offerId,
          title: wordsIn(offer.title, locale, brand),
          body: wordsIn(offer.body, locale, brand),
          url: offer.url,
          imageUrl: offer.imageUrl ?? null,
          code: offer.code ?? null,
          endsAt: new Date(new Date(offer.endsAt).getTime() - 1),
          category:
            category === null || ranked.slice(0, index).some((one) => one.category === category)
              ? null
              : camelCase(category),
        })),
      },
    };
  },
};
