import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { z } from 'zod';

import { ifInstalled } from '../../core/optional-package.ts';
import { openBrowser } from './browser.ts';
import { error, type Found } from './finding.ts';

/** Reads mails as assistive software does, in a browser on this machine that can reach nothing. */
export type Reading =
  | {
      /** Violations in light and dark, contrast included. One mail at a time. */
      readonly look: (html: string) => Promise<readonly Found[]>;
      readonly close: () => Promise<void>;
    }
  | { readonly skipped: string };

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.string()) }),
);
type Violation = z.output<typeof Violations>[number];

const fixes: Readonly<Record<string, string>> = {
  'color-contrast':
    'choose colours further apart: a brand’s text, muted and accent can be read on its grounds; under a picture or a gradient put a colour, for many see neither',
};

const schemes = ['light', 'dark'] as const;

/** Opens the browser where it is there, else says what is missing. */
export async function openReading(executablePath: string): Promise<Reading> {
  const axe = await ifInstalled(() =>
    readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
  );
  if (axe === null) return { skipped: 'axe-core is not installed' };
  const browser = await openBrowser(executablePath);
  if ('skipped' in browser) return browser;
  const readers = await Promise.all(
    schemes.map(async (colorScheme) => {
      // A process of its own, so that both schemes are read at once.
      const context = await browser.newContext({
        colorScheme,
        viewport: { width: 640, height: 800 },
      });
      await context.route('**/*', (route) => route.abort());
      const page = await context.newPage();
      return async (html: string): Promise<Violation[]> => {
        await page.setContent(html);
        // Axe leaves words on pictures to people. Most mail programs show no pictures at first, Outlook no gradients.
        await page.addStyleTag({ content: '*{background-image:none!important}' });
        const known: unknown = await page.evaluate(`typeof axe`);
        if (known === 'undefined') await page.addScriptTag({ content: axe });
        return Violations.parse(
          await page.evaluate(`axe.run(document, {
            resultTypes: ['violations', 'incomplete'],
            // Landmarks are for pages: a mail is read inside one.
            rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } },
          }).then(({ violations, incomplete }) => [
            ...violations,
            // Text in the colour of its ground, or of one letter, axe leaves to people: it may be meant. In a mail it isn't.
            ...incomplete.filter(({ id }) => id === 'color-contrast').map((one) => ({
              ...one,
              nodes: one.nodes.filter(({ any }) => any.some(({ data }) =>
                data && data.contrastRatio > 0 && data.contrastRatio < parseFloat(data.expectedContrastRatio))),
            })).filter(({ nodes }) => nodes.length > 0),
          ].map(({ id, help, nodes }) =>
            ({ id, help, nodes: nodes.map(({ html }) => html.slice(0, 120)) })))`),
        );
      };
    }),
  );
  return {
    look: async (html) => {
      const violations = await Promise.all(readers.map((read) => read(html)));
      return violations.flatMap((all, index) =>
        all.map(({ id, help, nodes }) =>
          error(
            `${help} (${id}, ${schemes[index]}): ${nodes.slice(0, 2).join(' ')}`,
            fixes[id] ?? 'people who don’t see it as you do can’t read it',
            // Where it was written rather than made, it stands in the source as it stands in the mail.
            /style="([^"]{12,60})/.exec(nodes[0] ?? '')?.[1],
          ),
        ),
      );
    },
    close: () => browser.close(),
  };
}
