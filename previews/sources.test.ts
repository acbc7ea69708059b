import { readFile } from 'node:fs/promises';

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';
import type { MailFigures, Sentence } from './protocol.ts';

// A real browser on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });
const slow = { timeout: 60_000 };

let preview: Workplace;
beforeAll(async () => {
  preview = await openWorkplace();
});
afterEach(() => preview.closePages());
afterAll(() => preview.close());

const mailIn = (page: Page) => page.frameLocator('iframe.frame:not(.waiting)');
const post = async <Answer>(path: string, body: unknown): Promise<Answer> => {
  const response = await fetch(new URL(path, preview.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};

const ask = (locale: string, ...texts: string[]) =>
  post<{ sentence: Sentence | null }>('/api/sentence', {
    template: 'order-confirmation',
    brand: 'kestrel',
    locale,
    texts,
  });
const figuresWith = (set: Record<string, string>) =>
  post<MailFigures>('/api/figures', {
    template: 'order-confirmation',
    brand: 'juniper',
    persona: 'ten-years',
    set,
    data: {},
  });

describe('a template', () => {
  it('is read, searched and copied where the mail is', async () => {
    const page = await preview.open('/t/order-confirmation?brand=juniper&view=template');
    await page.locator('.cm-line').first().waitFor(slow);
    const file = page.getByLabel('File');
    expect(await file.inputValue()).toBe('templates/order-confirmation/body.mjml');
    const files = await file.locator('option').allInnerTexts();
    expect(files).toEqual(
      expect.arrayContaining([
        'templates/order-confirmation/template.ts',
        'templates/order-confirmation/locales/en.json',
        'templates/blocks/points-banner.mjml',
      ]),
    );
    await page.getByRole('button', { name: 'Search in it' }).click();
    await page.keyboard.type('order.number');
    await expect.poll(() => page.locator('.cm-searchMatch').count(), slow).toBeGreaterThan(0);
    await page.locator('.cm-content').click();
    await page.keyboard.type('x');
    expect(await page.locator('.cm-content').innerText()).not.toContain('x<mjml>');
    await file.selectOption('templates/order-confirmation/locales/en.json');
    await page.locator('.cm-line', { hasText: '"subject"' }).waitFor(slow);
    expect(await violationsOn(page)).toEqual([]);
    // What only this view needs comes with it, from here.
    const scripts = preview.requests.map((one) => one.url()).filter((url) => url.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(1);
  });
});

describe('a sentence of the mail', () => {
  it('leads to its file, its key and all its languages', async () => {
    const page = await preview.open('/t/status-statement?brand=juniper&p=below-minimum');
    await mailIn(page).getByText('Your account').click(slow);
    const card = page.getByRole('region', { name: 'This sentence' });
    await card.getByText(/locales\/en\.json:\d+/).waitFor(slow);
    expect(await card.locator('.languages dt').count()).toBe(4);
    expect(await violationsOn(page)).toEqual([]);
  });

  it('is found with what was filled in, in languages read from the right, and none where a name stands', async () => {
    expect((await ask('en', 'Somebody’s Name')).sentence).toBeNull();
    const { sentence } = await ask('en', 'K7PQ2M', 'Order K7PQ2M is confirmed');
    expect(sentence?.key).toBe('subject');
    for (const { file, line, text } of sentence?.languages ?? []) {
      expect(file).toMatch(/^templates\/.+\/locales\/.+\.json$/);
      expect(line).toBeGreaterThan(1);
      expect(text).toContain('{');
    }
  });
});

describe('a figure of the mail', () => {
  it('leads to the ledger entries it is made of, which come to it', async () => {
    const page = await preview.open('/t/status-statement?brand=juniper&p=below-minimum&panel=why');
    const figure = page.locator('.card', { hasText: 'Active points' }).first();
    await figure.waitFor(slow);
    await mailIn(page).getByText('99 stars').first().click();
    await figure.getByText('They come to 99, which the mail says.').waitFor(slow);
    const changes = await figure.locator('tbody tr td:nth-child(3)').allInnerTexts();
    expect(changes.length).toBeGreaterThan(5);
    const sum = changes.reduce((all, one) => all + Number(one.replace('−', '-')), 0);
    expect(sum).toBe(99);
    expect(await violationsOn(page)).toEqual([]);
  });

  it('is told apart from one changed by hand, and from what isn’t the ledger’s', async () => {
    const own = await figuresWith({});
    const points = own.figures.filter(({ label }) => label === 'Active points');
    expect(points.length).toBeGreaterThan(0);
    expect(points.map(({ adds }) => adds)).not.toContain(false);
    expect(own.figures.find(({ label }) => label === 'Earned: points')?.account).toBeNull();
    const changed = await figuresWith({ activePoints: '777' });
    expect(changed.figures.find(({ label }) => label === 'Active points')).toMatchObject({
      value: '777',
      adds: false,
    });
  });

  it('of a year is made of that year’s orders', async () => {
    const { figures, accounts } = await post<MailFigures>('/api/figures', {
      template: 'year-in-review',
      brand: 'juniper',
      persona: 'ten-years',
      data: {},
    });
    const purchases = figures.find(({ label }) => label === 'Purchases');
    const account = accounts.find(({ id }) => id === purchases?.account);
    expect(account?.rows.length).toBe(Number(purchases?.value));
    expect(purchases?.adds).toBe(true);
  });
});

describe('saved as a file', () => {
  it('is a picture, its text, its html and itself', async () => {
    const page = await preview.open('/t/welcome?brand=kestrel&p=gold-flyer&w=375&scheme=dark');
    await mailIn(page).locator('.page').first().waitFor(slow);
    const files = page.getByRole('group', { name: 'Save as' });
    const names: string[] = [];
    const saved: Buffer[] = [];
    for (const one of ['HTML', 'Text', '.eml', 'PNG']) {
      const [download] = await Promise.all([
        page.waitForEvent('download', slow),
        files.getByText(one, { exact: true }).click(),
      ]);
      names.push(download.suggestedFilename());
      const bytes = await readFile(await download.path());
      expect(bytes.length).toBeGreaterThan(200);
      saved.push(bytes);
    }
    // The width of a PNG is told in its first chunk.
    expect(saved.at(-1)?.readUInt32BE(16)).toBe(750);
    expect(names).toEqual([
      'welcome-gold-flyer-en.html',
      'welcome-gold-flyer-en.txt',
      'welcome-gold-flyer-en.eml',
      'welcome-gold-flyer-en-375-dark.png',
    ]);
  });
});

describe('what Gmail makes of it', () => {
  it('is a card of the flight', async () => {
    const page = await preview.open('/t/flight-booking?brand=kestrel');
    await page.locator('.inbox').click(slow);
    const card = page.locator('.linked-cards li').first();
    await card.getByText(/HAM – LIS/).waitFor(slow);
    expect(await violationsOn(page)).toEqual([]);
  });

  it('ends at a line where the mail is too long', async () => {
    const path = '/t/order-confirmation?brand=juniper&p=below-minimum';
    const short = await preview.open(path);
    await mailIn(short).locator('.page').first().waitFor(slow);
    expect(await short.locator('.clip-line').count()).toBe(0);
    const items = Array.from({ length: 100 }, (_, n) => ({
      productId: 'oat-latte',
      name: `Овсяный латте, большой, номер ${n}`,
      quantity: 2,
      unitPrice: 480,
      listPrice: 520,
      note: 'Очень горячий, с двойным эспрессо и корицей',
    }));
    const page = await preview.open(
      `${path}&data.items=${encodeURIComponent(JSON.stringify(items))}`,
    );
    const line = page.locator('.clip-line');
    await line.waitFor(slow);
    const frame = await page.locator('iframe.frame:not(.waiting)').boundingBox();
    const box = await line.boundingBox();
    if (!frame || !box) throw new Error('nothing is shown');
    expect(box.y).toBeGreaterThan(frame.y + frame.height * 0.1);
    expect(box.y).toBeLessThan(frame.y + frame.height);
  });
});
