import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';

import type { Catalogue } from '../src/brand/catalogue.ts';
import type { Message } from '../src/contract/message.ts';
import type { Profile, ProfileReading } from '../src/contract/profile.ts';
import { prepare, type Prepared } from '../src/decision/prepare.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { noon } from './facts.ts';
import { openLibrary } from './library.ts';
import { sampleCatalogue } from './samples/offers.ts';
import { type SampleBrand, sampleBrands, sampleChanges, sampleMember } from './samples/world.ts';

const { templates, brands } = await openLibrary();
const Data = z.record(z.string(), z.unknown());

/** Every template with the brands that have sample data for it. */
const cases = templates.names.flatMap((template) =>
  sampleBrands.flatMap((brand) => {
    const data = readSample(brand, template);
    return data ? [{ template, brand, data }] : [];
  }),
);

function readSample(brand: SampleBrand, template: string): Record<string, unknown> | undefined {
  try {
    return Data.parse(
      JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8')),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function prepared(
  { template, brand, data }: (typeof cases)[number],
  reading: ProfileReading,
  changes: {
    catalogue?: Catalogue;
    message?: Partial<Message>;
    suppressed?: 'commercial';
    locale?: string;
  } = {},
): Prepared {
  const loaded = brands.get(brand);
  if (!loaded) throw new Error(`no brand ${brand}`);
  const message: Message = {
    id: '0196a000-0000-7000-8000-000000000001',
    tenant: 'main',
    template,
    brand,
    to: { email: 'ana@example.com' },
    ...(changes.locale !== undefined && { locale: changes.locale }),
    data,
    about: [],
    acceptedAt: noon,
    ...changes.message,
  };
  return prepare(message, reading, {
    now: noon,
    brand: loaded.brand,
    catalogue: changes.catalogue ?? sampleCatalogue(brand),
    templateFor: (locale) => templates.compiled(template, brand, locale),
    address: message.to.email ?? 'ana@example.com',
    suppression: changes.suppressed
      ? { reason: 'unsubscribe', at: noon, scope: changes.suppressed }
      : null,
    cancelled: new Map(),
    unsubscribeUrl: () => 'https://mail.example/u/token',
  });
}

/** A member the template has something to say to. */
const memberFor = ({ template, brand }: (typeof cases)[number], changes: Partial<Profile> = {}) =>
  sampleMember(brand, { ...sampleChanges(template, brand), ...changes });

const canary = 'PROMOTIONCANARY';

/** The brand's offers, each field of them recognisable in a mail. */
function canaryCatalogue(brand: SampleBrand): Catalogue {
  const catalogue = sampleCatalogue(brand);
  const words = { en: canary, de: canary, fr: canary, ar: canary };
  return {
    ...catalogue,
    offers: catalogue.offers.map((offer) => ({
      ...offer,
      title: words,
      body: words,
      code: canary,
      url: `https://shop.example/${canary}`,
    })),
  };
}

const consents = fc.constantFrom<Profile['consents']>(
  {},
  { marketing: { granted: false, source: 'app', at: '2025-01-01T00:00:00Z' } },
  { profiling: { granted: true, source: 'app', at: '2025-01-01T00:00:00Z' } },
  { marketing: { granted: true, source: 'app', at: '2025-01-01T00:00:00Z' } },
);

it('promise 14: without marketing consent not a byte of promotion, in any template, brand and locale', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      consents,
      fc.constantFrom('member', 'guest'),
      fc.constantFrom(undefined, 'commercial' as const),
      fc.constantFrom('en', 'de', 'fr', 'ar'),
      (one, given, who, suppressed, locale) => {
        const reading: ProfileReading =
          who === 'guest'
            ? { kind: 'guest', why: 'unknown-address' }
            : { kind: 'member', profile: memberFor(one, { consents: given }) };
        const { decision, email } = prepared(one, reading, {
          catalogue: canaryCatalogue(one.brand),
          locale,
          ...(suppressed && { suppressed }),
        });
        const allowed = who === 'member' && given.marketing?.granted === true && !suppressed;
        const { class: kind, blocks, for: whom = 'anybody' } = templates.definition(one.template);
        const promotes = decision.blocks.some(
          (block) => block.kind === 'show' && block.content === 'promotional',
        );
        // Offers show where they may; whether there is a deal to recommend is the catalogue's affair.
        const expected = allowed && (blocks.includes('offers') || promotes);
        const headline = `${email?.subject}${email?.preheader}`;
        const mail = `${headline}${email?.html}${email?.text}`;
        expect({
          sent: decision.kind === 'send',
          promotes,
          promotion: mail.includes(canary),
          // It has no place in these, whatever was consented to.
          promotionInHeadline: headline.includes(canary),
          unsubscribable: email?.headers.some(([name]) => name === 'List-Unsubscribe') ?? false,
        }).toEqual({
          sent: (allowed || kind === 'transactional') && (who === 'member' || whom === 'anybody'),
          promotes: expected,
          promotion: expected,
          promotionInHeadline: false,
          unsubscribable: allowed && (kind === 'commercial' || expected),
        });
      },
    ),
    { numRuns: 400 },
  );
});

it('promise 22: no mail ever holds another recipient’s data, with all caches hot', () => {
  const count = Number(process.env['CANARY_RENDERS'] ?? 1_500);
  const foreign: string[] = [];
  for (let n = 0; n < count; n++) {
    const one = cases[n % cases.length];
    if (!one) throw new Error('no templates');
    const own = `CANARY${n}X`;
    const profile = memberFor(one, {
      memberId: own,
      firstName: own,
      activePoints: 100_000 + n,
      locale: n % 2 ? 'de' : 'en',
    });
    const { email } = prepared(
      one,
      { kind: 'member', profile },
      { message: { to: { email: `${own}@example.com` } } },
    );
    if (!email) throw new Error(`${one.template} was not sent`);
    const bytes = composeMime(
      email,
      `0196a000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    ).toString();
    const found = bytes.replaceAll('=\r\n', '').match(/CANARY\d+X/g) ?? [];
    foreign.push(...found.filter((canaryFound) => canaryFound !== own));
    expect(found).toContain(own);
  }
  expect(foreign).toEqual([]);
});

it('the same message, person and instant give the same bytes', () => {
  for (const one of cases) {
    const reading: ProfileReading = { kind: 'member', profile: memberFor(one) };
    const bytes = () => {
      const { email } = prepared(one, reading);
      return email && composeMime(email, '0196a000-0000-7000-8000-000000000001').toString();
    };
    expect(bytes()).toBeDefined();
    expect(bytes()).toBe(bytes());
  }
});
