import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { listPausedFlows, resumeFlow } from '../src/delivery/pauses.ts';
import { startAlertServer } from './alert-server.ts';
import { receiptFor } from './chaos/ground.ts';
import type { Reply } from './smtp-sink.ts';
import { backends, openWorld, type World } from './world.ts';

const flow = 'transport:mail';
const blocked: Reply = ({ nth, to }) => ({
  refuse: nth % 2 === 1 ? 'recipient' : 'end',
  code: 550,
  // Some servers give a code of its own for it, some don't.
  text: to.includes('bare') ? 'blocked' : '5.7.1 Service unavailable; sender blocked',
});
const unknown: Reply = () => ({
  refuse: 'recipient',
  code: 550,
  text: '5.1.1 no such user',
});

describe.each(backends())('S24: the transport, queue in %s', (backend) => {
  let world: World;
  let alerts: Awaited<ReturnType<typeof startAlertServer>>;
  let n = 0;
  /** Logins the mail server takes. */
  const users: Record<string, string> = { laurel: 'secret' };
  const log: string[] = [];

  beforeAll(async () => {
    alerts = await startAlertServer();
    world = await openWorld(backend, {
      fixtures: false,
      sink: { users },
      login: 'laurel:secret',
      log: (line) => log.push(line),
      env: {
        LOG_LEVEL: 'info',
        ALERT_WEBHOOK_URL: alerts.url,
        PAUSE_AFTER_FAILURES: '4',
        PAUSE_PROBE_SECONDS: '1',
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await alerts.close();
  });
  afterEach(() => {
    world.sink.behave(() => undefined);
    alerts.forget();
    log.splice(0);
  });

  const enqueue = (prefix: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        n += 1;
        const to = { email: `${prefix}-${n % 2 === 0 ? 'bare' : 'coded'}-${n}@example.com` };
        return (await world.app.producer.enqueue({ ...receiptFor(n), to })).id;
      }),
    );
  const settled = (ids: readonly string[], states?: readonly string[]) =>
    Promise.all(ids.map((id) => world.settled(id, states)));
  const copies = (id: string) =>
    world.sink.mails.filter(({ messageId }) => messageId.startsWith(id)).length;
  const suppressed = async (prefix: string) => {
    const { rows } = await world.app.pool.query<{ address: string }>(
      'select address from suppressions where address like $1',
      [`${prefix}-%`],
    );
    return rows.length;
  };
  /** What became of messages, each kind of end once: all went well where it is one mail each. */
  const endsOf = async (ids: readonly string[]) => [
    ...new Set(
      (await settled(ids)).map(
        ({ id, state, tries }) => `${state}, tries spent ${tries}, mails ${copies(id)}`,
      ),
    ),
  ];
  const oneMailEach = ['sent, tries spent 0, mails 1'];
  const nothingPaused = () =>
    vi.waitFor(async () => expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]), {
      timeout: 20_000,
    });

  it('dead addresses are their own affair, however many: suppressed, and nothing pauses', async () => {
    world.sink.behave(unknown);
    const ids = await enqueue('gone', 12);
    for (const record of await settled(ids))
      expect(record).toMatchObject({ state: 'failed', reason: 'recipient-refused' });
    expect(await suppressed('gone')).toBe(12);
    expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]);
    world.sink.behave(() => undefined);
    const again = await world.send({ ...receiptFor(1), to: { email: 'gone-coded-1@example.com' } });
    expect(again.record).toMatchObject({ state: 'suppressed', reason: 'address-suppressed' });
  });

  it('refuses everybody: it pauses and tells somebody; nobody is suppressed or failed for it, and everybody gets one mail', async () => {
    world.sink.behave(blocked);
    const early = await enqueue('blocked', 20);
    const paused = await alerts.hear('flow.paused', flow);
    expect(paused.data).toMatchObject({ tenant: '*', by: 'failures' });
    expect(paused.data['why']).toMatch(/failed, now with (recipient-refused|smtp-550) \(550/);
    expect(paused.body).not.toMatch(/@|blocked/);
    const late = await enqueue('blocked', 5);
    for (const record of await settled([...early, ...late], ['held']))
      expect(record).toMatchObject({ reason: 'transport-paused', tries: 0, finishedAt: null });
    await vi.waitFor(async () => expect(await suppressed('blocked')).toBe(0));
    const [shown] = await listPausedFlows(world.app.pool, 'main');
    expect(shown).toMatchObject({ flow, by: 'failures', held: 25 });
    expect(shown?.messagesTakenBack).toBeGreaterThanOrEqual(8);

    world.sink.behave(() => undefined);
    const resumed = await alerts.hear('flow.resumed', flow);
    expect(resumed.data['messagesTakenBack']).toBeGreaterThanOrEqual(8);
    expect(resumed.data['suppressionsUndone']).toBeGreaterThanOrEqual(1);
    expect(await endsOf([...early, ...late])).toEqual(oneMailEach);
    expect(await suppressed('blocked')).toBe(0);
    expect(await suppressed('gone')).toBe(12);
    expect(log.filter((line) => line.includes('requeued what the transport refused'))).not.toEqual(
      [],
    );
    expect(log.join()).not.toContain('@example.com');
  }, 60_000);

  it('while it is paused one message at a time is let through to see', async () => {
    world.sink.behave(blocked);
    const early = await enqueue('probe', 12);
    await alerts.hear('flow.paused', flow);
    await settled(early, ['held']);
    // Whatever was in hand has ended: from here on only probes knock.
    let knocks = 0;
    let at = 0;
    let most = 0;
    world.sink.behave((mail) => {
      knocks += 1;
      const now = performance.now();
      most = now - at < 200 ? most + 1 : 1;
      at = now;
      return blocked(mail);
    });
    await vi.waitFor(() => expect(knocks).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
    expect(most).toBe(1);
    world.sink.behave(() => undefined);
    await alerts.hear('flow.resumed', flow);
    expect(await endsOf(early)).toEqual(oneMailEach);
    await nothingPaused();
  }, 60_000);

  it('the login is revoked: it pauses, and resumes once it is taken again', async () => {
    const { sink } = world;
    users['laurel'] = 'another';
    // Connections that are logged in already stay so.
    sink.behave(() => ({ drop: 'before-dot' }));
    const ids = await enqueue('login', 10);
    await alerts.hear('flow.paused', flow);
    await settled(ids, ['held']);
    users['laurel'] = 'secret';
    sink.behave(() => undefined);
    await alerts.hear('flow.resumed', flow);
    expect(await endsOf(ids)).toEqual(oneMailEach);
  }, 60_000);

  it('resumed by hand, everything goes at once', async () => {
    world.sink.behave(blocked);
    const ids = await enqueue('hand', 10);
    await alerts.hear('flow.paused', flow);
    await settled(ids, ['held']);
    world.sink.behave(() => undefined);
    await resumeFlow(world.app.pool, { tenant: '*', flow });
    expect(await endsOf(ids)).toEqual(oneMailEach);
  }, 60_000);

  it('a single mail it refuses is put down to that mail', async () => {
    world.sink.behave(({ to }) =>
      to.startsWith('spam')
        ? { refuse: 'end', code: 554, text: '5.7.1 looks like spam' }
        : undefined,
    );
    const [spam = ''] = await enqueue('spam', 1);
    expect(await endsOf(await enqueue('fine', 10))).toEqual(oneMailEach);
    expect(await world.settled(spam)).toMatchObject({ state: 'failed', reason: 'smtp-554' });
    expect(await listPausedFlows(world.app.pool, 'main')).toEqual([]);
  });
});
