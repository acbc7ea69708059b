import { camelCase } from '../../core/camel-case.ts';
import type { Block } from './block.ts';
import { wordsIn } from './words.ts';

/** The one thing picked for her, and the category it was picked for (S19). */
export type RecommendationView = {
  readonly offerId: string;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly imageUrl: string | null;
  readonly code: string | null;
  /** The last instant it is there. */
  readonly endsAt: Date;
  /** In camel case, so that a text can choose by it. */
  readonly category: string;
};

/** "Mostly buys": at least half of her purchases, recent ones counting more. What early access asks for. */
const mostly = 0.5;

export const recommendation: Block<RecommendationView> = {
  name: 'recommendation',
  version: 1,
  content: 'promotional',
  membersOnly: true,
  decidesOffers: true,
  freshness: { shows: ['affinities'], maxAgeMs: 24 * 3_600_000, older: 'omit' },
  view: ({ offers, locale, brand }) => {
    const [best] = offers;
    if (!best) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: 0,
        needed: 'an offer that passes every rule',
      };
    }
    const { offer, affinity, category } = best;
    const needed = offer.kind === 'early-access' ? mostly : 0;
    if (category === null || affinity < needed) {
      const wanted = category ?? offer.categories[0];
      return {
        kind: 'hide',
        reason: 'too-little-affinity',
        actual: { category, affinity },
        needed: { affinity: needed },
        ...(wanted !== undefined && {
          flip: {
            text: `She mostly buys ${wanted}.`,
            set: { [`affinities.${wanted}`]: Math.max(needed, 0.1) },
          },
        }),
      };
    }
    return {
      kind: 'show',
      actual: { category, affinity },
      needed: { affinity: needed },
      view: {
        offerId: offer.offerId,
        title: wordsIn(offer.title, locale, brand),
        body: wordsIn(offer.body, locale, brand),
        url: offer.url,
        imageUrl: offer.imageUrl ?? null,
        code: offer.code ?? null,
        endsAt: new Date(new Date(offer.endsAt).getTime() - 1),
        category: camelCase(category),
      },
    };
  },
};
