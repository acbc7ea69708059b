import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type axeCore from 'axe-core';
import { type BrowserContext, chromium, type Page, type Request } from 'playwright-core';

import { type PreviewOptions, startPreview } from '../previews/server.ts';
import { testFolder } from './folder.ts';

declare const axe: typeof axeCore;

const project = join(import.meta.dirname, '..');
const chromiumPath = '/usr/bin/chromium';
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Workplace = {
  /** A copy of the project, to be edited and broken. */
  readonly root: string;
  readonly url: string;
  readonly open: (
    path: string,
    options?: {
      readonly width?: number;
      readonly height?: number;
      readonly scheme?: 'light' | 'dark' | null;
    },
  ) => Promise<Page>;
  /** Every request of any page that was opened. */
  readonly requests: readonly Request[];
  /** Changes a file of the project; what it returns puts it back. @throws Error where nothing changed */
  readonly edit: (file: string, change: (text: string) => string) => Promise<() => Promise<void>>;
  /** Closes the pages that are open. */
  readonly closePages: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The preview of a copy of this project, and a browser to look at it in: one of each for a file of tests. */
export async function openWorkplace(
  options: (root: string) => Pick<PreviewOptions, 'installation' | 'tests'> = () => ({}),
): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), 'laurel-preview-'));
  for (const folder of ['templates', 'fixtures', 'src', 'package.json', 'laurel.config.ts'])
    await cp(join(project, folder), join(root, folder), { recursive: true });
  await writeFile(
    join(root, 'tsconfig.json'),
    JSON.stringify({
      extends: join(project, 'tsconfig.json'),
      include: ['**/*', join(project, '**/*')],
    }),
  );
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
  const [preview, browser] = await Promise.all([
    startPreview({
      root,
      folder: testFolder,
      port: 0,
      host: '127.0.0.1',
      chromiumPath,
      log: () => undefined,
      ...options(root),
    }),
    chromium.launch({ executablePath: chromiumPath, args: flags }),
  ]);
  // Personas are counted once; whoever asks first waits for it.
  await fetch(new URL('/api/personas', preview.url));
  const contexts: BrowserContext[] = [];
  const requests: Request[] = [];
  return {
    root,
    url: preview.url,
    requests,
    open: async (path, { width = 1440, height = 900, scheme = 'light' } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
      });
      contexts.push(context);
      context.on('request', (request) => requests.push(request));
      const page = await context.newPage();
      await page.goto(new URL(path, preview.url).href);
      return page;
    },
    edit: async (file, change) => {
      const path = join(root, file);
      const before = await readFile(path, 'utf8');
      const after = change(before);
      if (after === before) throw new Error(`${file} was not changed`);
      await writeFile(path, after);
      return () => writeFile(path, before);
    },
    closePages: async () => {
      for (const context of contexts.splice(0)) await context.close();
    },
    close: async () => {
      await browser.close();
      await preview.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What assistive software stumbles over in our own page; the mails have tests of their own. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(await axeSource);
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { iframes: false });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
    );
  });
}
