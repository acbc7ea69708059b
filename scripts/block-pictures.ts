// A picture of every block in its forms, as a phone shows it: docs/images/blocks/<block>.png. Needs Chromium.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { z } from 'zod';

import { camelCase } from '../src/core/camel-case.ts';
import { blockViews } from '../src/decision/blocks/index.ts';
import { viewShape } from '../src/render/handlebars/view-shape.ts';
import { spellOut } from '../src/render/mime/pre-encoded.ts';
import { readPartials } from '../src/render/mjml/partials.ts';
import { markupPart } from '../src/render/parts.ts';
import { filesIn } from '../src/render/source/template-files.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { layersFor, readLocales } from '../src/render/voice/locale-files.ts';
import { voiceOf } from '../src/render/voice/voice.ts';
import { blockForms } from '../test/samples/blocks.ts';

const root = join(import.meta.dirname, '..');
const templates = join(root, 'templates');
const folder = join(root, 'docs', 'images', 'blocks');
const shown = 4;

const loaded = (await loadBrands(templates)).get('juniper');
if (!loaded) throw new Error('no brand juniper in templates/brands');
const juniper = loaded;
const { brand } = juniper;
const partials = await readPartials(filesIn(templates));
const texts = await readLocales(filesIn(templates), 'blocks', []);
const voice = voiceOf({
  locale: 'en',
  formats: 'en',
  timeZone: brand.timeZone,
  brandName: brand.name,
  programmeName: brand.programme.name,
  layers: [...layersFor(juniper.locales, 'en'), ...layersFor(texts, 'en')].map(
    (layer) => layer.texts,
  ),
});

/** A mail of nothing but one block; one that is a part of a card gets a card around it. */
async function mailOf(name: string, block: unknown): Promise<string> {
  const look = await readFile(join(templates, 'blocks', `${name}.mjml`), 'utf8');
  const placed = look.includes(' card"')
    ? `{{> ${name}}}`
    : `<mj-wrapper css-class="surface card" background-color="[[surface]]" border-radius="[[radius]]px" padding="12px 32px 36px">{{> ${name}}}</mj-wrapper>`;
  const body = {
    file: 'look.mjml',
    source: `<mjml><mj-head>{{> head}} {{> styles}}</mj-head><mj-body width="600px" background-color="[[page]]" css-class="page">${placed}<mj-section padding="12px"><mj-column><mj-raw></mj-raw></mj-column></mj-section></mj-body></mjml>`,
  };
  const shape = viewShape({ schema: z.strictObject({}), blocks: [name], views: blockViews });
  const part = await markupPart(body, partials, shape, juniper, {
    kind: 'mjml',
    direction: 'ltr',
    lenient: false,
  });
  const camel = camelCase(name);
  const made = part.forVoice(voice)({
    brand,
    locale: 'en',
    dir: 'ltr',
    now: new Date('2026-12-31T22:59:59Z'),
    member: null,
    data: {},
    blocks: { [camel]: block },
    links: { unsubscribe: null, preferences: null },
    subject: '',
    preheader: '',
    linkedData: [],
  });
  return spellOut(made);
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const [name, forms] of Object.entries(blockForms)) {
  const figures: string[] = [];
  for (const [form, block] of Object.entries(forms).slice(0, shown)) {
    const page = await browser.newPage({
      viewport: { width: 375, height: 20 },
      deviceScaleFactor: 2,
    });
    await page.setContent(await mailOf(name, block));
    const picture = (await page.screenshot({ fullPage: true })).toString('base64');
    figures.push(
      `<figure><figcaption>${form}</figcaption><img src="data:image/png;base64,${picture}" width="375"></figure>`,
    );
    await page.close();
  }
  const sheet = await browser.newPage({
    viewport: { width: figures.length * 387 + 12, height: 20 },
    deviceScaleFactor: 1,
  });
  await sheet.setContent(
    `<style>body{margin:12px;display:flex;gap:12px;align-items:flex-start;background:#fff;font:13px sans-serif;color:#333}figure{margin:0}figcaption{padding:0 0 6px}</style>${figures.join('')}`,
  );
  await writeFile(join(folder, `${name}.png`), await sheet.screenshot({ fullPage: true }));
  await sheet.close();
  console.log(`${name}: ${figures.length} forms`);
}
await browser.close();
