import { existsSync } from 'node:fs';

import { ifInstalled } from '../../core/optional-package.ts';

/** Opens a browser on this machine where it is there, else says what is missing. It ends with this process. */
export async function openBrowser(executablePath: string) {
  if (!existsSync(executablePath))
    return { skipped: `there is no ${executablePath}; CHROMIUM_PATH names a Chromium` };
  const playwright = await ifInstalled(() => import('playwright-core'));
  if (!playwright) return { skipped: 'playwright-core is not installed' };
  return playwright.chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    // Signals are to end this process.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
