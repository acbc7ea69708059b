import { afterAll, expect, it } from 'vitest';

import { openCamera } from './camera.ts';

const camera = openCamera('/usr/bin/chromium');
afterAll(() => camera.close());

const mail = (body: string) =>
  `<!doctype html><html><head><meta name="color-scheme" content="light dark"><style>body{margin:0;background:#fff}@media(prefers-color-scheme:dark){body{background:#000}}</style></head><body>${body}</body></html>`;

const usual = { scheme: 'light', pictures: true, large: false } as const;

/** Of a PNG's first chunk. */
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

it('takes a picture of the whole mail, as wide as it is looked at, in light and in dark', async () => {
  const html = mail('<div style="height: 1800px">Long</div>');
  const light = await camera.picture(html, { ...usual, width: 375 });
  const dark = await camera.picture(html, { ...usual, width: 375, scheme: 'dark' });
  expect(light.subarray(1, 4).toString()).toBe('PNG');
  expect(sizeOf(light)).toEqual({ width: 750, height: 3600 });
  expect(light.equals(dark)).toBe(false);
}, 60_000);

it.each([
  [undefined, 'CHROMIUM_PATH names none'],
  ['/nowhere/chromium', 'there is no /nowhere/chromium; CHROMIUM_PATH names a Chromium'],
])('says what is missing where the browser is %s', async (path, why) => {
  const without = openCamera(path);
  await expect(without.picture(mail('x'), { ...usual, width: 640 })).rejects.toMatchObject({
    report: { problems: [{ message: expect.stringContaining(why) }] },
  });
});
