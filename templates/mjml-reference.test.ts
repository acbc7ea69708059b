import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { BrandIdentity } from '../src/brand/brand.ts';
import { directionOf } from '../src/brand/direction.ts';
import { isFor, type Rendered, type View } from '../src/contract/template.ts';
import { voiceFor } from '../src/render/compile.ts';
import { loadTemplates, type TemplateSet } from '../src/render/load.ts';
import { brandTokens } from '../src/render/mjml/brand-tokens.ts';
import { readPartials, readPieces } from '../src/render/mjml/partials.ts';
import { filesIn } from '../src/render/source/template-files.ts';
import {
  type LoadedBrand,
  type LoadedBrands,
  loadBrands,
} from '../src/render/voice/brand-files.ts';
import { layersFor, readLocales } from '../src/render/voice/locale-files.ts';
import { documentTrees } from '../test/fixtures-render/document-tree.ts';
import { slowMjml } from '../test/fixtures-render/mjml-slow.ts';
import { hasSample, recipients, sampleMail } from '../test/sample-mail.ts';
import { sampleBrands } from '../test/samples/world.ts';
import { templates } from './index.ts';

const root = import.meta.dirname;
/** Other brands differ in their colours and words alone: one of them in its turn. */
const member = ['member'] as const;
const identityOf = (brand: string) =>
  BrandIdentity.parse(JSON.parse(readFileSync(join(root, 'brands', brand, 'brand.json'), 'utf8')));
const bodyOf = (template: string) => join(root, template, 'body.mjml');
const inMjml = templates.filter((one) => existsSync(bodyOf(one.name)) && hasSample(one));
const cases = inMjml.flatMap((definition, index) => {
  const [first, ...others] = sampleBrands.filter((brand) => isFor(definition, identityOf(brand)));
  const other = others[index % Math.max(1, others.length)];
  return [
    ...(first ? [[definition.name, first, recipients, definition] as const] : []),
    ...(other ? [[definition.name, other, member, definition] as const] : []),
  ];
});

let brands: LoadedBrands;
let set: TemplateSet;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  brands = await loadBrands(root);
  set = await loadTemplates({ root, definitions: inMjml, brands });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  page = await browser.newPage({ viewport: { width: 640, height: 900 } });
  await page.route('**/*', (route) => route.abort());
});
afterAll(async () => {
  await browser.close();
});

/** The reference of a template for a brand in a locale: Handlebars and then MJML, for every mail. */
async function referenceOf(template: string, loaded: LoadedBrand, locale: string) {
  const { brand } = loaded;
  const manner = brand.manner[locale] ?? locale;
  const texts = await Promise.all([
    readLocales(filesIn(root), template, []),
    readLocales(filesIn(root), 'blocks', []),
  ]);
  const layers = [
    ...layersFor(loaded.locales, locale),
    ...texts.flatMap((files) => layersFor(files, manner)),
  ];
  const partials = new Map([
    ...(await readPartials(filesIn(root))),
    ...(await readPieces(filesIn(root), template, false)),
  ]);
  const dir = directionOf(locale);
  return slowMjml({
    body: { file: 'body.mjml', source: readFileSync(bodyOf(template), 'utf8') },
    find: (name) => partials.get(`${name}.mjml`),
    token: brandTokens(brand, dir),
    voice: voiceFor(loaded, locale, layers),
    dir,
  });
}

/** What the compiled template was given for a mail, and made of it. */
function rendered(...[, wanted]: Parameters<typeof sampleMail>) {
  const seen: { view: View; made: Rendered }[] = [];
  const compiled: TemplateSet['compiled'] = (...args) => {
    const own = set.compiled(...args);
    return {
      ...own,
      render: (view) => {
        const made = own.render(view);
        seen.push({ view, made });
        return made;
      },
    };
  };
  sampleMail({ set: { compiled }, brands }, wanted);
  return seen[0];
}

/** Names that the brand's own file of the language has another word for. */
function namesIn(brand: string, locale: string, names: Readonly<Record<string, string>> = {}) {
  const file = join(root, 'brands', brand, 'locales', `${locale}.json`);
  const { bonuses = {} } = Words.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.fromEntries(
    Object.entries(names).flatMap(([field, key]) => {
      const said = bonuses[key.replace('bonuses.', '')];
      return said === undefined ? [] : [[field, said]];
    }),
  );
}
const Words = z.looseObject({ bonuses: z.record(z.string(), z.string()).optional() });

const picture = async (html: string): Promise<Buffer> => {
  await page.setContent(html); // until every picture has failed to load: its place is drawn otherwise before
  return page.screenshot({ fullPage: true, animations: 'disabled' });
};

describe('compiled once, a mail is what Handlebars and then MJML make of it one by one', () => {
  it.each(cases)('%s of %s', async (template, brandId, people, definition) => {
    const loaded = brands.get(brandId);
    if (!loaded) throw new Error(`no brand ${brandId}`);
    const { defaultLocale, locales } = loaded.brand;
    const mirrored = locales.find((one) => directionOf(one) !== directionOf(defaultLocale));
    let pictures = 0;
    for (const locale of [defaultLocale, ...(mirrored ? [mirrored] : [])]) {
      const slow = await referenceOf(template, loaded, locale);
      for (const recipient of locale === defaultLocale ? people : member) {
        const mail = rendered({ set, brands }, { template, brand: brandId, locale, recipient });
        if (!mail) continue;
        const { view, made } = mail;
        const data = {
          ...view.data,
          ...namesIn(brandId, locale, definition.names?.({ ...view.data })),
        };
        const linkedData = definition.linkedData?.({ ...data }, view.brand) ?? [];
        const reference = await slow({ ...view, data, ...made, linkedData });
        expect({ recipient, locale, ...documentTrees(made.html) }).toEqual({
          recipient,
          locale,
          ...documentTrees(reference),
        });
        if (recipient !== 'member') continue;
        expect((await picture(made.html)).equals(await picture(reference))).toBe(true);
        pictures += 1;
      }
    }
    expect(pictures).toBeGreaterThan(0);
  });
});
