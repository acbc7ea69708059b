import { createServer } from 'node:http';

import { fastify } from 'fastify';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { addEntry } from './entry.ts';
import { openGuard } from './guard.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
});
afterAll(() => browser.close());

/** A preview that others may come to, as far as letting in goes. */
async function entry() {
  const guard = openGuard('192.0.2.7');
  const app = fastify({ forceCloseConnections: true });
  addEntry(app, guard, () => undefined);
  app.get('/*', (_request, reply) => reply.type('text/html').send('<h1>let in</h1>'));
  app.post('/*', () => ({}));
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  onTestFinished(() => app.close());
  return { url: `http://localhost:${port}/`, token: guard.token ?? '' };
}

/** Somebody else's page, at another site. */
async function elsewhere(to: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<a href="${to}">the mail</a><iframe src="${to}"></iframe>
      <form method="post" action="${to}"><button>send</button></form>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it has no port');
  return `http://127.0.0.1:${address.port}/`;
}

it('two of them on one machine don’t take each other’s key', async () => {
  const [one, other] = [await entry(), await entry()];
  const page = await browser.newPage();
  for (const { url, token } of [one, other])
    expect((await page.goto(`${url}?token=${token}`))?.status()).toBe(200);
  for (const { url } of [one, other, one]) expect((await page.goto(url))?.status()).toBe(200);
  const context = await browser.newContext();
  const stranger = await context.newPage();
  expect((await stranger.goto(one.url))?.status()).toBe(401);
  expect(await stranger.innerText('body')).toContain('Open the address that it printed');
});

it('opens from a link elsewhere for who has the key, and nothing else comes from there', async () => {
  const { url, token } = await entry();
  const page = await browser.newPage();
  await page.goto(`${url}?token=${token}`);
  await page.goto(await elsewhere(`${url}t/shipped`));
  expect(await page.frameLocator('iframe').getByText('let in').count()).toBe(0);
  await page.getByRole('link').click();
  await page.getByRole('heading', { name: 'let in' }).waitFor();
  await page.goBack();
  const [answer] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST'),
    page.getByRole('button').click(),
  ]);
  expect(answer.status()).toBe(403);
});
