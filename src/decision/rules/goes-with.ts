import type { Offer } from '../../brand/catalogue.ts';
import type { ConsentPurpose, Profile } from '../../contract/profile.ts';
import { hide, type OfferRule, pass } from './rule.ts';

type Signal = NonNullable<NonNullable<Offer['requires']>['signal']>;

/** Which consent lets a signal be read. */
const consentFor: Readonly<Record<Signal, ConsentPurpose>> = {
  location: 'location',
  browsing: 'profiling',
};

/**
 * An accessory for what she owns, a thing in a category she looks around in (S21). Interest is known from signals, and of
 * those nothing is even read without the consent for their kind; where it is missing, that is the reason.
 */
export const goesWith: OfferRule = {
  name: 'goes-with',
  version: 1,
  check: ({ offer: { requires }, facts: { profile } }) => {
    if (!requires) return pass();
    const { owns, interest, signal } = requires;
    if (owns && !ownsOneOf(owns, profile)) {
      const things = [...owns.productIds, ...owns.categories];
      return hide('not-relevant', {
        actual: { owns: 'none of them' },
        needed: { owns: things },
        flip: { text: `The member buys ${things.join(' or ')}.` },
      });
    }
    if (interest === undefined) return pass({ actual: 'owns what it goes with', needed: null });

    const signals: readonly Signal[] = signal ? [signal] : ['location', 'browsing'];
    const allowed = signals.filter((one) => profile.consents[consentFor[one]]?.granted === true);
    if (allowed.length === 0) {
      const needed = signals.map((one) => consentFor[one]);
      return hide('no-signal-consent', {
        actual: null,
        needed,
        flip: { text: `The member consents to ${needed.join(' or ')}.` },
      });
    }
    const shown = profile.interests?.[interest];
    if (shown && allowed.includes(shown.source))
      return pass({
        actual: { interest, source: shown.source, times: shown.count },
        needed: { interest },
      });
    return hide('not-relevant', {
      actual: { interests: Object.keys(profile.interests ?? {}) },
      needed: { interest },
      flip: { text: `The member shows interest in ${interest}.` },
    });
  },
};

const ownsOneOf = (
  { productIds, categories }: NonNullable<NonNullable<Offer['requires']>['owns']>,
  { boughtProducts, boughtCategories }: Profile,
) =>
  productIds.some((id) => id in boughtProducts) ||
  categories.some((category) => category in boughtCategories);
