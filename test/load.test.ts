import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { openGround } from './chaos/ground.ts';
import { loadUnderFaults } from './chaos/load.ts';
import { openOwnPostgres, type OwnPostgres } from './chaos/own-postgres.ts';
import { openOwnRedis, type OwnRedis } from './chaos/own-redis.ts';
import { type RemoteSink, startRemoteSink } from './smtp-sink-remote.ts';
import { backends } from './world.ts';

/* Faults under load, at a size for every day; `npm run chaos -- --only load` is the same with 200 clients for a minute. */
let postgres: OwnPostgres;
let redis: OwnRedis | null;
let sink: RemoteSink;
beforeAll(async () => {
  [postgres, redis, sink] = await Promise.all([
    openOwnPostgres({ durable: false }),
    openOwnRedis(),
    startRemoteSink(),
  ]);
});
afterAll(() => Promise.all([postgres.close(), redis?.close(), sink.close()]));

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (let one = opened.pop(); one; one = opened.pop()) await one.close();
});

it.each(backends())(
  'loses nothing and says 503 at most while what it stands on goes and comes back, queue on %s',
  async (backend) => {
    const database = await postgres.freshDatabase();
    opened.push(database);
    const ground = await openGround({ backend, database, redisUrl: redis?.url ?? null, sink });
    opened.push(ground);
    const { broken, acknowledged, memoryMb } = await loadUnderFaults(ground, {
      clients: 20,
      seconds: 6,
      faults: [
        () => postgres.restart('kill'),
        ...(backend === 'redis' && redis ? [() => redis?.restart(500) ?? Promise.resolve()] : []),
      ],
    });
    expect(broken).toEqual([]);
    expect(acknowledged.messages).toBeGreaterThanOrEqual(40);
    expect(acknowledged.events).toBeGreaterThanOrEqual(40);
    expect(memoryMb).toBeGreaterThan(0);
  },
  400_000,
);
