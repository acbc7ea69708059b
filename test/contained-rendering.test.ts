import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import type { MessageRequest } from '../queues/producer.ts';
import { containRendering } from '../src/app/templates.ts';
import type { Email } from '../src/contract/email.ts';
import type { CompiledTemplate, Rendered, View } from '../src/contract/template.ts';
import { PermanentError } from '../src/core/errors.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { openHostileTemplates } from './hostile-templates.ts';
import { openLibrary } from './library.ts';
import { recipients, sampleData, sampleMail } from './sample-mail.ts';
import { sampleBrands } from './samples/world.ts';
import { backends, openWorld, type World } from './world.ts';

const goOn = new AbortController().signal;
const limits = { threads: 1, deadlineMs: 30_000, memoryMb: 256 };

let set: Awaited<ReturnType<typeof openLibrary>>;
beforeAll(async () => {
  set = await openLibrary();
});

it('a mail rendered in a thread is the same, byte for byte, and its failures name the line their author wrote', async () => {
  const { brands, templates } = set;
  const contained = containRendering(limits);
  let compared = 0;
  const shown = new Map<string, { compiled: CompiledTemplate; view: View }>();
  for (const brand of sampleBrands) {
    for (const template of templates.namesFor(brand)) {
      const compiled = templates.compiled(template, brand, 'en');
      if (compiled.engine === 'mjml') continue;
      const made: { view: View; here: Rendered }[] = [];
      const compiledAndSeen = () => ({
        ...compiled,
        render: (view: View) => {
          const here = compiled.render(view);
          made.push({ view, here });
          return here;
        },
      });
      for (const recipient of recipients)
        sampleMail(
          { set: { compiled: compiledAndSeen }, brands },
          { template, brand, locale: 'en', recipient },
        );
      for (const { view, here } of made) {
        const there = await contained.render(compiled, view, goOn);
        shown.set(template, { compiled, view });
        expect(bytesOf(there)).toEqual(bytesOf(here));
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(20);

  const booking = shown.get('flight-booking');
  if (!booking) throw new Error('no booking was rendered');
  const { compiled, view } = booking;
  const failureOf = (wrong: Partial<View>) =>
    contained
      .render(compiled, { ...view, ...wrong }, goOn)
      .then(String, (error: Error) => writtenAt(error.message));
  expect(await failureOf({ data: { ...view.data, segments: 'none' } })).toMatch(
    /^flight-booking\/template\.ts: .*\.city/,
  );
  expect(await failureOf({ blocks: { offers: { offers: 'none' } } })).toMatch(
    /^blocks\/Offers\.tsx: map/,
  );
  await contained.close();
}, 120_000);

/** The file that a failure names, and what stands there from its line and column on. */
const writtenAt = (failure = '') => {
  const [, file = '', line, column] =
    /^template "flight-booking": ([\w/.-]+):(\d+):(\d+): /.exec(failure) ?? [];
  const lines = file === '' ? [] : readFileSync(`templates/${file}`, 'utf8').split('\n');
  return `${file}: ${lines[Number(line) - 1]?.slice(Number(column) - 1) ?? failure}`;
};

const bytesOf = ({ subject, preheader, html, text, attachments = [] }: Rendered) => ({
  subject,
  preheader,
  html,
  text,
  attachments: attachments.map((one) => ({
    ...one,
    content: Buffer.from(one.content).toString('base64'),
  })),
});

const booking = (bookingReference: string): MessageRequest => ({
  template: 'flight-booking',
  brand: 'kestrel',
  to: { email: 'ana@example.com' },
  data: { ...sampleData('flight-booking', 'kestrel'), bookingReference },
});

/** A view with every text in its data and blocks replaced, as no schema would let it. */
const withTexts = (value: unknown, text: string): unknown => {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((one) => withTexts(one, text));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTexts(one, text)]));
};
const Texts = z.record(z.string(), z.unknown());

