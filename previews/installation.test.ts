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
      to: ['me@example.com', 'full@example.com'],
      send: async (mail) => {
        if (mail.envelope.to === 'full@example.com') throw new Error('452 4.2.2 mailbox full');
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

describe('a year in review before it is sent', () => {
  it('says when its year is, who gets which variant, and what would become of an audience, storing nothing', async () => {
    const page = await workplace.open('/year/year-in-review?brand=kestrel&year=2025');
    await page.getByText(/1 January 2025, 00:00 to 31 December 2025, 24:00 in/).waitFor(patient);
    await page.goto(new URL('/year/year-in-review?brand=juniper&year=2026', workplace.url).href);
    const groups = page.locator('.variant h3');
    await expect
      .poll(async () => (await groups.allInnerTexts()).map((one) => one.split(/[: ]/)[0]), patient)
      .toEqual(['With', 'The', 'Not']);
    expect(await violationsOn(page)).toEqual([]);

    const audience = ['noah-reyes', 'sam-doyle', 'ida-novak', 'rosa-marin', 'nobody', 'noah-reyes'];
    await page.getByLabel('or as text').fill(['memberId', ...audience].join('\n'));
    await page.getByRole('button', { name: 'Look, without sending' }).click();
    await page.getByText('5 of 5 members looked at.').waitFor(patient);
    const rows = await page
      .locator('.outcomes tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows.map(([name, count]) => [name, count])).toEqual(
      expect.arrayContaining([
        ['Will be sent', '2'],
        ['of them too little data: the small one', '1'],
        ['Not sent: erased', '1'],
      ]),
    );
    expect(rows.find(([name]) => name === 'Not sent: erased')?.[2]).toBe('rosa-marin');
    expect(
      rows.reduce((sum, [name, count]) => sum + (name?.startsWith('of') ? 0 : Number(count)), 0),
    ).toBe(5);
    await page
      .getByText(
        'laurel campaign start year-in-review --year 2026 --audience members.csv --brand juniper',
      )
      .waitFor();
    expect(await violationsOn(page)).toEqual([]);
    for (const table of ['campaigns', 'campaign_audience', 'messages'])
      expect((await world.app.pool.query(`select from ${table} limit 1`)).rowCount).toBe(0);
  });

  it('says what is wrong with an audience, by its line', async () => {
    const page = await workplace.open('/year/year-in-review?brand=juniper&year=2026');
    await page.getByLabel('or as text').fill('shoe,size\n38,9');
    await page.getByRole('button', { name: 'Look, without sending' }).click();
    await page.getByText('It could not be looked at.').waitFor(patient);
    expect(await page.locator('.publish-said pre').innerText()).toMatch(/stdin.*line 1|memberId/);
  });
});

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

  it.each(['0196a000-3c5e-7000-8000-1f2e3d4c5b6a', 'abc'])(
    'P8: that nobody sent is told, by the id %s',
    async (id) => {
      const page = await workplace.open(`/sent?message=${id}`);
      await expect
        .poll(() => page.getByText('there is no message with this id').count(), patient)
        .toBe(1);
    },
  );
});

describe('a test mail', () => {
  it('goes to nobody who isn’t named, whoever asks', async () => {
    const before = tests.length;
    const asked = await fetch(new URL('/api/send-test', workplace.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        to: 'member@example.org',
        request: { template: 'status-statement', brand: 'juniper', persona: 'below-minimum' },
      }),
    });
    expect(asked.status).toBe(403);
    expect(await asked.text()).toContain('member@example.org is not in PREVIEW_SEND_TO');
    expect(tests).toHaveLength(before);
  });

  it('that the mail server doesn’t take is told in its words, and can be sent again', async () => {
    const page = await workplace.open('/t/status-statement?brand=juniper&p=below-minimum');
    const before = tests.length;
    await page.getByRole('button', { name: 'Send test' }).click(patient);
    await page.locator('dialog select').selectOption('full@example.com');
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('Not sent: 452 4.2.2 mailbox full').waitFor(patient);
    await page.locator('dialog select').selectOption('me@example.com');
    await page.getByRole('button', { name: 'Send it' }).click();
    await page
      .getByText('Sent to me@example.com. The mail server said: 250 taken')
      .waitFor(patient);
    expect(tests.slice(before).map(({ envelope }) => envelope.to)).toEqual(['me@example.com']);
  });
});
