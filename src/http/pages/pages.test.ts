import { createRequire } from 'node:module';

import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Brand } from '../../brand/brand.ts';
import { loadConfig } from '../../config.ts';
import type { Mailing } from '../../members/mailing.ts';
import { loadBrands } from '../../render/voice/brand-files.ts';
import type { Page } from './page.ts';
import { preferencePage } from './preferences.ts';
import { failedPage, unsubscribePage } from './unsubscribe.ts';
import { type PageLanguage, pageLanguages } from './words.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const mailing: Mailing = {
  memberId: 'm-1',
  offers: 'on',
  off: ['bonuses'],
  frequency: 'weekly',
  locale: 'de',
  erasureAskedAt: null,
};
const asked = new Date('2026-05-04T10:00:00Z');

/** Every state of every page. */
const states: Readonly<Record<string, (language: PageLanguage, brand: Brand) => Page>> = {
  preferences: (language, brand) => preferencePage(mailing, language, brand),
  saved: (language, brand) => preferencePage(mailing, language, brand, 'saved'),
  wrong: (language, brand) => preferencePage(mailing, language, brand, 'wrong'),
  off: (language, brand) => preferencePage({ ...mailing, offers: 'off' }, language, brand, 'saved'),
  blocked: (language, brand) =>
    preferencePage({ ...mailing, offers: 'blocked', erasureAskedAt: asked }, language, brand),
  ask: (language, brand) => unsubscribePage('ask', language, brand),
  'ask topic': (language, brand) =>
    unsubscribePage('ask', language, brand, { topic: 'Bonus', preferences: '/p/abc' }),
  done: (language, brand) => unsubscribePage('done', language, brand, { preferences: '/p/abc' }),
  later: (language, brand) => failedPage('later', language, brand),
  unknown: (language) => failedPage('unknown', language, undefined),
};

let brands: Awaited<ReturnType<typeof loadBrands>>;
let browser: Browser | undefined;
beforeAll(async () => {
  brands = await loadBrands('templates');
  browser = await chromium.launch({
    executablePath: loadConfig(process.env).chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
});
afterAll(async () => browser?.close());

const languageOf: Readonly<Record<string, PageLanguage>> = {
  kestrel: 'en',
  juniper: 'de',
  halden: 'fr',
  marlowe: 'ar',
};

const Seen = z.array(z.strictObject({ page: z.string(), found: z.array(z.unknown()) }));

/** All of a brand's pages, one after the other in one tab: what axe finds, and what is wider than the screen. */
async function look(brand: Brand, colorScheme: 'light' | 'dark', width: number) {
  const tab = await browser!.newPage({ colorScheme, viewport: { width, height: 900 } });
  const seen: unknown[] = [];
  try {
    await tab.route('**/*', (route) => route.abort());
    for (const [state, make] of Object.entries(states))
      for (const language of pageLanguages) {
        await tab.setContent(make(language, brand).html);
        // What axe looks for hangs neither on the words nor on the width: one language a brand, each of them once.
        const thorough = languageOf[brand.id] === language && width === 390;
        if (thorough && (await tab.evaluate('typeof axe')) === 'undefined')
          await tab.addScriptTag({ path: axe });
        const found =
          await tab.evaluate(`(${thorough} ? axe.run(document) : Promise.resolve({ violations: [] }))
          .then(({ violations }) => [
          ...violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]),
          ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : []),
          ...[...document.querySelectorAll('button, select, .choice')]
            .filter((one) => one.getBoundingClientRect().height < 44)
            .map((one) => 'too small for a thumb: ' + one.textContent)])`);
        seen.push({ page: `${state} ${language}`, found });
      }
  } finally {
    await tab.close();
  }
  return Seen.parse(seen);
}

describe('pages for members can be read and used by everyone', () => {
  it.each(
    ['kestrel', 'juniper', 'halden', 'marlowe'].flatMap((id) =>
      (['light', 'dark'] as const).flatMap((scheme) =>
        [390, 1440].map((width) => ({ id, scheme, width })),
      ),
    ),
  )(
    '$id, $scheme, $width pixels',
    async ({ id, scheme, width }) => {
      const seen = await look(brands.get(id)!.brand, scheme, width);
      expect(seen).toHaveLength(Object.keys(states).length * pageLanguages.length);
      expect(seen.filter(({ found }) => found.length > 0)).toEqual([]);
    },
    60_000,
  );
});
