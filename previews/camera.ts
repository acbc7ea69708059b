import { openBrowser } from '../src/render/check/browser.ts';
import { Refused } from './running.ts';
import { type Looks, looksScript } from './ui/looks.ts';

/** How a mail is looked at when its picture is taken. */
export type Shot = Looks & { readonly width: number };

/** A browser nobody asks anything is closed again. */
const idleMs = 30_000;

type Browser = Exclude<Awaited<ReturnType<typeof openBrowser>>, { skipped: string }>;

/** Takes pictures of mails in a browser that is opened when first needed and can reach nothing. */
export function openCamera(chromiumPath: string | undefined) {
  let browser: ReturnType<typeof openBrowser> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const close = async () => {
    clearTimeout(idle);
    const opened = browser;
    browser = null;
    const found = await opened?.catch(() => null);
    if (found && !('skipped' in found)) await found.close();
  };
  const picture = async (html: string, shot: Shot): Promise<Buffer> => {
    clearTimeout(idle);
    if (chromiumPath === undefined) throw without('CHROMIUM_PATH names none');
    browser ??= openBrowser(chromiumPath);
    const opened = await browser;
    if ('skipped' in opened) {
      browser = null;
      throw without(opened.skipped);
    }
    try {
      return await pictureIn(opened, html, shot);
    } finally {
      idle = setTimeout(() => void close(), idleMs);
    }
  };
  return {
    /** A PNG of the whole mail, two dots a pixel. @throws Refused where there is no browser */
    picture: (html: string, shot: Shot): Promise<Buffer> => {
      // One after the other: they are large.
      const taken = last.then(() => picture(html, shot));
      last = taken.catch(() => undefined);
      return taken;
    },
    close,
  };
}
export type Camera = ReturnType<typeof openCamera>;

async function pictureIn(browser: Browser, html: string, { width, ...looks }: Shot) {
  const context = await browser.newContext({
    // What is turned dark by force is the light one.
    colorScheme: looks.scheme === 'dark' ? 'dark' : 'light',
    viewport: { width, height: 800 },
    deviceScaleFactor: 2,
    javaScriptEnabled: false,
  });
  try {
    await context.route('**/*', (route) => route.abort());
    const page = await context.newPage();
    await page.setContent(html);
    await page.evaluate(`{ ${looksScript(looks)} }`);
    return await page.screenshot({ fullPage: true });
  } finally {
    await context.close();
  }
}

const without = (why: string) =>
  new Refused({
    title: 'There is no browser to take the picture with',
    problems: [{ message: `Pictures are taken in a Chromium on this machine: ${why}.` }],
  });
