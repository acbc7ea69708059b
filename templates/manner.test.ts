import { beforeAll, describe, expect, it } from 'vitest';

import type { TemplateSet } from '../src/render/load.ts';
import type { LoadedBrands } from '../src/render/voice/brand-files.ts';
import { openLibrary } from '../test/library.ts';
import { sampleMail } from '../test/sample-mail.ts';
import type { SampleBrand } from '../test/samples/world.ts';

let brands: LoadedBrands;
let set: TemplateSet;
beforeAll(async () => {
  ({ brands, templates: set } = await openLibrary());
});

/** Sentences begin with capitals in German, so `Sie` counts within one only. */
const formal = {
  de: /(?<![.!?:]\s|^)\b(Sie|Ihnen|Ihre?[nmrs]?)\b/m,
  fr: /\b(vous|votre|vos)\b/i,
} as const;
const familiar = {
  de: /\b(du|dich|dir|dein\w*)\b/i,
  fr: /(^|[^\p{L}])(tu|toi|ton|tes|t’)(?!\p{L})/iu,
} as const;

const manners: readonly (readonly [SampleBrand, keyof typeof formal, 'formal' | 'familiar'])[] = [
  ['juniper', 'de', 'familiar'],
  ['juniper', 'fr', 'familiar'],
  ['kestrel', 'de', 'formal'],
  ['kestrel', 'fr', 'formal'],
  ['halden', 'de', 'familiar'],
  ['halden', 'fr', 'formal'],
  ['marlowe', 'de', 'familiar'],
  ['marlowe', 'fr', 'familiar'],
];

describe.each(manners)('S28: %s addresses its members in %s', (brand, locale, manner) => {
  it(`in one manner, ${manner}, in every mail`, () => {
    const other = manner === 'formal' ? familiar : formal;
    const wrong = set.namesFor(brand).flatMap((template) => {
      const { email } = sampleMail({ set, brands }, { template, brand, locale });
      const said = `${email?.subject}\n${email?.preheader}\n${email?.text}`;
      const found = other[locale].exec(said);
      return found
        ? [`${template}: …${said.slice(Math.max(0, found.index - 30), found.index + 30)}…`]
        : [];
    });
    expect(wrong).toEqual([]);
  });
});
