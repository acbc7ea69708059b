import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { loadBrands } from '../src/render/brand-files.ts';
import { loadTemplates } from '../src/render/load.ts';
import { prepare } from '../src/send/prepare.ts';
import { templates } from './index.ts';
import { sampleBrands, sampleCatalogue, sampleChanges, sampleMember } from './sample-world.ts';

const root = import.meta.dirname;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const Found = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }));
const now = new Date('2026-11-20T09:00:00Z');

const cases = sampleBrands.flatMap((brand) =>
  templates.flatMap(({ name }) => {
    const file = join(root, '..', 'fixtures', brand, 'samples', `${name}.json`);
    return existsSync(file) ? [[name, brand, file] as const] : [];
  }),
);

let browser: Browser;
const mails = new Map<string, string>();
beforeAll(async () => {
  const brands = await loadBrands(root);
  const set = await loadTemplates({ root, definitions: templates, brands });
  for (const [template, id, file] of cases) {
    const brand = brands.get(id)?.brand;
    if (!brand) throw new Error(`no brand ${id}`);
    const message = {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'default',
      template,
      brand: id,
      to: { email: 'ana@example.com' },
      data: z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8'))),
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
        templateFor: (locale) => set.compiled(template, id, locale),
        address: 'ana@example.com',
        suppression: null,
        cancelled: new Map(),
        unsubscribeUrl: () => `https://mail.${id}.example/u/abc`,
      },
    );
    mails.set(`${template} ${id}`, email?.html ?? '');
  }
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}, 120_000);
afterAll(async () => browser?.close());

/** Every violation axe finds in a mail, contrast included; and what is wider than the screen. */
async function violations(html: string, colorScheme: 'light' | 'dark', width: number) {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  try {
    await page.route('**/*', (route) => route.abort());
    await page.setContent(html);
    await page.addScriptTag({ path: axe });
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
  } finally {
    await page.close();
  }
}

describe.each(cases)('%s of %s', (name, brand) => {
  it.each([
    ['light', 640],
    ['dark', 320],
  ] as const)(
    'can be read by everyone: %s, %d pixels',
    async (scheme, width) => {
      const html = mails.get(`${name} ${brand}`) ?? '';
      expect(await violations(html, scheme, width)).toEqual({ found: [], wide: false, small: [] });
    },
    30_000,
  );
});
