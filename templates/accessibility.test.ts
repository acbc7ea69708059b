import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { loadConfig } from '../src/config.ts';
import { prepare } from '../src/decision/prepare.ts';
import { openLibrary } from '../test/library.ts';
import { sampleCatalogue } from '../test/samples/offers.ts';
import { sampleBrands, sampleChanges, sampleMember } from '../test/samples/world.ts';
import { templates } from './index.ts';

const root = import.meta.dirname;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const Found = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }));
const now = new Date('2026-11-20T09:00:00Z');

const sampleOf = (brand: string, template: string) =>
  join(root, '..', 'fixtures', brand, 'samples', `${template}.json`);

type Way = {
  readonly locale: string;
  readonly scheme: 'light' | 'dark';
  readonly width: number;
};
const onDesk: Way = { locale: 'en', scheme: 'light', width: 640 };
/** The longest words, and the other direction. */
const onPhone: readonly Way[] = [
  { locale: 'ar', scheme: 'dark', width: 320 },
  { locale: 'de', scheme: 'dark', width: 320 },
];

/**
 * Every template wide and narrow, and every brand in its turn: all combinations would take minutes, and that a
 * brand's colours can be read on each other is checked when it is loaded.
 */
const cases = templates.flatMap(({ name }, index) => {
  const theirs = sampleBrands.filter((brand) => existsSync(sampleOf(brand, name)));
  return [onDesk, onPhone[index % 2] ?? onDesk].flatMap((way, turn) => {
    const brand = theirs[(index + turn) % theirs.length];
    return brand ? [{ name, brand, ...way }] : [];
  });
});
const keyOf = (one: { readonly name: string; readonly brand: string; readonly locale: string }) =>
  `${one.name} ${one.brand} ${one.locale}`;

let browser: Browser;
let page: Page;
const mails = new Map<string, string>();
beforeAll(async () => {
  const { brands, templates: set } = await openLibrary();
  for (const one of cases) {
    const { name: template, brand: id, locale } = one;
    const brand = brands.get(id)?.brand;
    if (!brand) throw new Error(`no brand ${id}`);
    const message = {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'default',
      template,
      brand: id,
      locale,
      to: { email: 'ana@example.com' },
      data: z
        .record(z.string(), z.unknown())
        .parse(JSON.parse(readFileSync(sampleOf(id, template), 'utf8'))),
      about: [],
      acceptedAt: now,
    };
    const { email } = prepare(
      message,
      { kind: 'member', profile: sampleMember(id, sampleChanges(template, id)) },
      {
        now,
        brand,
        catalogue: sampleCatalogue(id),
        templateFor: (wanted) => set.compiled(template, id, wanted),
        address: 'ana@example.com',
        suppression: null,
        cancelled: new Map(),
        unsubscribeUrl: () => `https://mail.${id}.example/u/abc`,
        preferencesUrl: () => `https://mail.${id}.example/p/abc`,
      },
    );
    mails.set(keyOf(one), email?.html ?? '');
  }
  browser = await chromium.launch({
    executablePath: loadConfig(process.env).chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  page = await browser.newPage();
  await page.route('**/*', (route) => route.abort());
});
afterAll(async () => browser?.close());

/** Every violation axe finds in a mail, contrast included; and what is wider than the screen. One after the other in one tab. */
async function violations(html: string, colorScheme: 'light' | 'dark', width: number) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 800 });
  await page.setContent(html);
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.addScriptTag({ path: axe });
  const found: unknown = await page.evaluate(`axe.run(document, {
    // Landmarks are for pages: a mail is read inside one.
    rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } },
  }).then(({ violations }) =>
    violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html.slice(0, 200)) })))`);
  const wide: unknown = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  const small: unknown = await page.evaluate(`[...document.querySelectorAll('a')]
    .filter((a) => /^(accent|accent-text)$/.test(a.className) && a.closest('.ghost, td.accent'))
    .filter((a) => a.getBoundingClientRect().height < 44).map((a) => a.textContent)`);
  return { found: Found.parse(found), wide, small };
}

it.each(cases)(
  '$name of $brand in $locale can be read by everyone: $scheme, $width pixels',
  async ({ scheme, width, ...one }) => {
    const html = mails.get(keyOf(one)) ?? '';
    expect(await violations(html, scheme, width)).toEqual({ found: [], wide: false, small: [] });
  },
  30_000,
);