it('promise 15: no text is so odd that a compiled template doesn’t end over it', () => {
  const odd = [' ', '\t', '\u00A0', '\n', '<', '&', '{{', 'a@', '(', '0', '\u202E', 'e\u0301'];
  const texts = [
    ...odd.map((one) => `${one.repeat(20_000)}x`),
    `https://a.example/${'%20'.repeat(9_000)}`,
  ];
  const ends = { rendered: 0, refused: 0 };
  const otherwise: unknown[] = [];
  const { brands, templates } = set;
  for (const template of templates.namesFor('juniper')) {
    const compiled = templates.compiled(template, 'juniper', 'en');
    const views: View[] = [];
    const seen = {
      ...compiled,
      render: (view: View) => {
        views.push(view);
        return compiled.render(view);
      },
    };
    sampleMail(
      { set: { compiled: () => seen }, brands },
      { template, brand: 'juniper', locale: 'en' },
    );
    for (const view of compiled.engine === 'mjml' ? views : []) {
      for (const text of texts) {
        const data = Texts.parse(withTexts(view.data, text));
        const blocks = Texts.parse(withTexts(view.blocks, text));
        for (const changed of [{ data }, { blocks }, { member: { firstName: text } }]) {
          try {
            composeMime({ ...mailOf(compiled.render({ ...view, ...changed })) }, 'x');
            ends.rendered += 1;
          } catch (error) {
            if (error instanceof PermanentError) ends.refused += 1;
            else otherwise.push(error);
          }
        }
      }
    }
  }
  expect(otherwise).toEqual([]);
  expect(ends.rendered).toBeGreaterThan(100);
  expect(ends.refused).toBeGreaterThan(100);
}, 120_000);

const mailOf = (rendered: Rendered): Email => ({
  ...rendered,
  to: { address: 'ana@example.com' },
  from: { address: 'mail@juniper.example', name: 'Juniper' },
  headers: [],
});

describe('promise 15: a template that means harm', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backends().at(-1) ?? 'postgres', {
      templates: openHostileTemplates,
      renderThread: new URL('hostile-thread.ts', import.meta.url),
      env: { RENDER_SECONDS: '5', RENDER_MEMORY_MB: '128', RENDER_THREADS: '2' },
    });
  });
  afterAll(() => world.close());

  /** Each harm costs a thread, and loading another takes a while on a busy machine. */
  const patiently = (id: string) =>
    vi.waitFor(() => world.settled(id), { timeout: 110_000, interval: 100 });

  it('is ended or refused, its mail put aside with the place; all others are sent', async () => {
    const harm = ['ENDLESS', 'HOARDER', 'WORDY', 'NESTED'];
    const harmful = await Promise.all(
      harm.map(async (name) => world.app.producer.enqueue(booking(name))),
    );
    const good = await Promise.all(
      ['K7PQ2M', 'K7PQ2N'].map((name) => world.app.producer.enqueue(booking(name))),
    );
    const receipt = await world.send({
      template: 'order-confirmation',
      brand: 'juniper',
      to: { email: 'ben@example.com' },
      data: sampleData('order-confirmation', 'juniper'),
    });
    expect(receipt.record.state).toBe('sent');
    const records = await Promise.all(harmful.map(({ id }) => patiently(id)));
    expect(records).toMatchObject([
      { state: 'quarantined', reason: 'render-timeout' },
      { state: 'quarantined', reason: 'render-out-of-memory' },
      { state: 'quarantined', reason: expect.stringMatching(/^render-(out-of-memory|timeout)$/) },
      { state: 'quarantined', reason: expect.stringMatching(/^render-(out-of-memory|timeout)$/) },
    ]);
    expect(records[0]?.error).toMatch(
      /^template "flight-booking" \(version [0-9a-f]{16}\) took over 5 s/,
    );
    expect(records[1]?.error).toContain('took more memory');
    for (const { id } of good)
      expect(await patiently(id)).toMatchObject({ state: 'sent', tries: 0 });
  }, 120_000);
});
