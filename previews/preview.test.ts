import { readFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { openWorkplace, violationsOn, type Workplace } from '../test/workplace.ts';
import type { PreviewEvent, RenderAnswer, RenderQuery, TemplateList } from './protocol.ts';

// A real browser on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

let preview: Workplace;
/** Somebody else's server, which nothing may reach. */
let stranger: Server;
let strangerUrl: string;
let strangerHits = 0;

beforeAll(async () => {
  stranger = createServer((_request, response) => {
    strangerHits += 1;
    response.end();
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const address = stranger.address();
  if (typeof address !== 'object' || address === null) throw new Error('the stranger has no port');
  strangerUrl = `http://127.0.0.1:${address.port}/`;
  preview = await openWorkplace();
});

afterEach(() => preview.closePages());

afterAll(async () => {
  stranger.close();
  await preview.close();
});

const open: Workplace['open'] = (...args) => preview.open(...args);
const edit: Workplace['edit'] = (...args) => preview.edit(...args);

const PreviewEventKind = z.object({ kind: z.enum(['saved', 'changed', 'counting', 'report']) });
/** What a browser shows takes its time. */
const slow = { timeout: 30_000 };

/** The mail that is shown, not the one still loading behind it. */
const mailIn = (page: Page) => page.frameLocator('iframe.frame:not(.waiting)');
const sum = (page: Page) => page.locator('.checks-sum');
const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);
const short = '/t/order-confirmation?brand=juniper&p=below-minimum';

describe('choosing', () => {
  it('opens on all mails of a brand, each as it looks and checked, and from there on one', async () => {
    const page = await open('/?brand=juniper');
    const cards = page.locator('.mail-card');
    await cards.first().waitFor();
    const { templates }: TemplateList = await get('/api/templates');
    expect(await cards.count()).toBe(
      templates.filter(({ brands }) => brands.includes('juniper')).length,
    );
    await page.locator('.mail-card .badge.good').first().waitFor();
    await page.locator('.mail-card iframe').first().waitFor();
    await page.getByRole('link', { name: /^Shipped/ }).click();
    await mailIn(page).getByText('Hanna').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/t/shipped');
    await expect.poll(() => page.getByLabel('Verdict').innerText(), slow).toContain('Will be sent');
  });

  it.each([
    ['/t/nothing-like-it?brand=juniper', 'There is no such template'],
    ['/t/shipped?brand=acme', 'There is no brand “acme”'],
    ['/t/shipped?brand=juniper&p=nobody', 'There is no persona “nobody”'],
    ['/t/shipped?brand=juniper&locale=xx', 'There is no language “xx”'],
    ['/t/shipped?brand=juniper&sample=none', 'There is no sample “none”'],
    ['/compare/shipped?brand=juniper&with.p=nobody', 'There is no persona “nobody”'],
  ])('P8: says that what %s names isn’t there', async (path, told) => {
    const page = await open(path);
    await page.getByRole('heading', { name: told }).waitFor();
    expect(await page.locator('iframe').count()).toBe(0);
  });

  it('works by keyboard alone', async () => {
    const page = await open(short);
    await mailIn(page).getByText('June').first().waitFor();
    const persona = page.getByRole('button', { name: /^Persona/ });
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (await persona.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await mailIn(page).getByText('Hanna').first().waitFor();
    expect(new URL(page.url()).searchParams.get('p')).toBe('ten-years');
    await expect
      .poll(() => persona.evaluate((element) => element === document.activeElement))
      .toBe(true);

    await page.keyboard.press('m');
    await page.keyboard.press('t');
    await page.keyboard.press('2');
    await page.getByLabel('Text part').getByText('Hanna').waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('w'), searchParams.get('scheme'), searchParams.get('view')]).toEqual([
      '375',
      'dark',
      'text',
    ]);

    await page.keyboard.press('/');
    await page.keyboard.type('year');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Year in review' }).waitFor();
  });

  it('shows the author’s dark colours, and the width of a phone', async () => {
    const page = await open(short, { scheme: null });
    const ground = () =>
      mailIn(page)
        .locator('.page')
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    await mailIn(page).getByText('June').first().waitFor();
    const light = await ground();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    await expect.poll(ground, slow).not.toBe(light);
    // Whatever the author wrote, some programs turn every mail dark.
    await page.getByRole('button', { name: 'Forced dark' }).click();
    await expect.poll(ground, slow).not.toBe(light);
    const lightness = await ground();
    expect(Math.max(...(lightness.match(/\d+/g) ?? ['255']).slice(0, 3).map(Number))).toBeLessThan(
      90,
    );
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    await expect.poll(ground, slow).toBe(light);
    await page.getByRole('button', { name: 'Phone' }).click();
    await expect
      .poll(() =>
        mailIn(page)
          .locator('html')
          .evaluate((html) => html.clientWidth),
      )
      .toBe(375);
  });

  it('shows it without pictures, in large letters, and in any width', async () => {
    const page = await open('/t/year-in-review?brand=juniper&p=rich-year');
    const text = mailIn(page).locator('p, td').filter({ hasText: 'Noah' }).last();
    await text.waitFor();
    const size = () =>
      mailIn(page)
        .getByText('Noah')
        .first()
        .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    const before = await size();
    await page.getByRole('button', { name: 'Large type' }).click();
    await expect.poll(size, slow).toBe(before * 2);
    await page.getByRole('button', { name: 'No pictures' }).click();
    await expect.poll(() => mailIn(page).locator('img[src]').count(), slow).toBe(0);
    const width = page.getByRole('slider', { name: 'Width of the mail' });
    await width.press('ArrowLeft');
    await expect.poll(() => new URL(page.url()).searchParams.get('w'), slow).toBe('630');
    expect(new URL(page.url()).searchParams.get('img')).toBe('off');
  });

  it('says what to do where a brand has no sample for a template', async () => {
    const page = await open('/t/flight-booking?brand=juniper');
    const hint = page.getByText('fixtures/juniper/samples/flight-booking.json');
    await expect.poll(() => hint.isVisible(), slow).toBe(true);
  });
});

describe('what if', () => {
  it('shows a block once a threshold is passed, says why, and can be taken back', async () => {
    const page = await open(`${short}&panel=data`);
    const banner = mailIn(page).getByText(/to use toward this order/);
    await mailIn(page).getByText('June').first().waitFor();
    expect(await banner.count()).toBe(0);

    await page.getByRole('slider', { name: 'Points to spend', exact: true }).fill('105');
    await banner.first().waitFor();
    await expect
      .poll(() => new URL(page.url()).searchParams.get('set.activePoints'), slow)
      .toBe('105');
    await page.getByLabel('Changed values').getByText('105').waitFor();
    await page.getByRole('button', { name: 'Why', exact: true }).click();
    await card(page, 'block:points-banner').getByText('Shown: 105 stars, 100 needed.').waitFor();

    // Panels are looked at, not done: the step back is the value's.
    await page.goBack();
    await expect
      .poll(
        () => page.getByRole('slider', { name: 'Points to spend', exact: true }).inputValue(),
        slow,
      )
      .toBe('99');
    await page.getByRole('button', { name: 'Why', exact: true }).click();
    await card(page, 'block:points-banner').getByText('Hidden: 99 stars, 100 needed.').waitFor();
    await expect.poll(() => banner.count(), slow).toBe(0);
    expect(page.url()).not.toContain('set.');
    await page.goForward();
    await banner.first().waitFor();
    await page.getByRole('button', { name: 'Take back: Points to spend' }).click();
    await expect.poll(() => banner.count(), slow).toBe(0);
  });

  it('tries what would turn a decision', async () => {
    const page = await open(short);
    await page.getByRole('button', { name: 'Try with 100 stars' }).click();
    await card(page, 'block:points-banner').getByText('Shown: 100 stars, 100 needed.').waitFor();
    const amount = mailIn(page).getByText('100 stars').first();
    await expect.poll(() => amount.isVisible(), slow).toBe(true);
  });

  it('shows dimmed what is not sent, and sends it once she agrees', async () => {
    const page = await open('/t/year-in-review?brand=juniper&p=no-marketing');
    const verdict = page.getByLabel('Verdict');
    await verdict.getByText(/^Will not be sent: marketing consent/).waitFor();
    await page.locator('.dimmed').waitFor();
    await mailIn(page).getByText('Ida').first().waitFor();
    await verdict.getByRole('button', { name: 'Try with consent' }).click();
    await verdict.getByText('Will be sent').waitFor();
    await expect.poll(() => page.locator('.dimmed').count(), slow).toBe(0);
  });

  it('P2: shows dimmed what somebody else gets, and goes to them', async () => {
    const page = await open('/t/status-statement?brand=juniper&p=guest');
    const verdict = page.getByLabel('Verdict');
    await verdict.getByText(/^Will not be sent: the recipient is not a known member/).waitFor();
    await page.locator('.dimmed').waitFor();
    await mailIn(page).locator('body').waitFor();
    await verdict.getByRole('button', { name: /^Who gets this\?/ }).click();
    await verdict.getByText('Will be sent').waitFor();
    expect(new URL(page.url()).searchParams.get('p')).not.toBe('guest');
  });

  it('P3: makes all changes together that an offer takes, and takes them back together', async () => {
    const page = await open('/t/year-in-review?brand=juniper&p=no-marketing');
    const several = page.getByRole('button', { name: /^Try \d changes together/ });
    const offer = page.locator('[data-card]').filter({ has: several }).first();
    const id = (await offer.getAttribute('data-card')) ?? '';
    await offer.getByRole('button', { name: /^Try/ }).click();
    await card(page, id)
      .getByText(/^Shown/)
      .waitFor();
    await page.goBack();
    await card(page, id)
      .getByText(/^Hidden/)
      .waitFor();
    expect(page.url()).not.toContain('set.');
  });

  it('edits the message by a form of its schema: values, lines, whether it is cancelled', async () => {
    const page = await open(`${short}&panel=message`);
    await mailIn(page).getByText('Oat latte').first().waitFor();
    const number = page.getByLabel('Order id');
    await number.fill('J-77777');
    await number.press('Enter');
    await mailIn(page).getByText('J-77777').first().waitFor();
    await page
      .getByRole('group', { name: /^Items/ })
      .getByRole('button', { name: 'Add one' })
      .click();
    await expect.poll(() => mailIn(page).getByText('House beans').count(), slow).toBeGreaterThan(1);
    await page.getByRole('switch', { name: 'Cancelled since' }).click();
    await page
      .getByLabel('Verdict')
      .getByText(/was cancelled/)
      .waitFor();
    await page.getByRole('button', { name: 'Take all back' }).click();
    await page.getByLabel('Verdict').getByText('Will be sent').waitFor();
    await expect.poll(() => mailIn(page).getByText('J-77777').count(), slow).toBe(0);
  });

  it('tells in a sentence which value does not fit, over the last good mail', async () => {
    const page = await open(`${short}&set.activePoints=100`);
    await mailIn(page).getByText('June').first().waitFor();
    await page.evaluate(() => {
      history.pushState(null, '', location.href.replace('activePoints=100', 'activePoints=lots'));
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await page.getByRole('alert').getByText('activePoints must be a number, not “lots”').waitFor();
    expect(await mailIn(page).getByText('June').count()).toBeGreaterThan(0);
    await page.goBack();
    await expect.poll(() => page.getByRole('alert').count(), slow).toBe(0);
  });
});

describe('a saved file', () => {
  it('is seen at once', async () => {
    const page = await open(short);
    await mailIn(page).getByText('Your order is in good hands').waitFor();
    const restore = await edit('templates/brands/juniper/locales/en.json', (text) =>
      text.replace('Your order is in good hands.', 'Your order is in the best of hands.'),
    );
    const edited = mailIn(page).getByText('Your order is in the best of hands');
    await expect.poll(() => edited.count(), slow).toBe(1);
    await restore();
    await expect.poll(() => edited.count(), slow).toBe(0);
  });

  it('may be what happened to a persona, or what the programme makes of it', async () => {
    const stars = async () => {
      const { blocks } = await render({ ...juneAsked, template: 'order-confirmation' });
      return blocks.find(({ id }) => id === 'block:points-banner')?.sentence;
    };
    expect(await stars()).toBe('Hidden: 99 stars, 100 needed.');
    const event = `{"source":"crm","id":"thanks","at":"2026-11-19T10:00:00Z","type":"points.adjusted","memberId":"june-abbott","points":-9,"reason":"a try"}`;
    const undo = await edit('fixtures/juniper/events.ndjson', (text) => `${text}${event}\n`);
    await expect.poll(stars, slow).toBe('Hidden: 90 stars, 100 needed.');
    const before = await render({ ...juneAsked, template: 'order-confirmation', at: '2026-11-18' });
    expect(JSON.stringify(before.blocks)).toContain('99 stars');
    await undo();
    await expect.poll(stars, slow).toBe('Hidden: 99 stars, 100 needed.');

    const tier = async () => {
      const { controls } = await render({ ...juneAsked, template: 'order-confirmation' });
      return controls.find(({ path }) => path === 'currentTier.id');
    };
    expect(await tier()).toMatchObject({ value: 'green' });
    const restore = await edit('templates/brands/juniper/programme.json', (text) =>
      text.replace('"threshold": 500', '"threshold": 200'),
    );
    await expect.poll(tier, slow).toMatchObject({ value: 'gold' });
    await restore();
    await expect.poll(tier, slow).toMatchObject({ value: 'green' });
  });

  it('that is broken says so with file and line, keeps the last good mail, and is healed by the next', async () => {
    const page = await open(short);
    await mailIn(page).getByText('June').first().waitFor();
    const restore = await edit('templates/order-confirmation/body.mjml', (text) =>
      text.replace('</mj-body>', '{{#if data.orderId}}\n</mj-body>'),
    );
    const alert = page.getByRole('alert');
    await alert
      .getByText(/templates\/order-confirmation\/body\.mjml:\d+/)
      .first()
      .waitFor();
    await alert.locator('.here').first().waitFor();
    expect(await mailIn(page).getByText('June').count()).toBeGreaterThan(0);
    await restore();
    await alert.waitFor({ state: 'detached' });
  });

  it('comes before what was still being checked of the one before: that is given up, and told once for all', async () => {
    const abort = new AbortController();
    const { body } = await fetch(new URL('/events', preview.url), { signal: abort.signal });
    if (!body) throw new Error('nothing is told');
    const told: PreviewEvent['kind'][] = [];
    const listening = (async () => {
      for await (const chunk of body.pipeThrough(new TextDecoderStream()))
        for (const [, event = ''] of chunk.matchAll(/^data: (.*)$/gm))
          told.push(PreviewEventKind.parse(JSON.parse(event)).kind);
    })();
    const count = (kind: PreviewEvent['kind']) => told.filter((one) => one === kind).length;
    await expect.poll(() => count('counting'), slow).toBe(1);
    // What is told to whoever comes.
    const before = count('report');
    const undo: (() => Promise<void>)[] = [];
    for (const turn of ['first', 'second', 'third', 'fourth']) {
      undo.unshift(
        await edit('templates/partials/header.mjml', (text) =>
          text.replace('</a>', ` ${turn}</a>`),
        ),
      );
      await expect.poll(() => count('changed'), slow).toBeGreaterThanOrEqual(undo.length);
      // Something of it is being checked by now.
      await setTimeout(2_400);
    }
    for (const one of undo) await one();
    await expect.poll(() => count('report') - before, { timeout: 120_000 }).toBe(1);
    abort.abort();
    await listening.catch(() => undefined);
  });

  it('of another template is only mentioned', async () => {
    const page = await open(short);
    await mailIn(page).getByText('June').first().waitFor();
    const restore = await edit('templates/trip-reminder/body.mjml', (text) =>
      text.replace('</mj-body>', '</mj-boddy>'),
    );
    await page.getByText(/^Elsewhere/).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await restore();
    await page.getByText(/^Elsewhere/).waitFor({ state: 'detached' });
  });

  it('may be code: the template, and what it imports', async () => {
    const page = await open('/t/flight-booking?brand=kestrel&p=gold-flyer');
    await mailIn(page).getByText('Lisbon').first().waitFor();
    const restore = await edit('templates/flight-booking/template.ts', (text) =>
      text.replace("title: 'Flight booking'", "title: 'Booking of a flight'"),
    );
    await page.getByRole('heading', { level: 1, name: 'Booking of a flight' }).waitFor();
    await restore();
    await page.getByRole('heading', { level: 1, name: 'Flight booking' }).waitFor();

    const body = await edit('templates/partials/Shell.tsx', (text) =>
      text.replace('<Body', '<Body title="edited"'),
    );
    const edited = mailIn(page).locator('body[title="edited"]');
    await expect.poll(() => edited.count(), slow).toBe(1);
    await body();
  });

  it('of code that does not parse is told with file and line', async () => {
    const page = await open(short);
    await mailIn(page).getByText('June').first().waitFor();
    const restore = await edit(
      'templates/bonus-posted/template.ts',
      (text) => `${text}\nconst = 1;\n`,
    );
    await page
      .getByText(/templates\/bonus-posted\/template\.ts:\d+/)
      .first()
      .waitFor();
    expect(await mailIn(page).getByText('June').count()).toBeGreaterThan(0);
    await restore();
    await expect
      .poll(() => page.getByText(/templates\/bonus-posted\/template\.ts/).count(), slow)
      .toBe(0);
  });
});

describe('a mail that means harm', () => {
  it('can run nothing, and load nothing, whatever is in it', async () => {
    const page = await open(short);
    await mailIn(page).getByText('June').first().waitFor();
    const title = await page.title();
    await fetch(strangerUrl);
    expect(strangerHits).toBe(1);
    await page
      .locator('iframe.frame:not(.waiting)')
      .evaluate((frame: HTMLIFrameElement, elsewhere) => {
        const mail = frame.contentDocument;
        if (!mail?.body) throw new Error('the mail can’t be read');
        const script = mail.createElement('script');
        script.textContent = `parent.document.title = "owned"; top.location = "${elsewhere}"`;
        mail.body.append(script);
        const hostile = mail.createElement('div');
        hostile.innerHTML = `
        <img src="${elsewhere}pixel.png" onerror="parent.document.title='owned'">
        <img src="x" onerror="parent.document.title='owned'">
        <link rel="stylesheet" href="${elsewhere}a.css">
        <iframe src="${elsewhere}frame"></iframe>
        <object data="${elsewhere}object"></object>
        <form action="${elsewhere}form"><button>Send</button></form>
        <a id="bait" href="https://evil.example/link">Here</a>
        <a id="script" href="javascript:parent.document.title='owned'">There</a>
        <style>body { background: url(${elsewhere}style.png) }</style>`;
        mail.body.prepend(hostile);
      }, strangerUrl);
    await mailIn(page).getByText('Here', { exact: true }).click();
    await page.getByText('Links rest in the preview: https://evil.example/link').waitFor();
    await mailIn(page).getByText('There', { exact: true }).click();
    await mailIn(page).getByRole('button', { name: 'Send' }).click();
    await mailIn(page).getByText('June').first().waitFor();
    expect(await page.title()).toBe(title);
    expect(new URL(page.url()).host).toBe(new URL(preview.url).host);
    expect(strangerHits).toBe(1);
  });

  it('is served with a policy of its own', async () => {
    const { mail } = await render({ template: 'order-confirmation', brand: 'juniper' });
    const response = await fetch(new URL(`/frame/${mail?.hash}`, preview.url));
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("img-src 'self' data:");
    expect(policy).toContain('sandbox allow-same-origin');
    expect(policy).not.toContain('script');
    expect(besidePictures(await response.text())).toBe(besidePictures(mail?.html ?? ''));
  });
});

describe('a stranger', () => {
  it('with another Host gets 403', async () => {
    const { port } = new URL(preview.url);
    const status = await new Promise((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port, path: '/api/templates', headers: { host: 'evil.example' } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('leaves no key in the address, and all else as it was', async () => {
    const page = await open(`${short}&token=of-a-colleague`);
    await mailIn(page).locator('body').waitFor();
    const { searchParams, pathname } = new URL(page.url());
    expect([...searchParams.keys()]).not.toContain('token');
    expect(`${pathname}?${searchParams}`).toContain('brand=juniper');
  });

  it('from another page gets 403, and no form can ask for a rendering', async () => {
    const url = new URL('/api/render', preview.url);
    const body = JSON.stringify({ template: 'order-confirmation' });
    const foreign = { 'content-type': 'application/json', origin: 'https://evil.example' };
    expect((await fetch(url, { method: 'POST', headers: foreign, body })).status).toBe(403);
    expect(
      (await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body }))
        .status,
    ).toBe(415);
  });

  it.each(['/api/nothing', '/api', '/api/', '//', '//evil.example/', '//?token=x', '/api//render'])(
    'X16: says that there is nothing at %s',
    async (path) => {
      // Not by URL: it would take what follows two slashes for a host.
      const { hostname, port } = new URL(preview.url);
      const reply = await new Promise<{ status: number | undefined; body: string }>(
        (resolve, reject) => {
          httpRequest({ hostname, port, path }, (answer) => {
            let body = '';
            answer.on('data', (data) => (body += String(data)));
            answer.on('end', () => resolve({ status: answer.statusCode, body }));
          })
            .on('error', reject)
            .end();
        },
      );
      expect(reply.status).toBe(404);
      expect(JSON.parse(reply.body)).toHaveProperty('report');
    },
  );

  it('finds no other file', async () => {
    for (const path of [
      '/../package.json',
      '/assets/..%2f..%2fserver.ts',
      '/package.json',
      `/raw/${'0'.repeat(32)}.eml`,
    ])
      expect((await fetch(new URL(path, preview.url))).status).toBe(404);
  });
});

describe('every mail', () => {
  it('has an address of its own, for pictures that others take', async () => {
    const response = await fetch(
      new URL('/frame/t/order-confirmation?brand=juniper&p=german&locale=fr', preview.url),
    );
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    const { mail } = await render({
      template: 'order-confirmation',
      brand: 'juniper',
      persona: 'german',
      locale: 'fr',
    });
    expect(besidePictures(await response.text())).toBe(besidePictures(mail?.html ?? ''));
  });

  it('can be had as the bytes that would be sent', async () => {
    const { mail } = await render({ template: 'order-confirmation', brand: 'juniper' });
    const response = await fetch(new URL(`/raw/${mail?.hash}.eml`, preview.url));
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe('message/rfc822');
    expect(bytes.length).toBe(mail?.size.mime);
    expect(bytes.toString()).toContain(`Subject: ${mail?.subject}\r\n`);
  });
});

describe('checks', () => {
  it('say what is to be fixed, where and how, as files are saved', async () => {
    const page = await open(`${short}&panel=checks`);
    await sum(page).getByText('Nothing to fix', { exact: true }).waitFor();
    await page.getByText(/^\d\d\.\d KB of 102 KB$/).waitFor();

    const undo = await edit('templates/order-confirmation/body.mjml', (text) =>
      text
        .replace('{{link data.trackUrl}}', 'https://example.com/order')
        .replace('class="muted"\n              style="color: [[muted]]', 'style="color: #dcd5cc'),
    );
    await sum(page).getByText('2 to fix', { exact: true }).waitFor();
    const findings = page.locator('.findings.error');
    const told = await findings.innerText();
    expect(told).toMatch(/Links: link “See my order” leads to a placeholder/);
    expect(told).toMatch(/Put the real address in\./);
    expect(told).toMatch(/templates\/order-confirmation\/body\.mjml:\d+/);
    expect(told).toMatch(/Accessibility: .*contrast.*\(color-contrast, light\)/);
    expect(await violationsOn(page)).toEqual([]);

    await undo();
    await sum(page).getByText('Nothing to fix', { exact: true }).waitFor();
  });

  it('say how large each block is, and what the brand’s mail programs make of it', async () => {
    const page = await open('/t/order-confirmation?brand=juniper&p=ten-years&panel=checks');
    await sum(page).waitFor();
    const parts = await page.locator('.parts').innerText();
    expect(parts).toMatch(/Offers\s+\d+\.\d KB[\s\S]*Everything else\s+\d+\.\d KB/);
    expect(await page.locator('.clients > li').allInnerTexts()).toEqual(
      ['Gmail', 'Apple mail', 'Outlook', 'Samsung email', 'Yahoo'].map((name) =>
        expect.stringContaining(name),
      ),
    );
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByLabel('Text part').getByText('Hanna').waitFor();
  });

  it('are made of a mail that was shown long ago', async () => {
    const first = await checksOf();
    const before = await get(first);
    expect(before).toMatchObject({ size: { html: expect.any(Number) } });
    for (let points = 0; points < 12; points += 1) await checksOf({ activePoints: points });
    expect(await get(first)).toEqual(before);
  });

  it('say so where a mail is not what would be made', async () => {
    const gone = await fetch(new URL(`/api/checks/${'0'.repeat(32)}`, preview.url));
    expect(gone.status).toBe(422);
    expect(await gone.json()).toMatchObject({
      report: {
        problems: [{ message: 'this mail is no longer what would be made: show it again' }],
      },
    });
  });
});

describe('our own pages', () => {
  const cases = [
    { width: 390, scheme: 'light' },
    { width: 390, scheme: 'dark' },
    { width: 900, scheme: 'light' },
    { width: 1440, scheme: 'dark' },
  ] as const;

  it.each(cases)(
    'have menus without accessibility violations at $width px, $scheme',
    async ({ width, scheme }) => {
      const page = await open(short, { width, scheme });
      await page.getByRole('button', { name: /^Persona/ }).click();
      expect(await violationsOn(page)).toEqual([]);
      await page.keyboard.press('Escape');
      const menu = page.getByRole('button', { name: 'Templates' });
      if (await menu.isVisible()) await menu.click();
      else await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
      expect(await violationsOn(page)).toEqual([]);
    },
  );
});

describe('one mail for everybody', () => {
  it('shows who gets it in each language, and what a save changes', async () => {
    // Most of them are below what is seen.
    const page = await open('/matrix/welcome?brand=kestrel', { height: 600 });
    const cells = page.locator('.cell');
    await expect.poll(() => page.locator('.cell .badge.good').count(), slow).toBe(7 * 4);
    expect(await cells.count()).toBe(8 * 4);
    await page.locator('.cell .badge.bad').first().waitFor();
    // The sentence above speaks of mails: so do the counts beneath it, and they add up.
    const counts = page.getByRole('list', { name: 'By reason' }).getByRole('listitem');
    await expect
      .poll(async () => (await counts.allInnerTexts()).map((one) => one.replace(/^.*: /, '')), slow)
      .toEqual(['28 mails', '4 mails']);
    const restore = await edit('templates/welcome/locales/de.json', (text) =>
      text.replace('"Sammeln"', '"Meilen sammeln"'),
    );
    await page.getByText(/^Since you opened this page, saves changed \d+ of 32 mails/).waitFor();
    await expect.poll(() => page.locator('.cell.changed').count(), slow).toBe(8);
    // Before and after.
    expect(await page.locator('.cell.changed .thumb').count()).toBe(16);
    await restore();
    await page.getByText(/^8 personas in 4 languages/).waitFor();
  });
});

describe('a block', () => {
  it('and its card lead to each other', async () => {
    const page = await open('/t/order-confirmation?brand=juniper&p=ten-years');
    const status = card(page, 'block:status');
    await status.locator('summary').click();
    const since = mailIn(page).getByText('Member since').first();
    await since.waitFor();
    const top = () => since.evaluate((element) => element.getBoundingClientRect().top);
    const seen = () =>
      page
        .locator('iframe.frame:not(.waiting)')
        .evaluate((frame) => frame.getBoundingClientRect().top);
    const isInSight = async () => {
      const place = (await top()) + (await seen());
      return place > 0 && place < 900;
    };
    expect(await isInSight()).toBe(false);
    // Where blocks are is known a moment after the mail is there.
    await expect
      .poll(async () => {
        await status.getByRole('button', { name: 'Show in the mail' }).click();
        return isInSight();
      }, slow)
      .toBe(true);
    await mailIn(page).getByText('Double stars on every latte').first().click();
    await expect
      .poll(
        () =>
          page.evaluate(() =>
            document.activeElement?.closest('[data-card]')?.getAttribute('data-card'),
          ),
        slow,
      )
      .toBe('block:offers');
  });
});

describe('breaking points', () => {
  it('are found by trying, and shown with one click', async () => {
    const restore = await edit('templates/welcome/body.mjml', (text) =>
      text.replace(
        /(<p class="text"[^>]*>)\{\{t "welcome.lead"\}\}/,
        '$1<span style="white-space: nowrap">{{t "welcome.lead"}}</span>',
      ),
    );
    const page = await open('/t/welcome?brand=kestrel&p=gold-flyer&panel=checks');
    await mailIn(page).locator('span[style*="nowrap"]').first().waitFor();
    await page.getByRole('button', { name: 'Look for breaking points' }).click();
    const found = page.getByRole('region', { name: 'Breaking points' });
    await found.getByText(/^As it is: \d+ pixels wide: “You are now a member/).waitFor();
    await found.getByText(/\d+ of \d+ break the layout/).waitFor({ timeout: 120_000 });
    await found.getByRole('button', { name: 'Show it: In large type' }).click();
    expect(new URL(page.url()).searchParams.get('type')).toBe('large');

    // Kept as personas, which show the same.
    for (const title of ['In large type', 'A long name']) {
      const told = await found.getByText(new RegExp(`^${title}: `)).innerText();
      await found.getByRole('button', { name: `Save as persona: ${title}` }).click();
      await page.waitForURL(/p=gold-flyer-/);
      const { searchParams } = new URL(page.url());
      expect([...searchParams.keys()].toSorted()).toEqual(['brand', 'p', 'panel']);
      await page
        .getByRole('button', { name: /^Persona/ })
        .getByText(title)
        .waitFor();
      await expect
        .poll(
          () =>
            mailIn(page)
              .locator('span[style*="nowrap"]')
              .first()
              .evaluate((span) => {
                const { right } = span.getBoundingClientRect();
                const html = span.ownerDocument.documentElement;
                return `${Math.max(html.scrollWidth, Math.ceil(right))} of ${html.clientWidth}`;
              }),
          slow,
        )
        .toBe(`${/(\d+) pixels wide/.exec(told)?.[1]} of 375`);
    }
    await restore();
  });

  it('are kept as they were tried, whatever was: the persona’s mail is the same', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => ({
      productId: `p${index}`,
      name: `Line ${index}`,
      quantity: 1,
      unitPrice: 100,
    }));
    const tried: readonly (RenderQuery & { readonly kept: readonly string[] })[] = [
      { template: 'order-confirmation', set: { firstName: 'Wolkenkratzerin' }, kept: ['set'] },
      { template: 'order-confirmation', locale: 'fr', kept: ['set'] },
      {
        template: 'order-confirmation',
        set: { activePoints: '40', 'consents.marketing.granted': 'false' },
        data: { items: JSON.stringify(lines), 'totals.total': '6000' },
        kept: ['set', 'with'],
      },
      { template: 'order-confirmation', sample: 'sixty-lines', kept: ['repeat'] },
      {
        template: 'order-confirmation',
        sample: 'yen',
        data: {
          'totals.total': '98765432',
          'items.0.name': 'A very long name',
          'fulfilment.readyAt': '',
        },
        kept: ['with'],
      },
      { template: 'shipped', data: { address: 'Elsewhere 1, 10115 Berlin' }, kept: ['with'] },
    ];
    for (const { kept, ...query } of tried) {
      const request = { brand: 'juniper', persona: 'ten-years', ...query };
      const before = await render(request);
      const response = await fetch(new URL('/api/personas', preview.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ request, title: 'As it was: “tried”' }),
      });
      expect({ query, status: response.status }).toEqual({ query, status: 200 });
      const { id } = z.object({ id: z.string() }).parse(await response.json());
      expect(id).toMatch(/^ten-years-as-it-was-tried(-\d)?$/);
      const after = await render({ template: query.template, brand: 'juniper', persona: id });
      expect(after.mail?.html).toBe(before.mail?.html);
      expect(after.mail?.text).toBe(before.mail?.text);
      expect(after.changes).toEqual([]);

      const fixtures = join(preview.root, 'fixtures/juniper');
      const people = z
        .array(z.looseObject({ id: z.string() }))
        .parse(JSON.parse(await readFile(join(fixtures, 'personas.json'), 'utf8')));
      const sample = await readFile(
        join(fixtures, 'samples', query.template, `${id}.json`),
        'utf8',
      ).catch(() => '{}');
      const written = { ...people.find((one) => one.id === id), ...JSON.parse(sample) };
      expect({ query, ...written }).toMatchObject(
        Object.fromEntries(kept.map((name) => [name, expect.anything()])),
      );
      expect(JSON.stringify(written).length).toBeLessThan(kept.includes('repeat') ? 1_500 : 9_000);
    }
  });

  it('aren’t kept where they don’t fit, and nothing is written', async () => {
    const file = join(preview.root, 'fixtures/juniper/personas.json');
    const before = await readFile(file, 'utf8');
    for (const [body, status] of [
      [{ request: { ...juneAsked, template: 'shipped', set: { nothing: '1' } }, title: 'x' }, 422],
      [{ request: { ...juneAsked, template: 'nothing' }, title: 'x' }, 422],
      [{ request: { ...juneAsked, template: 'shipped' }, title: ' ' }, 400],
    ] as const) {
      const response = await fetch(new URL('/api/personas', preview.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect({ body, status: response.status }).toEqual({ body, status });
    }
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

describe('a picture of a mail', () => {
  const looks = [
    ['', '640-light'],
    ['&w=375', '375-light'],
    ['&scheme=dark', '640-dark'],
    ['&scheme=forced', '640-forced-dark'],
    ['&img=off', '640-light-no-pictures'],
    ['&type=large&w=375', '375-light-large-type'],
    ['&scheme=forced&img=off&type=large', '640-forced-dark-no-pictures-large-type'],
  ] as const;

  it('is taken as it is looked at', async () => {
    const taken = new Map<string, Buffer>();
    for (const [query, name] of looks) {
      const page = await open(`/t/order-confirmation?brand=juniper&p=ten-years${query}`, {
        scheme: null,
        height: 2200,
        width: 1600,
      });
      await mailIn(page).getByText('Hanna').first().waitFor();
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'PNG' }).click();
      const download = await downloading;
      expect(download.suggestedFilename()).toContain(name);
      const png = await readFile(await download.path());
      const box = await page.locator('iframe.frame:not(.waiting)').boundingBox();
      const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
      const size = await sharp(png).metadata();
      expect({ name, width: size.width, off: Math.abs(size.height / 2 - height) > 1 }).toEqual({
        name,
        width: 2 * width,
        off: false,
      });
      const clip = { x, y, width, height: comparedRows };
      const shown = await pixelsOf(await page.screenshot({ clip }), width);
      const picture = await pixelsOf(png, width);
      taken.set(name, picture);
      expect({ name, difference: Math.floor(differenceOf(picture, shown) / 4) }).toEqual({
        name,
        difference: 0,
      });
      await page.close();
    }
    expect(taken.size).toBe(looks.length);
    // Were two looks alike, this would show nothing.
    const wide = [...taken].flatMap(([name, picture]) => (/375/.test(name) ? [] : [picture]));
    for (const [index, one] of wide.entries())
      for (const other of wide.slice(index + 1))
        expect(differenceOf(one, other)).toBeGreaterThan(5);
  });
});

/** The upper part of a mail: what the page shows of it at once. */
const comparedRows = 1_600;

/** Three bytes a pixel of eight by eight: by how much a line is moved within one makes no difference. */
async function pixelsOf(png: Buffer, width: number): Promise<Buffer> {
  const upper = await sharp(png)
    .resize(width)
    .extract({ left: 0, top: 0, width, height: comparedRows })
    .png()
    .toBuffer();
  return sharp(upper)
    .resize(Math.ceil(width / 8), comparedRows / 8, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** By how much a channel of a pixel differs, of 255, in the mean. */
const differenceOf = (one: Buffer, other: Buffer): number =>
  one.reduce((all, value, index) => all + Math.abs(value - (other[index] ?? 0)), 0) / one.length;

describe('breaking points that lie over something', () => {
  it('are found, and none where nothing does', async () => {
    const page = await open('/t/welcome?brand=kestrel&p=gold-flyer&panel=checks');
    const look = async () => {
      await page.getByRole('button', { name: 'Look for breaking points' }).click();
      return page.getByRole('region', { name: 'Breaking points' });
    };
    await mailIn(page).locator('.text').first().waitFor();
    await (await look()).getByText(/^All \d+ hold\./).waitFor({ timeout: 120_000 });
    const restore = await edit('templates/welcome/body.mjml', (text) =>
      text.replace(
        /(<p class="text"[^>]*>)\{\{t "welcome.lead"\}\}/,
        '$1<span style="display: block; margin-top: -40px">{{t "welcome.lead"}}</span>',
      ),
    );
    await mailIn(page).locator('span[style*="-40px"]').first().waitFor();
    await (await look()).getByText(/^As it is: “.+” lies over “.+”/).waitFor();
    await expect
      .poll(() => page.getByText(/\d+ of \d+ break the layout/).count(), { timeout: 120_000 })
      .toBe(1);
    await restore();
  });
});

describe('two side by side', () => {
  it('lists what is decided otherwise, and which lines differ', async () => {
    const page = await open(
      '/compare/order-confirmation?brand=juniper&p=below-minimum&with.p=german',
    );
    const differences = page.locator('.differences');
    await differences.locator('summary').click();
    await differences.getByText('Points banner').waitFor();
    expect(await differences.innerText()).toMatch(
      /Only left[\s\S]*June[\s\S]*Only right[\s\S]*Lena/,
    );
    await expect.poll(() => page.locator('iframe.frame:not(.waiting)').count(), slow).toBe(2);
  });
});

it('asks nobody but this machine for anything', async () => {
  const page = await open('/t/order-confirmation?brand=kestrel&p=gold-flyer');
  await mailIn(page).locator('body').waitFor();
  expect(preview.requests.length).toBeGreaterThan(50);
  const { host } = new URL(preview.url);
  // Chromium reports what a policy stopped before it left as a request too.
  const left = preview.requests
    .filter((request) => request.failure()?.errorText !== 'csp')
    .map((request) => request.url());
  expect(left.filter((url) => !url.startsWith('data:') && new URL(url).host !== host)).toEqual([]);
});

/** A browser has no mail around the html, and loads nothing from anywhere: pictures are put into it. */
const besidePictures = (html: string) => html.replaceAll(/ src="[^"]*"/g, ' src');

async function get<Answer>(path: string): Promise<Answer> {
  const answer: Answer = await (
    await fetch(new URL(path, preview.url))
  )
    .json()
    .then((value) => value);
  return answer;
}

const juneAsked = { brand: 'juniper', persona: 'below-minimum' } as const;

/** Where checks of that statement are. */
async function checksOf(set: RenderQuery['set'] = {}): Promise<string> {
  const { mail } = await render({ template: 'status-statement', ...juneAsked, set });
  if (!mail) throw new Error('nothing was rendered');
  return `/api/checks/${mail.hash}`;
}

async function render(query: RenderQuery): Promise<RenderAnswer> {
  const response = await fetch(new URL('/api/render', preview.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(query),
  });
  const text = await response.text();
  expect({ query, status: response.status, text: response.ok ? '' : text }).toEqual({
    query,
    status: 200,
    text: '',
  });
  const answer: RenderAnswer = JSON.parse(text);
  return answer;
}
