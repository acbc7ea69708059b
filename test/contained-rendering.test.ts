import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { containRendering, openTemplates } from '../src/app/templates.ts';
import type { CompiledTemplate, Rendered, View } from '../src/core/template.ts';
import { sampleBrands } from '../templates/sample-world.ts';
import { openHostileTemplates } from './hostile-templates.ts';
import { recipients, sampleData, sampleMail } from './sample-mail.ts';
import { backends, openWorld, type World } from './world.ts';

const limits = { threads: 1, deadlineMs: 30_000, memoryMb: 256 };

it('a mail rendered in a thread is the same, byte for byte, and its failures name the line their author wrote', async () => {
  const { brands, templates } = await openTemplates();
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
        const there = await contained.render(compiled, view);
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
      .render(compiled, { ...view, ...wrong })
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

describe('promise 15: a template that means harm', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backends().at(-1) ?? 'postgres', {
      templates: openHostileTemplates,
      renderThread: new URL('hostile-thread.ts', import.meta.url),
      env: { RENDER_SECONDS: '5', RENDER_MEMORY_MB: '128', RENDER_THREADS: '2' },
    });
  }, 120_000);
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
      { state: 'quarantined', reason: 'render-failed' },
    ]);
    expect(records[0]?.error).toMatch(
      /^template "flight-booking" \(version [0-9a-f]{16}\), in <Endless> took over 5 s/,
    );
    expect(records[1]?.error).toContain('in <Hoarder> took more memory');
    for (const { id } of good)
      expect(await patiently(id)).toMatchObject({ state: 'sent', tries: 0 });
  }, 120_000);
});
