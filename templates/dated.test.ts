import { readFileSync } from 'node:fs';

import { beforeAll, expect, it } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import { prepare } from '../src/decision/prepare.ts';
import type { TemplateSet } from '../src/render/load.ts';
import type { LoadedBrands } from '../src/render/voice/brand-files.ts';
import { openLibrary } from '../test/library.ts';
import { sampleCatalogue } from '../test/samples/offers.ts';
import { type SampleBrand, sampleMember } from '../test/samples/world.ts';

let brands: LoadedBrands;
let set: TemplateSet;
beforeAll(async () => {
  ({ brands, templates: set } = await openLibrary());
});

/** A mail whose balance another system told so many minutes ago. */
function mail(template: string, id: SampleBrand, locale: string, minutes: number) {
  const brand = brands.get(id)?.brand;
  if (!brand) throw new Error(`no brand ${id}`);
  const asOf = new Date(fixtureNow.getTime() - minutes * 60_000).toISOString();
  const { email } = prepare(
    {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'main',
      template,
      brand: id,
      to: { memberId: 'ana' },
      locale,
      data: sampleData(id, template),
      about: [],
      acceptedAt: fixtureNow,
    },
    {
      kind: 'member',
      profile: sampleMember(id),
      composed: {
        sources: [],
        fields: new Map([['activePoints', { source: 'platform', asOf }]]),
        unknown: [],
        failing: false,
        waitsFor: null,
      },
    },
    {
      now: fixtureNow,
      brand,
      catalogue: sampleCatalogue(id),
      templateFor: (wanted) => set.compiled(template, id, wanted),
      address: 'ana@example.com',
      suppression: null,
      cancelled: new Map(),
      unsubscribeUrl: () => 'https://mail.example/u/abc',
    },
  );
  if (!email) throw new Error('not sent');
  return email;
}

const sampleData = (brand: SampleBrand, template: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));

const count = (text: string, words: string) => text.split(words).length - 1;

it.each([
  ['order-confirmation', 'juniper', 'en', 'As of'],
  ['order-confirmation', 'juniper', 'de', 'Stand:'],
  ['flight-booking', 'kestrel', 'en', 'As of'],
  ['flight-booking', 'kestrel', 'de', 'Stand:'],
] as const)(
  'a balance of a while ago says of when it is: %s of %s in %s',
  (template, brand, locale, words) => {
    const [young, old] = [mail(template, brand, locale, 1), mail(template, brand, locale, 30)];
    for (const part of ['html', 'text'] as const)
      expect(count(old[part], words)).toBe(count(young[part], words) + 1);
    const time = /(?:As of|Stand:) ([^<\n]+)/;
    expect(time.exec(old.text)?.[1]).not.toBe(time.exec(young.text)?.[1]);
  },
);
