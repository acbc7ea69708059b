import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

import { openInstallation } from '../src/cli/preview/installation.ts';
import { loadConfig } from '../src/config.ts';
import { campaignWithFigures } from '../test/campaign-figures.ts';
import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';
import { openWorld, type World } from '../test/world.ts';

// A real browser and whole commands, on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const patient = { timeout: 100_000 };

let world: World;
let workplace: Workplace;
beforeAll(async () => {
  world = await openWorld('postgres', { env: { ROLES: 'api' } });
  workplace = await openWorkplace((root) => ({
    installation: openInstallation({
      config: loadConfig(world.env),
      project: root,
      env: { ...process.env, ...world.env },
      now: world.now,
    }),
  }));
});
afterEach(() => workplace.closePages());
afterAll(async () => {
  await workplace.close();
  await world.close();
});

const stateOf = async (id: string) =>
  (
    await world.app.pool.query<{ state: string; pilot: string | null }>(
      'select state, pilot_state as pilot from campaigns where id = $1',
      [id],
    )
  ).rows[0];

it('says that there is none, and of one that isn’t there', async () => {
  const page = await workplace.open('/campaigns');
  await page.getByText('There is no campaign yet').waitFor(patient);
  expect(await violationsOn(page)).toEqual([]);
  for (const id of ['0196a000-3c5e-7000-8000-1f2e3d4c5b6a', 'abc']) {
    const none = await workplace.open(`/campaigns?campaign=${id}`);
    await none.getByText('there is no campaign with this id').waitFor(patient);
  }
});

it('lists campaigns, shows how far one is, and pauses, resumes and releases it as the command does', async () => {
  const id = await campaignWithFigures(world.app.pool, {
    kind: 'running',
    members: 400,
    pilot: 'waiting',
  });
  const page = await workplace.open('/campaigns');
  await page.getByText('Pilot out, the others wait').waitFor(patient);
  expect(await violationsOn(page)).toEqual([]);
  await page.locator('.campaign-line').first().click();
  await page.getByText('400 of 1,600').waitFor(patient);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    expect(await violationsOn(page)).toEqual([]);
  }
  // The table behind the chart says what the database says.
  await page.locator('.chart summary').first().click();
  const rows = await page.locator('.chart').first().locator('tbody tr').allInnerTexts();
  expect(rows.map((row) => row.replaceAll(/\s+/g, ' '))).toEqual(
    expect.arrayContaining(['Sent 220 55 %', 'Held 160 40 %', 'Not to be sent 20 5 %']),
  );
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(async () => (await stateOf(id))?.state, patient).toBe('paused');
  await page.getByRole('button', { name: 'Resume' }).click(patient);
  await expect.poll(async () => (await stateOf(id))?.state, patient).toBe('running');
  await page.getByRole('button', { name: 'Let the others follow' }).click(patient);
  await expect.poll(async () => (await stateOf(id))?.pilot, patient).toBe('released');
  expect(await violationsOn(page)).toEqual([]);
});

it('shows what it brought about with its interval, each figure in a table too, and nothing is loaded from elsewhere', async () => {
  const id = await campaignWithFigures(world.app.pool, {
    kind: 'over',
    members: 2_000,
    other: 'early-access',
  });
  const page = await workplace.open(`/campaigns?campaign=${id}`);
  await page.locator('.intervals li').first().waitFor(patient);
  for (const summary of await page.locator('.chart summary').all()) await summary.click();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    expect(await violationsOn(page)).toEqual([]);
  }
  const text = (await page.locator('.campaigns').innerText()).replaceAll(/\s+/g, ' ');
  expect(text).toContain('1,800 written to, 200 kept out');
  expect(text).toMatch(/Bought something 25(\.\d)? % 12(\.\d)? %/);
  expect(text).toContain('not by chance');
  expect(text).toMatch(/A: bonus-reminder, 7\d\d sent, B: early-access, 7\d\d sent; B less A/);
  expect(text).toContain('no-marketing-consent');
  const report = await world.app.http?.inject({ url: `/v1/campaigns/${id}/report` });
  const { mails } = report?.json<{ mails: Record<string, { count: number }> }>() ?? { mails: {} };
  for (const [figure, words] of [
    ['clicked', 'Clicked'],
    ['hardBounced', 'Bounced for good'],
  ] as const)
    expect(text).toContain(`${words} ${mails[figure]?.count}`);
  const hosts = new Set(workplace.requests.map((request) => new URL(request.url()).host));
  expect([...hosts]).toEqual([new URL(workplace.url).host]);
});

it('a narrow page has nothing that sticks out', async () => {
  const page = await workplace.open('/campaigns', { width: 390, height: 844 });
  await page.locator('.campaign-line').first().click(patient);
  await page.locator('.chart').first().waitFor(patient);
  const sticksOut = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(sticksOut).toBe(false);
  expect(await violationsOn(page)).toEqual([]);
});
