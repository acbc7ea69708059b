import { expect, it, vi } from 'vitest';

import { listPausedFlows } from '../src/delivery/pauses.ts';
import { receiptFor } from './chaos/ground.ts';
import { startWireServer } from './smtp-wire.ts';
import { openWorld } from './world.ts';

it('X9: a mail server that says nothing after RCPT pauses mail; everything goes once it speaks again', async () => {
  let silent = true;
  const server = await startWireServer({
    answer: (command) => (silent && command.startsWith('RCPT') ? '' : undefined),
  });
  const world = await openWorld('postgres', {
    fixtures: false,
    env: {
      SMTP_URL: `${server.url}?tls=off`,
      SMTP_POOL: '2',
      SMTP_COMMAND_SECONDS: '1',
      PAUSE_AFTER_FAILURES: '4',
      PAUSE_PROBE_SECONDS: '1',
    },
  });
  try {
    const ids = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, n) => (await world.app.producer.enqueue(receiptFor(n))).id,
      ),
    );
    const paused = () => listPausedFlows(world.app.pool, 'main');
    await vi.waitUntil(async () => (await paused()).length > 0, { timeout: 40_000 });
    expect(await paused()).toMatchObject([{ flow: 'transport:mail', by: 'failures' }]);
    silent = false;
    await vi.waitUntil(async () => (await paused()).length === 0, { timeout: 60_000 });
    const records = await Promise.all(ids.map((id) => world.settled(id)));
    expect(records.map(({ state }) => state)).toEqual(Array(20).fill('sent'));
    expect(await world.app.metrics.registry.metrics()).toContain('laurel_oldest_in_hand_seconds');
  } finally {
    await world.close();
    await server.close();
  }
}, 180_000);
