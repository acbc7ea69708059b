import { expect, it } from 'vitest';

import { startRedis } from '../test/redis.ts';
import { backends, openWorld } from '../test/world.ts';

it.runIf(backends().includes('redis'))(
  'stops when its time is up although the queue has gone, and has everything recorded',
  async () => {
    const redis = await startRedis(undefined);
    const world = await openWorld('redis', {
      env: { REDIS_URL: redis.url ?? '', SHUTDOWN_SECONDS: '2' },
    });
    const { record } = await world.send({
      template: 'order-confirmation',
      brand: 'juniper',
      to: { email: 'guest@example.com' },
      data: {
        orderId: 'C1',
        orderedAt: '2026-11-20T12:00:00Z',
        currency: 'EUR',
        items: [{ productId: 'flat-white', name: 'Flat white', quantity: 1, unitPrice: 390 }],
        totals: { subtotal: 390, total: 390 },
        fulfilment: { kind: 'pickup' },
      },
    });
    await redis.close();
    await world.close();
    expect(record.state).toBe('sent');
  },
  120_000,
);
