import { chromium } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';

import { isFor } from '../src/contract/template.ts';
import { openLibrary } from '../test/library.ts';
import { sampleData, sampleMail } from '../test/sample-mail.ts';
import { sampleBrands } from '../test/samples/world.ts';
import { templates } from './index.ts';

const languages = ['en', 'de', 'fr', 'ar'];
/** Each mail of each brand in one language, every language of each brand; in all of them where somebody asks: `LONGEST=all`. */
const languagesOf = (template: number, brand: number) =>
  process.env['LONGEST'] === 'all'
    ? languages
    : languages.filter((_, n) => n === (template + brand) % languages.length);
const longest = [120, 80, 60, 40, 24, 12];

/** Every text of the data as long as its schema allows, up to 120 letters without a blank. */
function stretched(
  data: Record<string, unknown>,
  fits: (data: unknown) => boolean,
): Record<string, unknown> {
  const stretch = (holder: object) => {
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === 'object' && value !== null) stretch(value);
      if (typeof value !== 'string' || /^(https?:|\d{4}-\d\d-\d\d)/.test(value)) continue;
      const long = longest.find((length) => {
        Reflect.set(holder, key, 'Wolkenkratzer'.repeat(10).slice(0, length));
        return fits(data);
      });
      if (long === undefined) Reflect.set(holder, key, value);
    }
  };
  stretch(data);
  return data;
}

it('R20: no mail is wider than a phone, however long a name, a code or an address in it', async () => {
  const { brands, templates: set } = await openLibrary();
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 375, height: 800 } });
  await page.route('**/*', (route) => route.abort());
  const wide: unknown[] = [];
  const unsent: unknown[] = [];
  const looked = new Set<string>();
  let mails = 0;
  for (const [nth, template] of templates.entries())
    for (const [mth, brand] of sampleBrands.entries()) {
      const loaded = brands.get(brand);
      if (!loaded || !isFor(template, loaded.brand)) continue;
      const data = stretched(
        sampleData(template.name, brand),
        (one) => template.schema.safeParse(one).success,
      );
      for (const locale of languagesOf(nth, mth)) {
        const { email, decision } = sampleMail(
          { set, brands },
          { template: template.name, brand, locale, data },
        );
        if (!email) {
          unsent.push(decision.reason);
          continue;
        }
        await page.setContent(email.html);
        const width: unknown = await page.evaluate('document.documentElement.scrollWidth');
        if (typeof width !== 'number' || width > 375) {
          const culprits: unknown = await page.evaluate(
            `[...document.querySelectorAll('td,p,a,span,b,h1,h2')].filter((one) => one.children.length === 0 && (one.getBoundingClientRect().right > 376 || one.getBoundingClientRect().left < -1)).slice(0, 4).map((one) => one.outerHTML.slice(0, 200))`,
          );
          wide.push([template.name, brand, locale, width, culprits]);
        }
        looked.add(`${brand} ${locale}`).add(template.name);
        mails += 1;
      }
    }
  expect(wide).toEqual([]);
  expect(unsent).not.toContain('allowed');
  expect(mails).toBeGreaterThan(40);
  for (const brand of sampleBrands)
    for (const locale of languages) expect(looked).toContain(`${brand} ${locale}`);
}, 600_000);
