import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { sampleMail } from '../../test/sample-mail.ts';
import type { Chart } from '../contract/chart.ts';
import { loadTemplates } from '../render/load.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { chartUrl, readChart } from './chart-link.ts';

const templatesFolder = join(import.meta.dirname, '../../templates');

const secret = 'a secret of at least thirty-two characters';
const now = new Date('2026-11-20T09:00:00Z');
const chart: Chart = {
  width: 536,
  height: 150,
  values: [0, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5],
  dir: 'ltr',
  colours: { ground: '#faf8f4', bar: '#5b5b5b', highest: '#1e3932' },
  radius: 8,
};
const urlAt = (at: Date, one: Chart = chart) =>
  chartUrl('https://mail.example/', secret, { chart: one, now: at, days: 100 }) ?? '';
const tokenOf = (url: string) => /\/charts\/([\w-]+)\.png$/.exec(url)?.[1] ?? '';
const daysLater = (days: number) => new Date(now.getTime() + days * 86_400_000);

describe('the address of a chart', () => {
  it('is the same for the same chart, whoever it is for, and says nothing of what is drawn', () => {
    expect(urlAt(now)).toBe(urlAt(daysLater(1)));
    expect(urlAt(now)).not.toBe(urlAt(now, { ...chart, values: [1, 2, 3] }));
    const bytes = Buffer.from(tokenOf(urlAt(now)), 'base64url').toString('latin1');
    expect(bytes).not.toMatch(/536|\[0,3,1|#faf8f4|ltr/);
  });

  it('leads where it led, in mails that were sent long ago', () => {
    expect(urlAt(now)).toBe(
      'https://mail.example/charts/3cuFEIoJFQOEZwUPuZGs_wO4hp6c1HNRyJu19XrE-oJoB0qfMc396mU0DgYis87kHb2rUBrjmKBIuh2faQ8oHavKT8dsrOkauncVFxflMokQmYe-xkPlJrCoPMqdIdNquLf7EabHOqVvl9HXvnQiOiNRU4gXo6ii3ck.png',
    );
  });

  it('leads to the chart until it ends, at least for so many days, and never without the secret', () => {
    const token = tokenOf(urlAt(now));
    const read = (at: Date, secrets = [secret]) => readChart(token, secrets, at);
    expect(read(daysLater(100))).toMatchObject({ kind: 'chart', chart });
    expect(read(daysLater(131))).toEqual({ kind: 'expired' });
    expect(read(now, ['another secret, also of a good length'])).toEqual({ kind: 'forged' });
    expect(read(now, ['the newer secret, of a good length too', secret])).toMatchObject({ chart });
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(readChart(changed.toString('base64url'), [secret], now).kind).toBe('forged');
    }
  });

  it('is none where it would be too long for a mail client: the mail carries such a chart', () => {
    const values = Array.from({ length: 400 }, (_, at) => at * 1_000);
    expect(
      chartUrl('https://mail.example', secret, { chart: { ...chart, values }, now, days: 1 }),
    ).toBeNull();
  });
});

describe('following it', () => {
  let api: HttpApi;
  beforeAll(async () => {
    api = await openHttpApi({ now: () => now });
  });
  afterAll(() => api.close());

  it('shows the very picture a mail would have carried, beside the same figures as text', async () => {
    const brands = await loadBrands(templatesFolder);
    const definitions = templates.filter(({ name }) => name === 'year-in-review');
    const set = await loadTemplates({ root: templatesFolder, definitions, brands });
    const wanted = { template: 'year-in-review', brand: 'juniper', locale: 'en' } as const;
    const { email: carried } = sampleMail({ set, brands }, wanted);
    const { email: linked } = sampleMail(
      { set, brands },
      {
        ...wanted,
        chartUrl: (one, at) =>
          chartUrl('https://mail.example', secret, { chart: one, now: at, days: 100 }),
      },
    );
    // One for each scheme.
    const pictures = carried?.attachments ?? [];
    const [picture] = pictures;
    expect(pictures.map(({ cid }) => cid)).toEqual([expect.any(String), expect.any(String)]);
    expect(linked?.attachments).toBeUndefined();
    const addresses = [
      ...(linked?.html ?? '').matchAll(/src="(https:\/\/mail\.example\/charts\/[^"]+)"/g),
    ].map(([, address = '']) => address);
    const [src = ''] = addresses;
    const shown = pictures.reduce(
      (html, { cid }, index) => html.replaceAll(`cid:${cid}`, addresses[index] ?? ''),
      carried?.html ?? '',
    );
    expect(linked?.html).toBe(shown);
    expect(linked?.text).toBe(carried?.text);
    const reply = await api.app.inject(new URL(src).pathname);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': expect.stringMatching(/^public, max-age=\d+, immutable$/),
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(reply.rawPayload.equals(Buffer.from(picture?.content ?? []))).toBe(true);
  });

  it.each([
    [403, tokenOf(urlAt(now)).replace(/^./, (first) => (first === 'A' ? 'B' : 'A')), 'changed'],
    [403, 'AAAA', 'made up'],
    [404, tokenOf(urlAt(daysLater(-200))), 'over'],
  ])('answers %i where it is %s', async (status, token) => {
    const reply = await api.app.inject(`/charts/${token}.png`);
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['cache-control']).toBe('no-store');
  });
});
