import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import { addAudience } from '../src/campaign/audience.ts';
import { changeCampaign, createCampaign } from '../src/campaign/campaigns.ts';
import { loadConfig } from '../src/config.ts';
import { listPausedFlows, pauseFlow, resumeFlow } from '../src/delivery/pauses.ts';
import { findMessage } from '../src/message/messages.ts';
import { transaction } from '../src/postgres/pool.ts';
import { loadTemplates } from '../src/render/load.ts';
import { pruneVersions } from '../src/render/version/prune-versions.ts';
import { listVersions, pointTo, rollBack } from '../src/render/version/template-versions.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { templates } from '../templates/index.ts';
import { openGround, untilArrived } from './chaos/ground.ts';
import { freshDatabase, redisUrl } from './database.ts';
import { type Desk, openDesk } from './desk.ts';
import { withoutOwnLinks } from './own-links.ts';
import { startRemoteSink } from './smtp-sink-remote.ts';
import { backends, openWorld, type World } from './world.ts';

const sample = (template: string, brand: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));

const order = (more: Partial<MessageRequest> = {}): MessageRequest => ({
  template: 'order-confirmation',
  brand: 'juniper',
  to: { memberId: 'hanna-vogel' },
  data: sample('order-confirmation', 'juniper'),
  ...more,
});
const flight = (more: Partial<MessageRequest> = {}): MessageRequest => ({
  template: 'flight-booking',
  brand: 'kestrel',
  to: { memberId: 'ana-keller' },
  data: sample('flight-booking', 'kestrel'),
  ...more,
});

const shipped = (n: number): MessageRequest => ({
  template: 'shipped',
  brand: 'juniper',
  to: { email: `reader-${n}@example.com` },
  data: sample('shipped', 'juniper'),
});

