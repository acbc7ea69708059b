// The workplace in pictures: docs/images/walk/<step>.png at 1440, 900 and 390 pixels. Needs Chromium. Names of steps make only those;
// --to takes another folder, --dark the other scheme.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Page } from 'playwright-core';

import { loadFixtures } from '../fixtures/load.ts';
import { openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import { openInstallation } from '../src/cli/preview/installation.ts';
import { loadConfig } from '../src/config.ts';
import { startEmbedded } from '../src/postgres/embedded.ts';
import { openWorkplace } from '../test/workplace.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string', default: join(import.meta.dirname, '..', 'docs', 'images', 'walk') },
    dark: { type: 'boolean', default: false },
    width: { type: 'string', multiple: true },
  },
});
const sizes = [
  { width: 1440, height: 900 },
  { width: 900, height: 1100 },
  { width: 390, height: 844 },
].filter(({ width }) => values.width?.includes(String(width)) ?? true);

type Step = {
  readonly name: string;
  readonly path: string;
  /** Until what is to be seen is there. */
  readonly until: (page: Page) => Promise<unknown>;
};

const short = 'brand=juniper&p=below-minimum';
const patient = { timeout: 120_000 };
const mail = (page: Page) => page.locator('iframe.frame:not(.waiting)').first().waitFor(patient);
const said = (text: string | RegExp) => (page: Page) =>
  page.getByText(text).first().waitFor(patient);
const panel = async (page: Page) => {
  await mail(page);
  await page.locator('.turn .button').first().waitFor(patient);
};

const audience = [
  'memberId',
  'noah-reyes',
  'sam-doyle',
  'ida-novak',
  'rosa-marin',
  'hanna-vogel',
  'june-abbott',
  'nobody',
].join('\n');

/** As somebody would go through it who wants to change a mail. */
const steps: readonly Step[] = [
  {
    name: '01-gallery',
    path: '/?brand=juniper',
    until: async (page) => {
      await page.waitForFunction(
        () => document.querySelectorAll('.badge.good').length >= 8,
        undefined,
        patient,
      );
    },
  },
  { name: '02-persona', path: `/t/order-confirmation?${short}`, until: mail },
  {
    name: '03-slider',
    path: `/t/order-confirmation?${short}&set.activePoints=250&panel=data`,
    until: mail,
  },
  {
    name: '04-why',
    path: `/t/order-confirmation?${short}&panel=why`,
    until: async (page) => {
      await panel(page);
      await page.locator('.card summary').nth(1).click();
    },
  },
  {
    name: '05-try',
    path: `/t/order-confirmation?${short}&panel=why`,
    until: async (page) => {
      await panel(page);
      const card = page.locator('[data-card="block:points-banner"]');
      await card.getByRole('button', { name: /^Try/ }).click();
      await page.locator('.chip').first().waitFor(patient);
      await mail(page);
    },
  },
  {
    name: '06-compare',
    path: `/compare/order-confirmation?${short}&with.p=ten-years`,
    until: async (page) => {
      await page.locator('.side iframe.frame:not(.waiting)').nth(1).waitFor(patient);
    },
  },
  {
    name: '07-matrix',
    path: '/matrix/order-confirmation?brand=juniper',
    until: async (page) => {
      await page.locator('.cell iframe').nth(3).waitFor(patient);
    },
  },
  {
    name: '08-publish',
    path: '/publish/flight-booking?brand=kestrel',
    until: async (page) => {
      const edit = await workplace.edit('templates/flight-booking/locales/de.json', (text) =>
        text.replace(/"subject": "/, '"subject": "Neu: '),
      );
      await page.getByLabel('Note, for the history').fill('A warmer subject in German');
      await page.getByRole('button', { name: 'Publish the draft' }).click();
      await said('Done: from the next mail on.')(page);
      await edit();
      await said(/of \d+ mails of Kestrel Air change\./)(page);
    },
  },
  {
    name: '09-send-test',
    path: `/t/order-confirmation?${short}`,
    until: async (page) => {
      await mail(page);
      await page.getByRole('button', { name: 'Send test' }).click();
      await page.getByRole('button', { name: 'Send it' }).click();
      await said(/The mail server said/)(page);
    },
  },
  {
    name: '10-sent',
    path: '/sent',
    until: async (page) => {
      await page.locator('.sent-line').first().click(patient);
      await page.locator('.side iframe.frame:not(.waiting)').nth(1).waitFor(patient);
    },
  },
  {
    name: '11-year',
    path: '/year/year-in-review?brand=juniper&year=2026',
    until: async (page) => {
      await page.getByLabel('or as text').fill(audience);
      await page.getByRole('button', { name: 'Look, without sending' }).click();
      await said(/looked at\./)(page);
      await page.getByText(/of \d+ looked at …/).waitFor({ state: 'detached', ...patient });
      await page.locator('.outcomes').scrollIntoViewIfNeeded();
    },
  },
];

const folder = await mkdtemp(join(tmpdir(), 'laurel-walk-'));
const server = await startEmbedded({ folder, log: console.warn, durable: false });
const env = {
  DATABASE_URL: server.url,
  LAUREL_DIR: folder,
  LAUREL_SECRET: randomBytes(32).toString('hex'),
  PORT: '0',
  LOG_LEVEL: 'warn',
  PREVIEW_REAL_MEMBERS: 'true',
};
const config = loadConfig(env);
const now = () => new Date();
const app = await openApp({ config, log: openLog('warn'), now });
await loadFixtures(app.pool, 'main', ['juniper', 'kestrel']);
await app.producer.enqueue({
  template: 'status-statement',
  brand: 'juniper',
  to: { memberId: 'noah-reyes' },
  data: {},
});
const workplace = await openWorkplace((root) => ({
  installation: openInstallation({ config, project: root, env: { ...process.env, ...env }, now }),
  tests: {
    to: ['me@example.com'],
    send: async () => ({ transport: 'smtp', response: '250 2.0.0 Ok: queued as 4F1C2' }),
  },
}));
try {
  await mkdir(resolve(values.to), { recursive: true });
  for (const { name, path, until } of steps) {
    if (positionals.length > 0 && !positionals.some((one) => name.includes(one))) continue;
    for (const size of sizes) {
      const scheme = values.dark ? 'dark' : 'light';
      const page = await workplace.open(path, { ...size, scheme });
      try {
        await until(page);
        await page.waitForTimeout(600);
      } catch (error) {
        console.warn(`${name} at ${size.width}: ${String(error)}`);
        process.exitCode = 1;
      }
      await page.screenshot({ path: join(resolve(values.to), `${name}-${size.width}.png`) });
      await workplace.closePages();
    }
    console.log(name);
  }
} finally {
  await workplace.close();
  await app.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
