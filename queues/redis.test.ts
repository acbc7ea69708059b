import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { redisUrl } from '../test/database.ts';
import { startRedisServer } from '../test/redis.ts';
import { openQueueBackend } from './backend.ts';
import { messagesOf, SendJob } from './names.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = opened.pop(); close; close = opened.pop()) await close();
});

const start = async (settings: string) => {
  const server = await startRedisServer(settings);
  opened.push(server.close);
  return server;
};
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'laurel-redis-'));
  opened.push(() => rm(path, { recursive: true, force: true }));
  return path;
};
const ask = async (port: number, ...command: [string, ...string[]]) => {
  const redis = new Redis(port, '127.0.0.1');
  redis.on('error', () => {});
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
};

/** A queue, a worker, and what it did. */
async function work(url: string) {
  const backend = await openQueueBackend({
    redisUrl: url,
    databaseUrl: '',
    prefix: `test-${randomUUID()}`,
  });
  opened.push(backend.close);
  const queue = backend.openQueue('transactional');
  const done: string[] = [];
  const worker = backend.openWorker(
    'transactional',
    async ({ name, data }) => {
      if (name === 'send') done.push(...messagesOf(SendJob.parse(data)));
    },
    { concurrency: 5, onError: () => {} },
  );
  opened.push(() => Promise.all([queue.close(), worker.close()]));
  return { queue, done };
}
const patience = { timeout: 30_000, interval: 100 };

describe.runIf(redisUrl() !== null)('jobs', { timeout: 90_000 }, () => {
  it('run in a Cluster', async () => {
    const dir = await folder();
    const { port } = await start(
      `--cluster-enabled yes --cluster-announce-ip 127.0.0.1 --dir ${dir}`,
    );
    await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await vi.waitFor(
      async () => expect(await ask(port, 'CLUSTER', 'INFO')).toContain('state:ok'),
      patience,
    );
    const { queue, done } = await work(`redis+cluster://127.0.0.1:${port}`);
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await vi.waitFor(() => queue.add(ids), patience);
    await vi.waitFor(() => expect(new Set(done).size).toBe(20), patience);
    const beat = await queue.beat();
    await vi.waitFor(async () => expect(await queue.isGone(beat)).toBe(true), patience);
  });

  it('go on with the new primary when the one the sentinels watch is gone', async () => {
    const dir = await folder();
    const first = await start(`--dir ${dir}`);
    await start(`--dir ${dir} --replicaof 127.0.0.1 ${first.port}`);
    const config = join(dir, 'sentinel.conf');
    await writeFile(
      config,
      [
        `sentinel monitor main 127.0.0.1 ${first.port} 1`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 2000',
      ].join('\n'),
    );
    const sentinel = await start(`${config} --sentinel`);
    await vi.waitFor(
      async () =>
        expect(String(await ask(sentinel.port, 'SENTINEL', 'REPLICAS', 'main'))).toContain(
          '127.0.0.1',
        ),
      patience,
    );
    const { queue, done } = await work(`redis+sentinel://127.0.0.1:${sentinel.port}/main`);
    await vi.waitFor(() => queue.add([randomUUID()]), patience);
    await vi.waitFor(() => expect(done).toHaveLength(1), patience);

    await first.close();
    await vi.waitFor(() => queue.add([randomUUID()]), patience);
    await vi.waitFor(() => expect(done).toHaveLength(2), patience);
  });
});
