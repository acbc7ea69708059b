import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';

// A real browser on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const slow = { timeout: 60_000 };

let preview: Workplace;
beforeAll(async () => {
  preview = await openWorkplace();
});
afterEach(() => preview.closePages());
afterAll(() => preview.close());

const june = 'brand=juniper&p=below-minimum';
const shown = (page: Page) => page.locator('iframe.frame:not(.waiting)').first().waitFor(slow);
const text = (wanted: string | RegExp) => (page: Page) =>
  page.getByText(wanted).first().waitFor(slow);

type Screen = readonly [name: string, path: string, ready: (page: Page) => Promise<unknown>];

/** Every room, every side of a mail, every panel, and what stands there when there is nothing. */
const screens: readonly Screen[] = [
  ['the gallery', '/?brand=juniper', (page) => page.locator('.badge.good').first().waitFor(slow)],
  ['why', `/t/order-confirmation?${june}&panel=why`, shown],
  ['the member', `/t/order-confirmation?${june}&panel=data`, shown],
  ['the message', `/t/order-confirmation?${june}&panel=message`, shown],
  ['the checks', `/t/order-confirmation?${june}&panel=checks`, text(/Breaking points/)],
  ['what is tried', `/t/order-confirmation?${june}&set.activePoints=250`, shown],
  [
    'what would bring it, in many words',
    '/t/order-confirmation?brand=juniper&p=ten-years&data.payable=0&panel=why',
    text(/^Try with the sample/),
  ],
  [
    'a suppressed mail',
    '/t/welcome?brand=juniper&p=guest',
    (page) => page.locator('.verdict').first().waitFor(slow),
  ],
  [
    'the text',
    `/t/order-confirmation?${june}&view=text`,
    (page) => page.locator('.text-part').waitFor(slow),
  ],
  [
    'the html',
    `/t/order-confirmation?${june}&view=html`,
    (page) => page.locator('.cm-line').first().waitFor(slow),
  ],
  [
    'the template',
    `/t/order-confirmation?${june}&view=template`,
    (page) => page.locator('.cm-line').first().waitFor(slow),
  ],
  ['the headers', `/t/order-confirmation?${june}&view=headers`, text('Subject')],
  [
    'two side by side',
    `/compare/order-confirmation?${june}&with.p=german`,
    (page) => page.locator('.side iframe').nth(1).waitFor(slow),
  ],
  [
    'everybody',
    '/matrix/shipped?brand=juniper',
    (page) => page.locator('.cell iframe').first().waitFor(slow),
  ],
  [
    'the year',
    '/year/year-in-review?brand=juniper',
    (page) => page.locator('.variant').first().waitFor(slow),
  ],
  [
    'nothing to publish from',
    '/publish/shipped?brand=juniper',
    text('Nothing is published from this page'),
  ],
  ['real members switched off', '/sent', text('Real members are switched off')],
  ['an unknown persona', '/t/shipped?brand=juniper&p=nobody', text('There is no persona “nobody”')],
  [
    'a mail without a sample',
    '/t/flight-booking?brand=juniper',
    text('Juniper Coffee has no sample for this mail yet'),
  ],
  [
    'what can’t be rendered',
    `/t/order-confirmation?${june}&set.activePoints=lots`,
    text(/activePoints|Active points/),
  ],
  ['an unknown mail', '/t/nothing-like-it?brand=juniper', text('There is no such template')],
];

/** Each room in both schemes, and at a phone's width, a tablet's and a desk's. */
const views = [
  ['light', [390, 900]],
  ['dark', [1440]],
] as const;

describe.each(views)('in %s', (scheme, widths) => {
  it.each(screens)('%s is for everybody, and as wide as the page', async (_name, path, ready) => {
    const page = await preview.open(path, { width: widths[0], scheme });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await ready(page);
      expect({ width, violations: await violationsOn(page) }).toEqual({ width, violations: [] });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
    }
    await page.close();
  });
});
