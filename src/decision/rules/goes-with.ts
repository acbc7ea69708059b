import type { Offer } from '../../brand/catalogue.ts';
import type { ConsentPurpose, Profile } from '../../contract/profile.ts';
import { daysToGreeting } from '../../core/birthday.ts';
import { dayAt } from '../../core/calendar.ts';
import { hide, type MemberFacts, type OfferRule, pass, type Verdict } from './rule.ts';

type Requires = NonNullable<Offer['requires']>;
type Signal = NonNullable<Requires['signal']>;

/** Which consent lets a signal be read. */
const consentFor: Readonly<Record<Signal, ConsentPurpose>> = {
  location: 'location',
  browsing: 'profiling',
};

/**
 * An accessory for what she owns, a thing in a category she looks around in (S21), a gift around her birthday. Interest is
 * known from signals, and of those nothing is even read without the consent for their kind, as of a birthday; where it is
 * missing, that is the reason.
 */
export const goesWith: OfferRule = {
  name: 'goes-with',
  version: 2,
  check: ({ offer: { requires }, facts }) => {
    if (!requires) return pass();
    const { owns, interest, signal, birthday } = requires;
    const verdicts = [
      owns && withWhatTheyOwn(owns, facts.profile),
      birthday && aroundBirthday(birthday, facts),
      interest !== undefined && withInterest(interest, signal, facts.profile),
    ].filter((one) => one !== undefined && one !== false);
    return verdicts.find(({ outcome }) => outcome !== 'pass') ?? verdicts.at(-1) ?? pass();
  },
};

function withWhatTheyOwn(
  { productIds, categories }: NonNullable<Requires['owns']>,
  { boughtProducts, boughtCategories }: Profile,
): Verdict {
  const owned =
    productIds.some((id) => id in boughtProducts) ||
    categories.some((category) => category in boughtCategories);
  if (owned) return pass({ actual: 'owns what it goes with', needed: null });
  const things = [...productIds, ...categories];
  return hide('not-relevant', {
    actual: { owns: 'none of them' },
    needed: { owns: things },
    flip: { text: `The member buys ${things.join(' or ')}.` },
  });
}

function withInterest(
  interest: string,
  signal: Signal | undefined,
  { consents, interests }: Profile,
): Verdict {
  const signals: readonly Signal[] = signal ? [signal] : ['location', 'browsing'];
  const allowed = signals.filter((one) => consents[consentFor[one]]?.granted === true);
  if (allowed.length === 0) return notAgreed(signals.map((one) => consentFor[one]));
  const shown = interests?.[interest];
  if (shown && allowed.includes(shown.source))
    return pass({
      actual: { interest, source: shown.source, times: shown.count },
      needed: { interest },
    });
  return hide('not-relevant', {
    actual: { interests: Object.keys(interests ?? {}) },
    needed: { interest },
    flip: { text: `The member shows interest in ${interest}.` },
  });
}

/** Their own day, in their own time zone. */
function aroundBirthday(
  { daysBefore, daysAfter }: NonNullable<Requires['birthday']>,
  { profile, now }: MemberFacts,
): Verdict {
  if (profile.birthday === null) return notAgreed(['birthday']);
  const away = daysToGreeting(profile.birthday, dayAt(now.getTime(), profile.timeZone));
  const needed = { birthday: { daysBefore, daysAfter } };
  if (away <= daysBefore && away >= -daysAfter)
    return pass({ actual: { daysToBirthday: away }, needed });
  return hide('not-relevant', {
    actual: { daysToBirthday: away },
    needed,
    flip: { text: 'It is nearer to the member’s birthday.' },
  });
}

const notAgreed = (needed: readonly ConsentPurpose[]): Verdict =>
  hide('no-signal-consent', {
    actual: null,
    needed,
    flip: { text: `The member consents to ${needed.join(' or ')}.` },
  });
