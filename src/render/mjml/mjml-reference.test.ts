import * as fc from 'fast-check';
import { chromium } from 'playwright-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';

import { documentTrees } from '../../../test/fixtures-render/document-tree.ts';
import {
  brandFiles,
  folderWith,
  note,
  viewOf,
  words,
} from '../../../test/fixtures-render/folder.ts';
import { mjmlTemplate, templateData } from '../../../test/fixtures-render/mjml-grammar.ts';
import { slowMjml } from '../../../test/fixtures-render/mjml-slow.ts';
import { PermanentError } from '../../core/errors.ts';
import { loadTemplates } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { voiceOf } from '../voice/voice.ts';
import { brandTokens, headPartial } from './brand-tokens.ts';

// What is made up here is of no use to keep on disk.
vi.mock('../remembered.ts', async (original) => ({
  ...(await original<object>()),
  remembered: (_kind: string, _of: unknown, make: () => unknown) => make(),
}));

const list = z.array(z.record(z.string(), z.unknown())).max(3);
const schema = z.looseObject({ items: list });

const bit = {
  file: 'partials/bit.mjml',
  source: '<em>{{#if @root.data.a}}{{@root.data.kind}}{{else}}-{{/if}}</em>',
};

/** What no template of this kind can do. */
const refused = /more than 64 variants|which is settled before|cannot be repeated/;

/** Or what can't be said of these data either way, such as `@../index` where nothing is around the loop. */
function whatIsMade<Made>(make: () => Made): Made | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'bad-value')
      return error.message.replace(/^.*: (?=join: )/, '');
    throw error;
  }
}

/** Compiled once, and the reference of the same template. */
async function both(body: string) {
  const root = await folderWith({
    ...brandFiles,
    'note/locales/en.json': words,
    'note/body.mjml': body,
    'partials/bit.mjml': bit.source,
  });
  const brands = await loadBrands(root);
  const definition = { ...note(), schema, headline: () => ({ topic: 'x' }) };
  const set = await loadTemplates({ root, definitions: [definition], brands });
  const brand = brands.get('roast')?.brand;
  if (!brand) throw new Error('no brand');
  const slow = slowMjml({
    body: { file: 'note/body.mjml', source: body },
    find: (name) => (name === 'bit' ? bit : headPartial),
    token: brandTokens(brand, 'ltr'),
    voice: voiceOf({
      locale: 'en',
      formats: 'en',
      timeZone: brand.timeZone,
      brandName: brand.name,
      programmeName: brand.programme.name,
      layers: [],
    }),
    dir: 'ltr',
  });
  const compiled = set.compiled('note', 'roast', 'en');
  return async (data: Readonly<Record<string, unknown>>) => {
    const view = viewOf({ data });
    const slowly = (subject: string, preheader: string) =>
      slow({ ...view, linkedData: [], subject, preheader });
    const made = whatIsMade(() => compiled.render(view));
    if (typeof made !== 'string')
      return { fast: made.html, slow: await slowly(made.subject, made.preheader) };
    await expect(slowly('', '')).rejects.toThrow(made);
    return { fast: made, slow: made };
  };
}

it('is, compiled once, the document that MJML makes of each single mail', async () => {
  await fc.assert(
    fc.asyncProperty(
      mjmlTemplate,
      fc.array(templateData, { minLength: 2, maxLength: 2 }),
      async (body, mails) => {
        const render = await both(body).catch((error: unknown) => {
          if (error instanceof TemplateError && refused.test(error.message)) return null;
          throw error;
        });
        fc.pre(render !== null);
        for (const data of mails) {
          const made = await render(data);
          expect(documentTrees(made.fast)).toEqual(documentTrees(made.slow));
        }
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);

it('looks the same, too', async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 640, height: 900 } });
  await page.route('**/*', (route) => route.abort());
  const picture = async (html: string) => {
    await page.setContent(html);
    return page.screenshot({ fullPage: true, animations: 'disabled' });
  };
  await fc.assert(
    fc.asyncProperty(mjmlTemplate, templateData, async (body, data) => {
      const render = await both(body).catch((error: unknown) => {
        if (error instanceof TemplateError && refused.test(error.message)) return null;
        throw error;
      });
      fc.pre(render !== null);
      const made = await render(data);
      expect((await picture(made.fast)).equals(await picture(made.slow))).toBe(true);
    }),
    { numRuns: 2 },
  );
}, 120_000);

it('does away with white space of the source where a ~ says so, and with none of MJML’s', async () => {
  const render = await both(
    '<mjml><mj-head>{{> head}}</mj-head><mj-body><mj-section><mj-column><mj-button href="https://a.example/">  go {{~data.word~}}  there </mj-button><mj-text>a {{~#if data.a~}} b {{~else if data.b~}} c {{~^~}} d {{~/if~}} e</mj-text></mj-column></mj-section></mj-body></mjml>',
  );
  for (const data of [{ word: 'x', a: true }, { word: 'y', b: true }, { word: '' }]) {
    const { fast, slow } = await render(data);
    expect(documentTrees(fast)).toEqual(documentTrees(slow));
  }
});
