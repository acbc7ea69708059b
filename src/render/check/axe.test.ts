import { afterAll, beforeAll, expect, it } from 'vitest';

import { openReading, type Reading } from './axe.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await openReading('/usr/bin/chromium');
});
afterAll(async () => {
  if ('close' in reading) await reading.close();
});

const page = (body: string, css = '') =>
  `<!doctype html><html lang="en"><head><title>x</title><meta name="color-scheme" content="light dark"><style>${css}</style></head><body style="background:#fff;color:#222"><h1>Mail</h1>${body}</body></html>`;
const dark = (css: string) => `@media (prefers-color-scheme:dark){${css}}`;

it.each([
  ['white on white', page('<p style="color:#fff">unseen</p>'), ['light', 'dark']],
  ['nearly white on white', page('<p style="color:#fdfdfd">unseen</p>'), ['light', 'dark']],
  [
    'a brand ground in its own colour',
    page('<p style="background:#1e3932;color:#1e3932">unseen</p>'),
    ['light', 'dark'],
  ],
  [
    'a link in white, within a cell',
    page(
      '<table role="presentation"><tr><td bgcolor="#ffffff"><a href="https://a.example" style="color:white">Our shop</a></td></tr></table>',
    ),
    ['light', 'dark'],
  ],
  [
    'white on a picture that isn’t shown',
    page(
      '<div style="background:url(https://a.example/a.jpg) center"><p style="color:#fff">unseen</p></div>',
    ),
    ['light', 'dark'],
  ],
  [
    'white on an old-fashioned one',
    page(
      '<table role="presentation" background="https://a.example/a.jpg"><tr><td style="color:#fff">unseen</td></tr></table>',
    ),
    ['light', 'dark'],
  ],
  [
    'white on a gradient that isn’t shown',
    page('<p style="background-image:linear-gradient(#000,#333);color:#fff">unseen</p>'),
    ['light', 'dark'],
  ],
  ['one letter', page('<p style="color:rgb(255,255,255)">x</p>'), ['light', 'dark']],
  [
    'what the dark scheme makes unseen',
    page(
      '<p class="a">unseen</p>',
      dark('body,.a{background:#111 !important;color:#111 !important} h1{color:#fff}'),
    ),
    ['dark'],
  ],
  [
    'what the dark scheme alone lets be seen',
    page(
      '<p class="a" style="color:#fff">seen</p>',
      dark('body{background:#111 !important} h1{color:#fff}'),
    ),
    ['light'],
  ],
])(
  'R12: %s is an error',
  async (_, html, schemes) => {
    if (!('look' in reading)) throw new Error(reading.skipped);
    const found = (await reading.look(html)).filter(({ message }) =>
      message.includes('color-contrast'),
    );
    expect(found.every(({ severity }) => severity === 'error')).toBe(true);
    expect(
      ['light', 'dark'].filter((one) => found.some(({ message }) => message.includes(`, ${one})`))),
    ).toEqual(schemes);
  },
  60_000,
);

it('R12: what is hidden, or can be read, is none', async () => {
  if (!('look' in reading)) throw new Error(reading.skipped);
  const html = page(
    '<div style="display:none;color:#fff">Preheader</div><p>seen</p><p style="background:#000 url(https://a.example/a.jpg);color:#fff">seen</p>',
  );
  expect(await reading.look(html)).toEqual([]);
}, 60_000);
