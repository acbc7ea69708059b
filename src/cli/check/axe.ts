import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { z } from 'zod';

import { ifInstalled } from '../../core/optional-package.ts';
import { error, type Found } from '../../render/checks/finding.ts';

/** Reads mails as assistive software does, in a browser on this machine that can reach nothing. */
export type Reading =
  | {
      /** Violations in light and dark, contrast included. */
      readonly look: (html: string) => Promise<readonly Found[]>;
      readonly close: () => Promise<void>;
    }
  | { readonly skipped: string };

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.string()) }),
);

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Opens a browser where there is one, else says what is missing. */
export async function openReading(): Promise<Reading> {
  const executablePath = [process.env['CHROMIUM_PATH'] ?? '', ...usual].find(
    (path) => path !== '' && existsSync(path),
  );
  if (executablePath === undefined)
    return { skipped: 'there is no Chromium; CHROMIUM_PATH names one' };
  const playwright = await ifInstalled(() => import('playwright-core'));
  if (!playwright) return { skipped: 'playwright-core is not installed' };
  const axe = await ifInstalled(() =>
    readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
  );
  if (axe === null) return { skipped: 'axe-core is not installed' };
  const browser = await playwright.chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  const pages = await Promise.all(
    (['light', 'dark'] as const).map(async (colorScheme) => {
      const page = await browser.newPage({ colorScheme, viewport: { width: 640, height: 800 } });
      await page.route('**/*', (route) => route.abort());
      return { page, colorScheme };
    }),
  );
  return {
    look: async (html) => {
      const found: Found[] = [];
      for (const { page, colorScheme } of pages) {
        await page.setContent(html);
        await page.addScriptTag({ content: axe });
        const raw: unknown = await page.evaluate(`axe.run(document, {
          // Landmarks are for pages: a mail is read inside one.
          rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } },
        }).then(({ violations }) => violations.map(({ id, help, nodes }) =>
          ({ id, help, nodes: nodes.map(({ html }) => html.slice(0, 120)) })))`);
        for (const { id, help, nodes } of Violations.parse(raw))
          found.push(
            error(
              `${help} (${id}, ${colorScheme}): ${nodes.slice(0, 2).join(' ')}`,
              'people who don’t see it as you do can’t read it',
            ),
          );
      }
      return found;
    },
    close: () => browser.close(),
  };
}
