import { randomUUID } from 'node:crypto';

import { describe, expect, it, vi } from 'vitest';

import { freshDatabase, redisUrl } from '../test/database.ts';
import { backends } from '../test/world.ts';
import { openQueueBackend } from './backend.ts';
import { jobsFor, jobSize, messagesOf, queueNames } from './names.ts';
import { startSendWorker } from './worker.ts';

const idsOf = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

it('few messages have a job each, named after them; many share jobs, each in one', () => {
  for (const count of [1, 2, 2 * jobSize - 1, 2 * jobSize, 2 * jobSize + 1, 500]) {
    const ids = idsOf(count);
    const jobs = jobsFor(ids);
    expect(jobs.flatMap(({ data }) => messagesOf(data))).toEqual(ids);
    const alone = count < 2 * jobSize;
    expect(jobs).toHaveLength(alone ? count : Math.ceil(count / jobSize));
    expect(jobs.every(({ jobId }) => ids.includes(jobId))).toBe(alone);
  }
});

describe.each(backends())('on %s', { timeout: 90_000 }, (kind) => {
  it('messages that share a job are in hand only so many at once, one that fails is given back alone, and so is what is not begun at the end', async () => {
    const database = await freshDatabase();
    const backend = await openQueueBackend({
      redisUrl: kind === 'redis' ? (redisUrl() ?? undefined) : undefined,
      databaseUrl: database.url,
      prefix: `test-${randomUUID()}`,
    });
    const queue = backend.openQueue(queueNames.transactional);
    const ids = idsOf(60);
    await queue.add(ids);
    expect(await queue.unfinished()).toBe(6);
    await vi.waitFor(async () => expect(await queue.lagMs()).toBeGreaterThan(20));

    const begun: string[] = [];
    const back: string[] = [];
    let inHand = 0;
    let most = 0;
    let stop = false;
    const [failing = ''] = ids;
    const worker = startSendWorker(
      backend,
      'transactional',
      async (id) => {
        begun.push(id);
        inHand += 1;
        most = Math.max(most, inHand);
        await new Promise((resolve) => void setTimeout(resolve, stop ? 200 : 5));
        inHand -= 1;
        if (id === failing && begun.filter((one) => one === id).length === 1)
          throw new Error('cannot be asked for');
      },
      {
        concurrency: 3,
        onJob: () => {},
        onError: () => {},
        giveBack: async (some) => void back.push(...some),
      },
    );
    await vi.waitFor(async () => expect(await queue.unfinished()).toBe(0), { timeout: 20_000 });
    // None of those that share its job is begun again: it was done.
    expect(begun.toSorted()).toEqual(ids.toSorted());
    expect(back.splice(0)).toEqual([failing]);
    await queue.add([failing]);
    await vi.waitFor(() => expect(begun.filter((id) => id === failing)).toHaveLength(2), {
      timeout: 20_000,
    });
    expect(most).toBe(3);
    await vi.waitFor(async () => expect(await queue.lagMs()).toBe(0));

    stop = true;
    const more = idsOf(40);
    await queue.add(more);
    await vi.waitFor(() => expect(begun.some((id) => more.includes(id))).toBe(true), {
      timeout: 20_000,
    });
    await worker.close();
    const left = begun.filter((id) => more.includes(id));
    expect(back.length).toBeGreaterThan(0);
    expect(left.filter((id) => back.includes(id))).toEqual([]);
    const unbegun = (await queue.unfinished()) * jobSize;
    expect(left.length + back.length + unbegun).toBe(more.length);
    await queue.close();
    await backend.close();
    await database.close();
  });
});
