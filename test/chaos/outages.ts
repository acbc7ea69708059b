import { setTimeout as sleep } from 'node:timers/promises';

import { type Ground, numberOf, secondsSince, type States, until, untilArrived } from './ground.ts';
import type { OwnPostgres } from './own-postgres.ts';
import { openTcpProxy, throughPort } from './tcp-proxy.ts';

/** Promise 5: the worker is started first, its database comes up later. Seconds from its first answer to the first mail. */
export async function startBeforeDatabase(
  ground: Ground,
  postgres: Pick<OwnPostgres, 'stop' | 'start'>,
  { aheadMs }: { readonly aheadMs: number },
): Promise<{ readonly states: States; readonly seconds: number }> {
  await ground.enqueue(10);
  await postgres.stop();
  const service = await ground.start({ ready: false });
  await sleep(aheadMs);
  if (!service.alive()) throw new Error(`the worker did not wait: ${service.output()}`);
  await postgres.start();
  const upAt = performance.now();
  await untilArrived(ground.sink, 1);
  const seconds = secondsSince(upAt);
  const states = await ground.drained();
  await service.stop();
  return { states, seconds };
}

/**
 * Promise 7: the connections on which a worker hears that something is due go deaf, without an error, while a message
 * for the far future is waiting. Seconds from accepting a message to its arrival, for each of some messages; and how
 * stopping went, for which a deaf connection never says goodbye.
 */
export async function listenInVain(
  ground: Ground,
  { times }: { readonly times: number },
): Promise<{
  readonly deaf: number;
  readonly pickUps: number[];
  readonly exitCode: number | null;
}> {
  const proxy = await openTcpProxy(Number(new URL(ground.databaseUrl).port));
  try {
    const service = await ground.start({
      env: { DATABASE_URL: throughPort(ground.databaseUrl, proxy.port) },
    });
    const farAway = new Date(Date.now() + 7 * 24 * 3_600_000).toISOString();
    await ground.enqueue(1, () => ({ sendAt: farAway }));
    await ground.enqueue(1);
    await untilArrived(ground.sink, 1);
    const deaf = proxy.deafen();
    const pickUps: number[] = [];
    for (let nth = 1; nth <= times; nth++) {
      // Long enough for everybody to have gone to sleep again.
      await sleep(1_000);
      const acceptedAt = performance.now();
      await ground.enqueue(1);
      await untilArrived(ground.sink, 1 + nth);
      pickUps.push(secondsSince(acceptedAt));
    }
    return { deaf, pickUps, exitCode: await service.stop() };
  } finally {
    await proxy.close();
  }
}

/**
 * Promise 8: the queue loses everything while messages wait, and others keep coming in. Seconds until each of those that
 * waited has a job again.
 */
export async function loseQueue(
  ground: Ground,
  {
    messages,
    lose,
    keepComing,
  }: {
    readonly messages: number;
    readonly lose: () => Promise<unknown>;
    /** So that the queue is never seen empty. */
    readonly keepComing: boolean;
  },
): Promise<{ readonly waiting: number; readonly seconds: number; readonly states: States }> {
  const { pool, sink } = ground;
  await sink.behave({ delay: 2_000 });
  await ground.enqueue(messages);
  const service = await ground.start();
  const withoutJob = `select count(*) from messages where state in ('queued', 'held') and job_at is null`;
  await until(async () => (await numberOf(pool, withoutJob)) === 0);
  await untilArrived(sink, 1);
  await lose();
  const lostAt = performance.now();
  const [at] = (await pool.query<{ now: Date }>('select clock_timestamp() as now')).rows;
  const lost = `select count(*) from messages where state in ('queued', 'held') and (job_at is null or job_at < $1)`;
  const waiting = await numberOf(pool, lost, [at?.now]);
  await until(async () => {
    if (keepComing) await ground.enqueue(1);
    await sleep(200);
    return (await numberOf(pool, `${lost} and accepted_at < $1`, [at?.now])) === 0;
  });
  const seconds = secondsSince(lostAt);
  await sink.behave({});
  const states = await ground.drained();
  await service.stop();
  return { waiting, seconds, states };
}
