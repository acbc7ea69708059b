import { setTimeout as sleep } from 'node:timers/promises';

import type { SmtpSink } from '../smtp-sink.ts';
import { countCopies, type Ground } from './ground.ts';
import { type Service, startService } from './process.ts';

/** What a run of kills left behind. */
export type KillReport = {
  readonly messages: number;
  readonly states: Readonly<Record<string, number>>;
  /** Different Message-IDs that arrived. */
  readonly unique: number;
  /** Copies beyond the first. */
  readonly extra: number;
  /** Messages that were being sent at the moments of the kills: as many may have arrived twice. */
  readonly inFlight: number;
  readonly unknownOutcomes: number;
};

/**
 * Promises 1 and 2: workers are killed with -9 again and again while they work messages off. Each kill waits until
 * some more mail has arrived, so that it always hits work in progress.
 */
export async function killWorkers(
  ground: Ground,
  sink: SmtpSink,
  { messages, kills, timeoutMs }: { messages: number; kills: number; timeoutMs?: number },
): Promise<KillReport> {
  await ground.enqueue(messages);
  let inFlight = 0;
  let service = await startService({ ...ground.env, ROLES: 'worker' });
  for (let kill = 1; kill <= kills; kill++) {
    await untilArrived(sink, Math.floor((messages * kill) / (kills + 2)));
    await service.kill();
    // Rows still marked as being sent are those this kill left with an unknown outcome.
    inFlight += await countSending(ground);
    service = await startService({ ...ground.env, ROLES: 'worker' });
  }
  const states = await ground.drained(timeoutMs).finally(() => service.stop());
  const { rows } = await ground.pool.query<{ sum: number }>(
    'select coalesce(sum(unknown_outcomes), 0)::int as sum from messages',
  );
  return {
    messages,
    states,
    ...countCopies(sink.mails.map(({ messageId }) => messageId)),
    inFlight,
    unknownOutcomes: rows[0]?.sum ?? 0,
  };
}

async function countSending({ pool }: Ground): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from messages where state = 'sending'`,
  );
  return rows[0]?.count ?? 0;
}

async function untilArrived(sink: SmtpSink, count: number): Promise<void> {
  while (sink.mails.length < count) await sleep(5);
}

/** Promise 4: the worker of one and the same message dies every time the mail server is about to answer. */
export async function killSameMessage(
  ground: Ground,
  sink: SmtpSink,
  { times }: { times: number },
): Promise<Readonly<Record<string, number>>> {
  // The answer comes so late that the worker is dead by then.
  sink.behave(({ nth }) => (nth <= times ? { delay: 600_000 } : undefined));
  await ground.enqueue(1);
  for (let kill = 1; kill <= times; kill++) {
    const service = await startService({ ...ground.env, ROLES: 'worker' });
    await untilArrived(sink, kill);
    await service.kill();
  }
  const service = await startService({ ...ground.env, ROLES: 'worker' });
  return ground.drained().finally(() => service.stop());
}

/** Promise 20: SIGTERM while a 250 is awaited. Returns the worker's exit code and what became of the message. */
export async function stopWhileWaiting(
  ground: Ground,
  sink: SmtpSink,
): Promise<{ exitCode: number | null; states: Readonly<Record<string, number>>; arrived: number }> {
  sink.behave(() => ({ delay: 1_500 }));
  await ground.enqueue(1);
  const service = await startService({ ...ground.env, ROLES: 'worker' });
  await untilArrived(sink, 1);
  const exitCode = await service.stop();
  // Nobody else works: what the stopping worker recorded is what counts.
  const states = await ground.drained(1_000);
  return { exitCode, states, arrived: sink.mails.length };
}

/** Promise 9: the API takes a message while the queue is down, and is killed right after its 202. */
export async function killApiAfterAccepting(
  ground: Ground,
  requests: readonly unknown[],
  queueDown: Readonly<Record<string, string>>,
): Promise<{ replies: number[]; states: Readonly<Record<string, number>> }> {
  const api = await startService({ ...ground.env, ...queueDown, ROLES: 'api' });
  const replies: number[] = [];
  for (const request of requests) {
    const reply = await fetch(`${api.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    replies.push(reply.status);
  }
  await api.kill();
  const service = await startService({ ...ground.env, ROLES: 'worker' });
  const states = await ground.drained().finally(() => service.stop());
  return { replies, states };
}

/** Keeps a worker alive for the length of `work`. */
export async function withWorker<T>(
  ground: Ground,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await startService({ ...ground.env, ROLES: 'worker' });
  try {
    return await work(service);
  } finally {
    await service.stop();
  }
}
