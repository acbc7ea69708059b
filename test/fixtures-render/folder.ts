import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { BrandIdentity, Programme } from '../../src/brand/brand.ts';
import type { Template, View } from '../../src/contract/template.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';
import { loadTemplates, type TemplateSet } from '../../src/render/load.ts';
import { loadBrands } from '../../src/render/voice/brand-files.ts';

type Files = Readonly<Record<string, string | object>>;

const colours = {
  page: '#f4f1ea',
  surface: '#ffffff',
  raised: '#faf8f4',
  text: '#1a1a1a',
  muted: '#5b5b5b',
  line: '#dddddd',
  accent: '#1e3932',
  onAccent: '#ffffff',
  highlight: '#cba258',
  onHighlight: '#1a1a1a',
};

export const brandJson = {
  id: 'roast',
  name: 'Roast & Co',
  defaultLocale: 'en',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  from: { name: 'Roast & Co', address: 'mail@roast.example' },
  siteUrl: 'https://roast.example',
  font: "Georgia, 'Times New Roman', serif",
  headingFont: 'Georgia, serif',
  radius: 8,
  colours: { light: colours, dark: { ...colours, page: '#f0ece4' } },
  legal: { company: 'Roast & Co GmbH', address: 'Hafen 1, Hamburg' },
};

export const programmeJson = {
  name: 'Roast Rewards',
  version: '1',
  currency: 'EUR',
  burn: { points: 100, amount: 100, minimum: 500 },
  earn: { points: 1, perAmount: 1 },
  returnWindowDays: 30,
  tiers: [
    { id: 'green', name: 'Green', names: { de: 'Grün' }, threshold: 0, benefits: [] },
    { id: 'gold', name: 'Gold', names: { de: 'Gold' }, threshold: 1000, benefits: [] },
  ],
  entitlements: [{ id: 'free-bag', type: 'bag', tiers: ['gold'], appliesTo: 'booking' }],
  reviewMinimumPurchases: 3,
};

/** One brand with the texts every brand needs. */
export const brandFiles: Files = {
  'brands/roast/brand.json': brandJson,
  'brands/roast/programme.json': programmeJson,
  'brands/roast/locales/en.json': {
    points: '{count, plural, one {# star} other {# stars}}',
    entitlements: { 'free-bag': 'One free bag for you & your guest' },
  },
};

/** A templates folder with these files that goes away with the test. */
export async function folderWith(files: Files, parent = tmpdir()): Promise<string> {
  const root = await mkdtemp(join(parent, 'laurel-templates-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(
      join(root, file),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  }
  return root;
}

/** A template named `note` with these blocks. */
export const note = (blocks: readonly string[] = []): Template => ({
  ...defineTemplate({
    name: 'note',
    title: 'Note',
    class: 'transactional',
    schema: z.record(z.string(), z.unknown()),
    blocks: [],
    headline: ({ topic }) => ({ topic: typeof topic === 'string' ? topic : 'order' }),
    onUnknown: 'resend',
  }),
  blocks,
});

export const words = { subject: 'Your {topic}', preheader: 'About your {topic}' };

/** Loads the template `note` of a folder with these files besides the brand's. */
export async function loadNote(
  files: Files,
  { blocks = [], parent }: { blocks?: readonly string[]; parent?: string } = {},
): Promise<TemplateSet> {
  const all = { ...brandFiles, 'note/locales/en.json': words, ...files };
  const root = await folderWith(all, parent);
  return loadTemplates({ root, definitions: [note(blocks)], brands: await loadBrands(root) });
}

/** A `body.mjml` around these elements of its body. */
export const mjml = (body: string) =>
  `<mjml>\n<mj-head>{{> head}}</mj-head>\n<mj-body>\n${body}\n</mj-body>\n</mjml>`;

/** The same around html in a text element. */
export const mjmlText = (html: string) =>
  mjml(`<mj-section><mj-column><mj-text>${html}</mj-text></mj-column></mj-section>`);

/** What templates of the brand are given, of a member named Ana, with no data and no blocks but these. */
export const viewOf = (overrides: Partial<View> = {}): View => ({
  brand: {
    ...BrandIdentity.parse(brandJson),
    programme: Programme.parse(programmeJson),
    locales: ['en'],
  },
  locale: 'en',
  dir: 'ltr',
  now: new Date('2026-11-20T09:00:00Z'),
  member: { firstName: 'Ana' },
  data: {},
  blocks: {},
  links: { unsubscribe: null, preferences: null },
  ...overrides,
});
