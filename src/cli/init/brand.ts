import { z } from 'zod';

import { BrandIdentity, Programme } from '../../brand/brand.ts';
import { contrast } from '../../render/voice/contrast.ts';
import { type Answers, trades } from './answers.ts';

/** The brand's folder name: `Müller & Söhne` is `muller-sohne`. */
export const idOf = (brand: string): string =>
  brand
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replace(/^(?=\d)/, 'brand-');

const readable = 4.5;

/** The colour, moved towards white or black until it can be read on all of these. */
function readableOn(colour: string, grounds: readonly string[], towards: 0 | 255): string {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  for (let step = 0; step <= 20; step += 1) {
    const moved = parts.map((part) => Math.round(part + ((towards - part) * step) / 20));
    const hex = `#${moved.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    if (grounds.every((ground) => contrast(hex, ground) >= readable)) return hex;
  }
  return towards === 0 ? '#000000' : '#ffffff';
}

const onIt = (colour: string) =>
  contrast('#ffffff', colour) >= contrast('#000000', colour) ? '#ffffff' : '#000000';

type Scheme = BrandIdentity['colours']['light'];
const withAccent = (scheme: Scheme, colour: string, towards: 0 | 255): Scheme => {
  const accent = readableOn(colour, [scheme.page, scheme.surface], towards);
  return { ...scheme, accent, onAccent: onIt(accent) };
};

/** `brand.json`: the identity of the brand that it is like, under its own name, address and colour. */
export function brandFile({ brand, accent, languages, trade }: Answers, like: string): unknown {
  const { productAttributes, colours, ...base } = BrandIdentity.parse(JSON.parse(like));
  const id = idOf(brand);
  const [defaultLocale = 'en'] = languages;
  const wanted = (by: Record<string, string>) =>
    Object.fromEntries(languages.flatMap((one) => (by[one] === undefined ? [] : [[one, by[one]]])));
  return {
    id,
    name: brand,
    defaultLocale,
    timeZone: base.timeZone,
    currency: base.currency,
    from: { name: brand, address: `hello@${id}.example` },
    replyTo: `service@${id}.example`,
    siteUrl: `https://www.${id}.example`,
    font: base.font,
    headingFont: base.headingFont,
    headings: base.headings,
    radius: base.radius,
    colours: {
      light: withAccent(colours.light, accent, 0),
      dark: withAccent(colours.dark, accent, 255),
    },
    trades: trade === 'travel' ? ['orders', 'bookings'] : ['orders'],
    ...(productAttributes && { productAttributes }),
    legal: { company: brand, address: 'Put your postal address here: the law asks for it' },
    formats: wanted(base.formats),
    manner: wanted(base.manner),
  };
}

/** `programme.json`: tiers, earning and burning of the brand it is like, named in the brand's languages. */
export function programmeFile({ programme, languages }: Answers, like: string): unknown {
  const base = z.looseObject({}).parse(JSON.parse(like));
  Programme.parse(base);
  return { ...namedIn(base, languages), name: programme, names: undefined };
}

const Named = z.looseObject({ name: z.string(), names: z.record(z.string(), z.string()) });

/** Things named in the brand's languages, the first of which is its own; what they are like is named in English. */
function namedIn(value: unknown, languages: readonly string[]): Record<string, unknown> {
  const [first = 'en', ...others] = languages;
  const inner = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(inner);
    if (typeof one !== 'object' || one === null) return one;
    const all = Object.fromEntries(Object.entries(one).map(([key, found]) => [key, inner(found)]));
    const named = Named.safeParse(one);
    if (!named.success) return all;
    const { name, names } = named.data;
    const by: Readonly<Record<string, string>> = { en: name, ...names };
    return {
      ...all,
      name: by[first] ?? name,
      names: Object.fromEntries(
        others.flatMap((language) =>
          by[language] === undefined ? [] : [[language, by[language]]],
        ),
      ),
    };
  };
  return z.record(z.string(), z.unknown()).parse(inner(value));
}

const pointsIn: Readonly<Record<string, string>> = {
  en: '{count, plural, one {# point} other {# points}}',
  de: '{count, plural, one {# Punkt} other {# Punkte}}',
  fr: '{count, plural, one {# point} many {# de points} other {# points}}',
  ar: '{count, plural, zero {لا نقاط} one {نقطة واحدة} two {نقطتان} few {# نقاط} many {# نقطة} other {# نقطة}}',
};

/** `locales/<language>.json`: how its points are called and what its tiers give. Everything else has words already, to be replaced at will. */
export function localeFile(language: string, like: string): unknown {
  const { entitlements } = z
    .looseObject({ entitlements: z.record(z.string(), z.string()).default({}) })
    .parse(JSON.parse(like));
  return { points: pointsIn[language] ?? pointsIn['en'], entitlements };
}

export const likeOf = ({ trade }: Pick<Answers, 'trade'>) => trades[trade].like;
