import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import { openInstallation } from '../src/cli/preview/installation.ts';
import { loadConfig } from '../src/config.ts';
import { type FreshDatabase, freshDatabase } from '../test/database.ts';
import { testFolder } from '../test/folder.ts';
import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';

// A real browser on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

let database: FreshDatabase;
let workplace: Workplace;

beforeAll(async () => {
  database = await freshDatabase();
  const env = {
    DATABASE_URL: database.url,
    LAUREL_DIR: testFolder,
    LOG_LEVEL: 'silent',
    PREVIEW_REAL_MEMBERS: 'true',
  };
  workplace = await openWorkplace((root) => ({
    installation: openInstallation({
      config: loadConfig(env),
      project: root,
      env: { ...process.env, ...env },
      now: () => fixtureNow,
    }),
  }));
});

afterEach(() => workplace.closePages());

afterAll(async () => {
  await workplace.close();
  await database.close();
});

/** What is live from when on, as it is stored. */
const stored = async () =>
  (
    await database.pool.query<{ hash: string | null; how: string; why: string | null }>(
      'select hash, how, why from template_pointings order by id',
    )
  ).rows;

describe('what is live', () => {
  it('is published from the page with a note, compared with the draft, kept from mistakes, and rolled back', async () => {
    const page = await workplace.open('/publish/welcome?brand=kestrel');
    const note = page.getByLabel('Note, for the history');
    const publish = page.getByRole('button', { name: 'Publish the draft' });
    const patient = { timeout: 120_000 };
    await page.getByText('Nothing of this mail was published yet').waitFor();
    expect(await violationsOn(page)).toEqual([]);

    await note.fill('As it always was');
    await publish.click();
    await page.getByText('Done: from the next mail on.').waitFor(patient);
    await page.getByText('Nothing: all 32 mails of Kestrel Air are as they are live.').waitFor(patient);
    const [first] = await stored();
    expect(first).toMatchObject({ how: 'publish', why: 'As it always was' });

    const restore = await workplace.edit('templates/welcome/locales/de.json', (text) =>
      text.replace('"Sammeln"', '"Meilen sammeln"'),
    );
    await page.getByText('8 of 32 mails of Kestrel Air change.').waitFor(patient);
    expect(await page.locator('.live-changes .thumb').count()).toBe(16);
    await page.locator('.live-changes a').first().click();
    const differences = page.locator('.differences');
    await differences.locator('summary').click();
    await expect
      .poll(() => differences.innerText(), patient)
      .toMatch(/Only left[\s\S]*Meilen sammeln[\s\S]*Only right[\s\S]*Sammeln/);

    await page.goBack();
    await note.fill('Miles in words');
    await publish.click();
    await expect.poll(stored, patient).toHaveLength(2);
    await page.getByText('Nothing: all 32 mails').waitFor(patient);

    // Its checks are the gate: what is wrong is told, and nothing becomes of it.
    const mend = await workplace.edit('templates/welcome/locales/fr.json', (text) =>
      text.replace(/"subject": "[^"]*"/, '"subject": "{nobody}"'),
    );
    await publish.click();
    await page.getByText('Nothing was changed.').waitFor(patient);
    expect(await page.locator('.publish-said pre').innerText()).toMatch(/fr\.json/);
    expect(await stored()).toHaveLength(2);
    await mend();

    await note.fill('Too wordy');
    await page.getByRole('button', { name: `Roll back to ${first?.hash?.slice(0, 12)}` }).click();
    await expect.poll(stored, patient).toHaveLength(3);
    expect((await stored())[2]).toEqual({ hash: first?.hash, how: 'rollback', why: 'Too wordy' });
    await page.getByText('8 of 32 mails of Kestrel Air change.').waitFor(patient);
    expect(await violationsOn(page)).toEqual([]);
    await restore();
  });

  it('can’t be compared with where nothing is, and says so', async () => {
    const page = await workplace.open('/compare/shipped?brand=juniper&with=live');
    await page.getByText('Nothing of this mail is published yet').waitFor();
  });
});
