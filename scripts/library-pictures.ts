// Every mail of the library on one sheet a brand, at 375 px in light and 640 px in dark: what a change of a template, block or
// brand did to all of them can be seen at a glance. Writes docs/images/library-<brand>.jpg; needs Chromium.
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { renderAnswer } from '../previews/answer.ts';
import { listPersonas, listTemplates } from '../previews/lists.ts';
import { type RenderAnswer, RenderRequest } from '../previews/protocol.ts';
import { openWorkshop, type Workshop } from '../previews/workshop.ts';

const root = join(import.meta.dirname, '..');
const sizes = [
  { width: 375, colorScheme: 'light' },
  { width: 640, colorScheme: 'dark' },
] as const;

/** The mail as the first of these members gets it to whom it is sent; else as the last would. */
async function answerFor(
  workshop: Workshop,
  template: string,
  brand: string,
  personas: readonly string[],
): Promise<RenderAnswer | undefined> {
  let last: RenderAnswer | undefined;
  for (const persona of personas) {
    const request = RenderRequest.parse({ template, brand, persona, set: {} });
    last = (await renderAnswer(workshop, request)).answer;
    if (last.verdict.kind === 'send') return last;
  }
  return last;
}

const workshop = await openWorkshop(root);
const { templates } = await listTemplates(workshop);
const personas = await listPersonas(workshop);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const brand of (await workshop.brands()).keys()) {
  const ids = personas.filter((one) => one.brand === brand).map(({ id }) => id);
  const figures: string[] = [];
  for (const { name } of templates.filter(({ brands }) => brands.includes(brand))) {
    const html = (await answerFor(workshop, name, brand, ids))?.mail?.html;
    if (html === undefined) {
      console.log(`${brand}: ${name} goes to nobody`);
      continue;
    }
    for (const { width, colorScheme } of sizes) {
      const page = await browser.newPage({
        viewport: { width, height: 700 },
        colorScheme,
        deviceScaleFactor: 0.6,
      });
      await page.setContent(html);
      const picture = (await page.screenshot({ fullPage: true })).toString('base64');
      figures.push(
        `<figure><img src="data:image/png;base64,${picture}"><figcaption>${name}, ${width} px, ${colorScheme}</figcaption></figure>`,
      );
      await page.close();
    }
  }
  const sheet = await browser.newPage({ viewport: { width: 1900, height: 1200 } });
  await sheet.setContent(
    `<style>body{margin:14px;background:#9aa0a6;font:12px sans-serif}main{columns:8;column-gap:14px}figure{margin:0 0 14px;break-inside:avoid}img{width:100%}</style><main>${figures.join('')}</main>`,
  );
  const file = join(root, 'docs', 'images', `library-${brand}.jpg`);
  await sheet.screenshot({ path: file, fullPage: true, type: 'jpeg', quality: 60 });
  await sheet.close();
  console.log(`${brand}: ${figures.length} pictures in ${file}`);
}
await browser.close();
