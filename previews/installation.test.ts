import type { Page } from 'playwright-core';
import PostalMime from 'postal-mime';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { openInstallation } from '../src/cli/preview/installation.ts';
import { loadConfig } from '../src/config.ts';
import type { OutgoingMail } from '../src/contract/email.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';
import { openWorld, type World } from '../test/world.ts';

// A real browser and whole commands, on a busy machine.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 240_000 });
const patient = { timeout: 150_000 };

let world: World;
let workplace: Workplace;
const tests: OutgoingMail[] = [];

beforeAll(async () => {
  world = await openWorld('postgres', { timeStands: true });
  const env = { ...world.env, PREVIEW_REAL_MEMBERS: 'true' };
  workplace = await openWorkplace((root) => ({
    installation: openInstallation({
      config: loadConfig(env),
      project: root,
      env: { ...process.env, ...env },
      now: world.now,
    }),
    tests: {
      to: ['me@example.com'],
      send: async (mail) => {
        tests.push(mail);
        return { transport: 'test', response: '250 taken' };
      },
    },
  }));
});

afterEach(() => workplace.closePages());

afterAll(async () => {
  await workplace.close();
  await world.close();
});

/** What is live from when on, as it is stored. */
const stored = async () =>
  (
    await world.app.pool.query<{ hash: string | null; how: string; why: string | null }>(
      'select hash, how, why from template_pointings order by id',
    )
  ).rows;

describe('what is live', () => {
  it('is published with a note, compared with the draft, kept from mistakes, and rolled back', async () => {
    const page = await workplace.open('/publish/flight-booking?brand=kestrel');
    const note = page.getByLabel('Note, for the history');
    const publish = page.getByRole('button', { name: 'Publish the draft' });
    await page.getByText('Nothing of this mail was published yet').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    const restore = await workplace.edit('templates/flight-booking/locales/de.json', (text) =>
      text.replace(/"subject": "/, '"subject": "Neu: '),
    );
    await note.fill('News in German');
    await publish.click();
    await page.getByText('Done: from the next mail on.').waitFor(patient);
    const [first] = await stored();
    expect(first).toMatchObject({ how: 'publish', why: 'News in German' });
    await page
      .getByText(/^Nothing: all \d+ mails of Kestrel Air are as they are live/)
      .waitFor(patient);

    await restore();
    await page.getByText(/^8 of \d+ mails of Kestrel Air change/).waitFor(patient);
    expect(await page.locator('.live-changes .thumb').count()).toBe(12);
    await page.locator('.live-changes a').first().click();
    const subjects = page.locator('.side-subject');
    await expect.poll(() => subjects.allInnerTexts(), patient).toHaveLength(2);
    const [draft, live] = await subjects.allInnerTexts();
    expect(live).toBe(`Neu: ${draft}`);

    // Its checks are the gate: what is wrong is told, and nothing becomes of it.
    await page.goBack();
    const mend = await workplace.edit('templates/flight-booking/locales/fr.json', (text) =>
      text.replace(/"subject": "[^"]*"/, '"subject": "{nobody}"'),
    );
    await publish.click();
    await page.getByText('Nothing was changed.').waitFor(patient);
    expect(await page.locator('.publish-said pre').innerText()).toMatch(/fr\.json/);
    expect(await stored()).toHaveLength(1);
    await mend();
    expect(await violationsOn(page)).toEqual([]);

    await world.app.pool.query(
      `insert into template_pointings (tenant, template, hash, how, by, why)
       values ('main', 'flight-booking', null, 'use', 'somebody', null)`,
    );
    await page.reload();
    await note.fill('Too new');
    await page.getByRole('button', { name: `Roll back to ${first?.hash?.slice(0, 12)}` }).click();
    await expect.poll(stored, patient).toHaveLength(3);
    expect((await stored())[2]).toEqual({ hash: first?.hash, how: 'rollback', why: 'Too new' });
  });

  it('can’t be compared with where nothing is, and says so', async () => {
    const page = await workplace.open('/compare/shipped?brand=juniper&with=live');
    const why = page.getByText('Nothing of this mail is published yet');
    await expect.poll(() => why.count(), patient).toBe(1);
  });
});

const frames = (page: Page) => page.locator('.side iframe.frame:not(.waiting)');
const figures = (from: string) => from.match(/\d[\d,.]*/g) ?? [];

describe('what went out', () => {
  const memberId = 'noah-reyes';

  it('is shown as it went beside as of now, masked, and looking is written down', async () => {
    const { record, mail } = await world.send({
      template: 'status-statement',
      brand: 'juniper',
      to: { memberId },
      data: {},
    });
    const { pool, brands } = world.app;
    await applyEvents(pool, 'main', brandsOf(brands), [
      {
        source: 'pos',
        id: 'since-then',
        at: world.now().toISOString(),
        memberId,
        type: 'points.earned',
        points: 5_000,
        ref: 'since-then',
      },
    ]);
    const page = await workplace.open(`/sent?member=${memberId}`);
    await page.getByText('Real members.').waitFor();
    await page.locator('.sent-line').first().waitFor(patient);
    expect(await violationsOn(page)).toEqual([]);
    await page.locator('.sent-line').first().click();
    await expect.poll(() => frames(page).count(), patient).toBe(2);
    expect(await violationsOn(page)).toEqual([]);

    const text = async (index: number) => {
      const frame = await frames(page).nth(index).elementHandle();
      return (await (await frame?.contentFrame())?.locator('body').innerText()) ?? '';
    };
    const [then, now] = [await text(0), await text(1)];
    // Of what the SMTP server got, but for whose it is.
    expect(figures(mail?.text ?? '').length).toBeGreaterThan(3);
    const points = record.decision?.basis.said?.activePoints ?? 0;
    expect(points).toBeGreaterThan(0);
    const saysLater = [then, now].map((one) =>
      one.replaceAll(/[,.]/g, '').includes(`${points + 5_000} stars`),
    );
    expect(saysLater).toEqual([false, true]);
    expect(then.replaceAll(/[,.]/g, '')).toContain(`${points} stars`);
    await page.getByText(/^The ledger was told more of the member/).waitFor();
    expect(await page.locator('.side').first().innerText()).toContain('Made again');

    const { rows: people } = await pool.query<{ document: Record<string, unknown> }>(
      `select document from laurel.profiles where member_id = $1`,
      [memberId],
    );
    const { firstName, lastName, email } = people[0]?.document ?? {};
    const whole = [await page.content(), then, now].join('\n');
    for (const secret of [firstName, lastName, email]) {
      expect(String(secret).length).toBeGreaterThan(2);
      expect(whole.replaceAll(memberId, '')).not.toContain(String(secret));
    }
    const { rows: looks } = await pool.query(
      `select actor, action from laurel.member_audit where member_id = $1 and actor = 'preview'`,
      [memberId],
    );
    expect(looks.length).toBeGreaterThanOrEqual(2);

    await page.getByRole('button', { name: 'Send test to me' }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('The mail server said: 250 taken').waitFor(patient);
    const [test] = tests;
    if (!test) throw new Error('no test was sent');
    const got = await PostalMime.parse(test.mime);
    expect(test.envelope.to).toBe('me@example.com');
    expect(got.subject).toMatch(/^\[TEST as sent\] /);
    expect(`${got.html} ${got.text}`).not.toContain(String(firstName));
  });

  it('that nobody sent is told', async () => {
    const page = await workplace.open('/sent?message=0196a000-3c5e-7000-8000-1f2e3d4c5b6a');
    const why = page.getByText('there is no message with this id');
    await expect.poll(() => why.count(), patient).toBe(1);
  });
});
