import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { listPausedFlows, pauseFlow, resumeFlow } from '../src/delivery/pauses.ts';
import { outcomeSentence } from '../src/message/outcome.ts';
import { startAlertServer } from './alert-server.ts';
import { openLibrary } from './library.ts';
import { backends, openWorld, type World } from './world.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const flow = 'template:order-confirmation';
let world: World;
let alerts: Awaited<ReturnType<typeof startAlertServer>>;
const log: string[] = [];
/** Whom the order confirmation fails for now. */
let failsFor: (address: string) => boolean = () => false;

/** Laurel's own templates, of which one fails when it is told to. */
async function fragileTemplates() {
  const { brands, templates } = await openLibrary();
  const compiled: typeof templates.compiled = (name, brand, locale) => {
    const one = templates.compiled(name, brand, locale);
    if (name !== 'order-confirmation') return one;
    return {
      ...one,
      render: (view) => {
        const { orderId } = view.data;
        if (!failsFor(String(orderId))) return one.render(view);
        return one.render({ ...view, data: { ...view.data, totals: { total: 'much' } } });
      },
    };
  };
  return { brands, templates: { ...templates, compiled } };
}

beforeAll(async () => {
  alerts = await startAlertServer(1);
  world = await openWorld(backends().at(-1) ?? 'postgres', {
    templates: fragileTemplates,
    log: (line) => log.push(line),
    env: {
      LOG_LEVEL: 'info',
      ALERT_WEBHOOK_URL: alerts.url,
      ALERT_WEBHOOK_SECRET: secret,
      PAUSE_PROBE_SECONDS: '1',
    },
  });
});
afterAll(async () => {
  await world.close();
  await alerts.close();
});

const sample: Record<string, unknown> = JSON.parse(
  readFileSync('fixtures/juniper/samples/order-confirmation.json', 'utf8'),
);
const order = (number: string): MessageRequest => ({
  template: 'order-confirmation',
  brand: 'juniper',
  to: { email: `${number.toLowerCase()}@example.com` },
  data: { ...sample, orderId: number },
});
const enqueue = async (prefix: string, count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { id } = await world.app.producer.enqueue(order(`${prefix}-${n}`));
      return id;
    }),
  );
const settled = (ids: readonly string[], states?: readonly string[]) =>
  Promise.all(ids.map((id) => world.settled(id, states)));
const pausedTemplates = async () => {
  const { values } = await world.app.metrics.paused.get();
  return values.find(({ labels }) => labels.kind === 'template')?.value;
};
const copies = (id: string) =>
  world.sink.mails.filter(({ messageId }) => messageId.startsWith(id)).length;

it('S24: one person’s data breaks a template: that message is put aside with the place, the others go', async () => {
  failsFor = (orderId) => orderId === 'ODD-1';
  const ids = await enqueue('ODD', 3);
  expect((await settled(ids)).map(({ state }) => state)).toEqual(['sent', 'quarantined', 'sent']);
  const odd = await world.settled(ids[1] ?? '');
  expect(odd).toMatchObject({ reason: 'bad-value' });
  const place =
    /template "order-confirmation": [\w/.-]+\.(mjml|hbs):\d+:\d+ \{\{[^}]*total[^}]*\}\}/;
  expect(odd.error).toMatch(place);
  // The same place for whoever asks: the API, `laurel explain`, the log.
  const answer = await fetch(`${world.app.url}/v1/messages/${odd.id}`);
  expect(JSON.stringify(await answer.json()).replaceAll('\\"', '"')).toMatch(place);
  expect(outcomeSentence(odd, null)).toMatch(place);
  expect(log.join('').replaceAll('\\"', '"')).toMatch(place);
  expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]);
});

it('S24: a template that starts failing pauses, tells somebody, and resumes by itself; nothing is lost or failed', async () => {
  failsFor = () => true;
  const ids = await enqueue('BAD', 12);
  const paused = await alerts.hear('flow.paused', flow);
  expect(paused.data).toMatchObject({ tenant: 'main', by: 'failures' });
  expect(paused.body).not.toMatch(/@|BAD-|much/);
  const { 'webhook-id': id, 'webhook-timestamp': time } = paused.headers;
  const key = Buffer.from(secret.slice(6), 'base64');
  expect(paused.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key)
      .update(`${String(id)}.${String(time)}.${paused.body}`)
      .digest('base64')}`,
  );

  // Every one of them waits, also those that failed before it was clear that it isn't their fault.
  for (const record of await settled(ids, ['held']))
    expect(record).toMatchObject({ reason: 'template-paused', tries: 0, finishedAt: null });
  expect(log.filter((line) => line.includes('it fails for many'))).toHaveLength(1);
  await vi.waitFor(async () => expect(await pausedTemplates()).toBe(1), { timeout: 10_000 });
  const other = await world.send({
    template: 'shipped',
    brand: 'juniper',
    to: { email: 'else@example.com' },
    data: JSON.parse(readFileSync('fixtures/juniper/samples/shipped.json', 'utf8')),
  });
  expect(other.record.state).toBe('sent');

  failsFor = () => false;
  await alerts.hear('flow.resumed', flow);
  for (const record of await settled(ids)) {
    expect(record).toMatchObject({ state: 'sent', tries: 0 });
    expect(copies(record.id)).toBe(1);
  }
  expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]);
}, 60_000);

const isBad = (n: number) => n % 2 === 1;

it('S24: one that fails for half of all: the good are sent, the bad wait or are put aside, and go once it is fixed', async () => {
  failsFor = (orderId) => orderId.startsWith('HALF') && isBad(Number(orderId.split('-')[1]));
  const ids = await enqueue('HALF', 20);
  const good = ids.filter((_, n) => !isBad(n));
  const bad = ids.filter((_, n) => isBad(n));
  for (const { state } of await settled(good, ['sent'])) expect(state).toBe('sent');
  for (const { state } of await settled(bad, ['held', 'quarantined']))
    expect(state).not.toBe('sent');

  failsFor = () => false;
  await vi.waitFor(async () => expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]), {
    timeout: 40_000,
    interval: 100,
  });
  for (const { id, state } of await settled(bad))
    expect(copies(id)).toBe(state === 'quarantined' ? 0 : 1);
  for (const id of good) expect(copies(id)).toBe(1);
}, 60_000);

it('S24: paused by hand, it waits for a hand', async () => {
  const { pool } = world.app;
  const key = { tenant: 'main', flow };
  await pauseFlow(pool, key, { by: 'hand', why: 'wrong VAT line', probeSeconds: null });
  // Every worker sees it within about a second.
  await vi.waitFor(async () => expect(await pausedTemplates()).toBe(1), { timeout: 10_000 });
  const [id = ''] = await enqueue('HAND', 1);
  expect(await world.settled(id, ['held', 'sent'])).toMatchObject({ reason: 'template-paused' });
  expect(await listPausedFlows(pool, 'main')).toMatchObject([
    { flow, by: 'hand', why: 'wrong VAT line', probeAt: null, held: 1 },
  ]);
  expect(await listPausedFlows(pool, 'another')).toEqual([]);
  expect(await resumeFlow(pool, key)).toBe(true);
  expect(await resumeFlow(pool, key)).toBe(false);
  expect(await world.settled(id)).toMatchObject({ state: 'sent', tries: 0 });
}, 60_000);
