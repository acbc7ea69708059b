import type { MessageRequest } from '../../queues/producer.ts';
import { type Ground, numberOf, rowsOf, type States, until, untilArrived } from './ground.ts';

/** What a run of faults left behind. */
export type FaultReport = {
  readonly states: States;
  /** Different Message-IDs that arrived. */
  readonly unique: number;
  /** Copies beyond the first. */
  readonly extra: number;
  /** Messages that were being sent at the moments of the kills: as many may have arrived twice. */
  readonly inFlight: number;
  /** Answers the mail server kept to itself although it took the mail, and mails it put off. */
  readonly dropped: number;
  readonly deferred: number;
  /** What Laurel counted as possible copies. */
  readonly unknownOutcomes: number;
};

/** The worker is killed with -9 and another one started, or something else happens. */
export type Fault = 'kill' | (() => Promise<void>);

/**
 * Promises 1 to 3: a worker sends, and faults come one after the other, spread over the mails. Each waits until more
 * mail has arrived, so that it always hits work in progress.
 */
export async function sendUnderFaults(
  ground: Ground,
  {
    messages,
    changes,
    faults,
    timeoutMs,
    onFault,
  }: {
    readonly messages: number;
    /** To the receipts that are sent. */
    readonly changes?: (n: number) => Partial<MessageRequest>;
    readonly faults: readonly Fault[];
    readonly timeoutMs?: number;
    readonly onFault?: (nth: number) => void;
  },
): Promise<FaultReport> {
  await ground.enqueue(messages, changes);
  const inFlight = new Set<string>();
  let service = await ground.start();
  for (const [at, fault] of faults.entries()) {
    await untilArrived(ground.sink, Math.floor((messages * (at + 1)) / (faults.length + 2)));
    onFault?.(at + 1);
    if (fault === 'kill') {
      await service.kill();
      for (const token of await abandonedClaims(ground)) inFlight.add(token);
      service = await ground.start();
    } else await fault();
  }
  const states = await ground.drained(timeoutMs);
  await service.stop();
  return { states, ...(await arrived(ground)), inFlight: inFlight.size };
}

/** What the mail server got, and what Laurel knows of it. */
export async function arrived({
  sink,
  pool,
}: Ground): Promise<Omit<FaultReport, 'states' | 'inFlight'>> {
  const { unique, copies, dropped, deferred } = await sink.stats();
  return {
    unique,
    extra: copies,
    dropped,
    deferred,
    unknownOutcomes: await numberOf(
      pool,
      'select coalesce(sum(unknown_outcomes), 0) from messages',
    ),
  };
}

/** The claims a killed worker left behind: their outcome is unknown. */
export async function abandonedClaims({ pool }: Ground): Promise<string[]> {
  // What it had asked of Postgres may still be done after its death.
  await until(async () => {
    const others = `select count(*) from pg_stat_activity where datname = current_database()
      and backend_type = 'client backend' and application_name <> 'chaos'`;
    return (await numberOf(pool, others)) === 0;
  });
  const rows = await rowsOf<{ token: string }>(
    pool,
    `select token from messages where state = 'sending'`,
  );
  return rows.map(({ token }) => token);
}

/** Promise 4: the worker of one and the same message dies every time the mail server is about to answer. */
export async function killSameMessage(
  ground: Ground,
  { times }: { readonly times: number },
): Promise<States> {
  const { sink } = ground;
  // The answer comes so late that the worker is dead by then.
  await sink.behave({ delay: 600_000 });
  await ground.enqueue(1);
  for (let kill = 1; kill <= times; kill++) {
    const service = await ground.start();
    await untilArrived(sink, kill);
    await service.kill();
  }
  await sink.behave({});
  const service = await ground.start();
  const states = await ground.drained();
  await service.stop();
  return states;
}

/** Promise 6: how long until what a killed worker had in hand is sent by the one started in its place. */
export async function measureRecovery(
  ground: Ground,
): Promise<{ readonly inHand: number; readonly seconds: number; readonly states: States }> {
  await ground.sink.behave({ delay: 2_000 });
  await ground.enqueue(200);
  const first = await ground.start();
  await untilArrived(ground.sink, 5);
  await first.kill();
  const killedAt = performance.now();
  await abandonedClaims(ground);
  const inHand = (
    await rowsOf<{ id: string }>(ground.pool, `select id from messages where state = 'sending'`)
  ).map(({ id }) => id);
  await ground.sink.behave({});
  const second = await ground.start();
  const left = `select count(*) from messages where id = any($1::uuid[]) and state <> 'sent'`;
  await until(async () => (await numberOf(ground.pool, left, [inHand])) === 0);
  const seconds = Math.round((performance.now() - killedAt) / 10) / 100;
  const states = await ground.drained();
  await second.stop();
  return { inHand: inHand.length, seconds, states };
}

/** Promise 20: SIGTERM while a 250 is awaited. */
export async function stopWhileWaiting(ground: Ground): Promise<{
  readonly exitCode: number | null;
  readonly states: States;
  readonly arrived: number;
  readonly seconds: number;
}> {
  await ground.sink.behave({ delay: 1_500 });
  await ground.enqueue(1);
  const service = await ground.start();
  await untilArrived(ground.sink, 1);
  const toldAt = performance.now();
  const exitCode = await service.stop();
  const seconds = Math.round((performance.now() - toldAt) / 10) / 100;
  // Nobody else works: what the stopping worker recorded is what counts.
  const states = await ground.drained(1_000);
  return { exitCode, states, arrived: (await ground.sink.stats()).mails, seconds };
}
