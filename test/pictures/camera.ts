import { chromium } from 'playwright-core';

import { fontFile, fontsAt, openFonts } from './fonts.ts';

/** A mail as a phone and a desktop show it, light and dark, side by side. */
const looks = [
  { width: 375, scheme: 'light' },
  { width: 375, scheme: 'dark' },
  { width: 640, scheme: 'light' },
  { width: 640, scheme: 'dark' },
] as const;
const gap = 20;
const sheetWidth = looks.reduce((sum, { width }) => sum + width + gap, -gap);

/** Pixels of a picture to one of the mail: enough to read it, small enough to keep hundreds. */
const scale = 0.4;

/** Letters come out the same on every screen; the rest keeps a browser quiet. */
const usualFlags = ['--font-render-hinting=none', '--disable-lcd-text'];
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--force-color-profile=srgb',
];

export type Camera = {
  /** A PNG of all looks. At most `pages` at once. */
  readonly take: (html: string) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

/** Opens a browser that reaches nothing and takes pictures of mails in fonts of our own. */
export async function openCamera({
  executablePath,
  pages: count = 2,
  lettering = usualFlags,
}: {
  readonly executablePath: string;
  readonly pages?: number;
  /** How this build draws letters. */
  readonly lettering?: readonly string[];
}): Promise<Camera> {
  const [dress, browser] = await Promise.all([
    openFonts(),
    chromium.launch({ executablePath, args: [...flags, ...lettering] }),
  ]);
  const context = await browser.newContext({
    deviceScaleFactor: scale,
    viewport: { width: sheetWidth, height: 1000 },
    // Each frame has a scheme of its own.
    colorScheme: null,
  });
  await context.route('**/*', async (route) => {
    const address = route.request().url();
    if (!address.startsWith(fontsAt)) return route.abort();
    return route.fulfill({
      body: await fontFile(address),
      contentType: 'font/woff2',
      headers: { 'access-control-allow-origin': '*' },
    });
  });
  const free = await Promise.all(Array.from({ length: count }, () => context.newPage()));
  const load = async (html: string) => {
    const page = free.pop();
    if (!page) throw new Error(`more than ${count} pictures at once`);
    await page.setContent(sheetOf(dress(html)));
    const tallest = await page.evaluate(async () => {
      const heights: number[] = [];
      for (const frame of document.querySelectorAll('iframe')) {
        const mail = frame.contentDocument;
        if (!mail) continue;
        // Measuring asks for the fonts; only with them is the height the right one.
        mail.body.getBoundingClientRect();
        await mail.fonts.ready;
        const height = Math.ceil(mail.body.getBoundingClientRect().height);
        frame.style.height = `${height}px`;
        heights.push(height);
      }
      return Math.max(...heights);
    });
    return { page, height: tallest };
  };
  return {
    take: async (html) => {
      const { page, height } = await load(html);
      try {
        const clip = { x: 0, y: 0, width: sheetWidth, height };
        return await page.screenshot({ fullPage: true, clip });
      } finally {
        free.push(page);
      }
    },
    close: () => browser.close(),
  };
}

const sheetOf = (html: string) => {
  const source = html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const frames = looks.map(
    ({ width, scheme }) =>
      `<iframe width="${width}" style="color-scheme:${scheme}" scrolling="no" srcdoc="${source}"></iframe>`,
  );
  return `<!doctype html><style>body{margin:0;background:#808080;display:flex;gap:${gap}px;align-items:start}iframe{border:0;flex:none}</style>${frames.join('')}`;
};
