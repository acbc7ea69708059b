import type { Profile } from '../src/contract/profile.ts';
import { once } from '../src/core/once.ts';
import type { BrandFixtures } from '../src/personas/fixtures.ts';
import type { LoadedBrand } from '../src/render/voice/brand-files.ts';
import { layersFor } from '../src/render/voice/locale-files.ts';
import { textMessages } from '../src/render/voice/text-messages.ts';
import type { Words } from './words.ts';

/** What the preview calls things: the brand's own words where it has them in English. */
export function namesFor(
  loaded: LoadedBrand,
  { catalogue }: BrandFixtures,
  profile: Profile | null,
): Words {
  const { brand } = loaded;
  const { voice, day } = voiceOf(loaded);
  return {
    who: profile?.firstName ?? (profile ? 'this member' : 'this recipient'),
    points: (count) => (voice.has('points') ? voice.text('points', { count }) : `${count} points`),
    tier: (id) => brand.programme.tiers.find((tier) => tier.id === id)?.name ?? id,
    product: (id) => {
      const name = catalogue.products.get(id)?.name;
      return name?.['en'] ?? name?.[brand.defaultLocale] ?? id.replaceAll('-', ' ');
    },
    day: (instant) => day.format(new Date(instant)),
    entitlement: (id) =>
      voice.has(`entitlements.${id}`) ? voice.text(`entitlements.${id}`) : id.replaceAll('-', ' '),
  };
}

const voiceOf = once(({ brand, locales }: LoadedBrand) => {
  const own = layersFor(locales, 'en');
  const voice = textMessages({
    locale: own.length > 0 ? 'en' : brand.defaultLocale,
    timeZone: brand.timeZone,
    layers: (own.length > 0 ? own : layersFor(locales, brand.defaultLocale)).map(
      ({ texts }) => texts,
    ),
    known: { brand: brand.name, programme: brand.programme.name },
  });
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: brand.timeZone });
  return { voice, day };
});