/** Words that tell versions apart, in the subject and in the brand's own voice. */
const subject = (word: string) => (text: string) =>
  text.replace(/"subject": "(\[\w\] )?/, `"subject": "[${word}] `);
const colour = (value: string) => (text: string) =>
  text.replace(/("light": \{[^}]*"accent": )"#\w+"/, `$1"${value}"`);

describe.each(backends())('published versions, queue on %s', { timeout: 120_000 }, (backend) => {
  let world: World;
  let desk: Desk;
  const by = { by: 'mira', why: 'because' };
  beforeAll(async () => {
    world = await openWorld(backend, { timeStands: true, env: { PAUSE_PROBE_SECONDS: '1' } });
    desk = await openDesk(() => world.app.pool);
  });
  afterAll(async () => {
    await world.close();
    await desk.close();
  });

  /** Resolves when the worker sees so many pauses. */
  const sees = (pauses: number) =>
    vi.waitFor(
      async () => {
        const { values } = await world.app.metrics.paused.get();
        const found = values.find(({ labels }) => labels.kind === 'template');
        expect(found?.value ?? 0).toBe(pauses);
      },
      { timeout: 20_000 },
    );
  /** Nothing else may be paused: the worker counts its pauses, and a count doesn't say whose they are. */
  const hold = async (template: string) => {
    await sees(0);
    await pauseFlow(
      world.app.pool,
      { tenant: 'main', flow: `template:${template}` },
      { by: 'hand', why: 'waits', probeSeconds: null },
    );
    await sees(1);
  };
  const letGo = (template: string) =>
    resumeFlow(world.app.pool, { tenant: 'main', flow: `template:${template}` });
  const accept = async (message: MessageRequest) => (await world.app.producer.enqueue(message)).id;
  const outcome = async (id: string) => world.outcomeOf(await world.settled(id));

  it('without any, mails come from the folder, and nothing can be kept of it', async () => {
    const { record } = await world.send(order());
    expect(record).toMatchObject({ state: 'sent', pinnedVersion: null });
    expect(record.templateVersion).toMatch(/^[0-9a-f]{16}$/);
    await expect(accept(order({ templateVersion: 'accepted' }))).rejects.toMatchObject({
      problems: [{ path: 'templateVersion', message: expect.stringContaining('publish it first') }],
    });
  });

  it.each([
    ['MJML', order, 'juniper'],
    ['React', flight, 'kestrel'],
  ])(
    'a message keeps the version it was accepted with when it asks to, others take what is live: %s',
    async (_, message, brand) => {
      const { template } = message();
      const folder = await world.send(message());
      const first = await desk.publish(template);
      const a = await world.send(message());
      expect(a.record).toMatchObject({ state: 'sent', templateVersion: first.hash });
      expect(withoutOwnLinks(a.mail?.html)).toBe(withoutOwnLinks(folder.mail?.html));

      await hold(template);
      const pinned = await accept(message({ templateVersion: 'accepted' }));
      const unpinned = await accept(message());
      await desk.edit(`${template}/locales/en.json`, subject('B'));
      await desk.edit(`${template}/locales/de.json`, subject('B'));
      await desk.edit(`brands/${brand}/brand.json`, colour('#20304a'));
      const second = await desk.publish(template);
      expect(second).toMatchObject({ isNew: true, madeLive: true });
      await letGo(template);

      const kept = await outcome(pinned);
      expect(kept.record).toMatchObject({ pinnedVersion: first.hash, templateVersion: first.hash });
      expect(kept.mail?.subject).toBe(a.mail?.subject);
      expect(withoutOwnLinks(kept.mail?.html)).toBe(withoutOwnLinks(a.mail?.html));
      expect(withoutOwnLinks(kept.mail?.text)).toBe(withoutOwnLinks(a.mail?.text));
      const b = await outcome(unpinned);
      expect(b.record).toMatchObject({ pinnedVersion: null, templateVersion: second.hash });
      expect(b.mail?.subject).toBe(`[B] ${a.mail?.subject}`);
      expect(b.mail?.html).toContain('#20304a');

      // By the beginning of its hash, too.
      const asked = await world.send(message({ templateVersion: first.hash.slice(0, 9) }));
      expect(asked.record).toMatchObject({ state: 'sent', pinnedVersion: first.hash });
      expect(withoutOwnLinks(asked.mail?.html)).toBe(withoutOwnLinks(a.mail?.html));

      // Rolling back is pointing at what was live before: the very next message has it.
      await transaction(world.app.pool, (db) => rollBack(db, 'main', template, by));
      const back = await world.send(message());
      expect(back.record).toMatchObject({ templateVersion: first.hash });
      expect(withoutOwnLinks(back.mail?.html)).toBe(withoutOwnLinks(a.mail?.html));
    },
  );

  it('a version that is not there is refused at the edge, by its field', async () => {
    await expect(accept(order({ templateVersion: 'abcdef0' }))).rejects.toMatchObject({
      problems: [{ path: 'templateVersion' }],
    });
    await expect(accept(order({ templateVersion: 'newest' }))).rejects.toMatchObject({
      problems: [{ path: 'templateVersion', message: expect.stringContaining('must be live') }],
    });
    await expect(
      world.app.producer.enqueueMany([order(), order({ templateVersion: 'abcdef0' })]),
    ).rejects.toMatchObject({ problems: [{ path: '[1].templateVersion' }] });
    // A flight's version is no version of the order confirmation.
    const [other] = await listVersions(world.app.pool, 'main', 'flight-booking');
    await expect(accept(order({ templateVersion: other?.hash ?? '' }))).rejects.toThrow(
      'no published version',
    );
  });

  it('a key that is handed in again is the same message, whatever is live by then', async () => {
    const message = order({ templateVersion: 'accepted', idempotencyKey: `again-${backend}` });
    const first = await world.app.producer.enqueue(message);
    await transaction(world.app.pool, (db) =>
      pointTo(db, 'main', { template: 'order-confirmation', hash: null }, { ...by, how: 'use' }),
    );
    expect(await world.app.producer.enqueue(message)).toEqual({ id: first.id, created: false });
    await transaction(world.app.pool, (db) => rollBack(db, 'main', 'order-confirmation', by));
  });

  it('what cannot be loaded here sends nothing else: its mails wait, the template pauses, and pointing elsewhere heals', async () => {
    const { pool } = world.app;
    const good = await desk.publish('shipped');
    expect((await world.send(shipped(0))).record.templateVersion).toBe(good.hash);
    await desk.edit('shipped/locales/en.json', subject('X'));
    const bad = await desk.publish('shipped', { live: false });
    await pool.query(
      `update template_versions set files = files - 'shipped/body.mjml' where hash = $1`,
      [bad.hash],
    );
    await transaction(pool, (db) =>
      pointTo(db, 'main', { template: 'shipped', hash: bad.hash }, { ...by, how: 'use' }),
    );
    const ids = await Promise.all(Array.from({ length: 8 }, (__, n) => accept(shipped(n))));
    await vi.waitFor(
      async () =>
        expect(await listPausedFlows(pool, 'main')).toContainEqual(
          expect.objectContaining({
            flow: 'template:shipped',
            why: expect.stringContaining('version-unloadable'),
          }),
        ),
      { timeout: 60_000, interval: 100 },
    );
    for (const id of ids)
      expect((await world.settled(id, ['queued', 'held', 'sent'])).state).not.toBe('sent');
    await transaction(pool, (db) => rollBack(db, 'main', 'shipped', by));
    for (const id of ids)
      await vi.waitFor(
        async () =>
          expect(await world.settled(id)).toMatchObject({
            state: 'sent',
            tries: 0,
            templateVersion: good.hash,
          }),
        { timeout: 90_000 },
      );
  });

  it('a campaign keeps one version for all of its mails', async () => {
    const { pool } = world.app;
    const template = 'year-in-review';
    const first = await desk.publish(template);
    const campaign = await createCampaign(pool, {
      id: randomUUID(),
      tenant: 'main',
      brand: 'kestrel',
      template,
      parameters: { year: 2025 },
      idempotencyKey: null,
      wantedVersion: 'accepted',
    });
    await addAudience(pool, campaign.id, ['ana-keller', 'elin-strand']);
    await desk.edit(`${template}/locales/en.json`, subject('B'));
    await desk.publish(template);
    await transaction(pool, (db) => changeCampaign(db, 'main', campaign.id, 'running'));
    await vi.waitFor(
      async () => {
        const { rows } = await pool.query(
          `select pinned_version, template_version from messages where campaign_id = $1 and state in ('sent', 'suppressed')`,
          [campaign.id],
        );
        expect(rows).toEqual(
          Array.from({ length: 2 }, () => ({
            pinned_version: first.hash,
            template_version: first.hash,
          })),
        );
      },
      { timeout: 60_000, interval: 100 },
    );
  });

  it('prunes what is of no use, and never what is in use', async () => {
    const { pool } = world.app;
    const prune = () =>
      transaction(pool, (db) => pruneVersions(db, 'main', { days: 0, keep: [], dry: false }));
    const kept = await desk.publish('delivered');
    await hold('delivered');
    const id = await accept({
      template: 'delivered',
      brand: 'juniper',
      to: { memberId: 'hanna-vogel' },
      data: sample('delivered', 'juniper'),
      templateVersion: 'accepted',
    });
    await desk.edit('delivered/locales/en.json', subject('B'));
    const idle = await desk.publish('delivered');
    await desk.edit('delivered/locales/en.json', subject('C'));
    const live = await desk.publish('delivered');
    const hashes = async () =>
      (await listVersions(pool, 'main', 'delivered')).map(({ hash }) => hash).toSorted();
    expect((await prune()).versions).toContainEqual({ template: 'delivered', hash: idle.hash });
    expect(await hashes()).toEqual([kept.hash, live.hash].toSorted());
    await letGo('delivered');
    expect((await outcome(id)).record).toMatchObject({ state: 'sent', templateVersion: kept.hash });
    await prune();
    expect(await hashes()).toEqual([live.hash]);
    const { rows } = await pool.query<{ unused: number; missing: number }>(
      `with named as (select f.value as hash from template_versions v, jsonb_each_text(v.files) f)
       select (select count(*)::int from template_files where hash not in (select hash from named)) as unused,
         (select count(*)::int from named where hash not in (select hash from template_files)) as missing`,
    );
    expect(rows).toEqual([{ unused: 0, missing: 0 }]);
  });

  it('another worker with another disk and other code makes the same mail: the version is in Postgres', async () => {
    const [live] = await listVersions(world.app.pool, 'main', 'order-confirmation');
    const templateVersion = live?.hash ?? '';
    const before = await world.send(order({ templateVersion }));
    await hold('order-confirmation');
    const waiting = await accept(order({ templateVersion }));
    await world.settled(waiting, ['held']);
    // The first worker goes; the other one's folder is not what it was, and it has no copy of any version.
    await world.app.close();
    const folder = await mkdtemp(join(tmpdir(), 'laurel-other-'));
    await desk.edit('order-confirmation/locales/en.json', subject('Z'));
    await desk.edit('brands/juniper/brand.json', colour('#402040'));
    // Nor is its code: looks and words stay the version's, and the decision says so.
    const code = 'order-confirmation/template.ts';
    await desk.edit(code, (text) => `${text}\n// Of another deployment.\n`);
    const brands = await loadBrands(desk.root);
    const other = await openApp({
      config: loadConfig({ ...world.env, LAUREL_DIR: folder, ROLES: 'worker' }),
      log: openLog('silent'),
      now: world.now,
      open: async () => ({
        brands,
        templates: await loadTemplates({ root: desk.root, definitions: templates, brands }),
      }),
    });
    try {
      await resumeFlow(other.pool, { tenant: 'main', flow: 'template:order-confirmation' });
      const sent = await vi.waitFor(
        async () => {
          const record = await findMessage(other.pool, 'main', waiting);
          expect(record?.state).toBe('sent');
          return record;
        },
        { timeout: 120_000, interval: 100 },
      );
      expect(sent?.templateVersion).toBe(templateVersion);
      expect(before.record.decision?.basis).not.toHaveProperty('otherCode');
      expect(sent?.decision?.basis).toMatchObject({ otherCode: [code] });
      const mail = world.sink.mails.find(({ messageId }) => messageId.startsWith(waiting));
      expect(withoutOwnLinks((await mail?.parse())?.html)).toBe(withoutOwnLinks(before.mail?.html));
    } finally {
      await other.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

it('a worker killed half-way changes no version: those after it go on with what was accepted', async () => {
  const database = await freshDatabase();
  const sink = await startRemoteSink();
  const ground = await openGround({
    backend: backends().at(-1) ?? 'postgres',
    database,
    redisUrl: redisUrl(),
    sink,
    env: { LEASE_SECONDS: '2', WORKER_CONCURRENCY: '4' },
  });
  const desk = await openDesk(() => database.pool);
  try {
    await desk.edit('order-confirmation/locales/en.json', subject('A'));
    const first = await desk.publish('order-confirmation');
    await ground.enqueue(30, () => ({ templateVersion: 'accepted' }));
    await desk.edit('order-confirmation/locales/en.json', subject('B'));
    const second = await desk.publish('order-confirmation');
    await ground.enqueue(10, (n) => ({ to: { email: `late-${n}@example.com` } }));
    const worker = await ground.start();
    await untilArrived(sink, 5);
    await worker.kill();
    // Nothing is left of what the first one had on its disk.
    const folder = await mkdtemp(join(tmpdir(), 'laurel-next-'));
    await ground.start({ env: { LAUREL_DIR: folder } });
    expect(await ground.drained()).toEqual({ sent: 40 });
    const { rows } = await database.pool.query(
      `select pinned_version, template_version, count(*)::int from messages group by 1, 2 order by 3 desc`,
    );
    expect(rows).toEqual([
      { pinned_version: first.hash, template_version: first.hash, count: 30 },
      { pinned_version: null, template_version: second.hash, count: 10 },
    ]);
    await rm(folder, { recursive: true, force: true });
  } finally {
    await ground.close();
    await desk.close();
    await Promise.all([sink.close(), database.close()]);
  }
}, 180_000);
