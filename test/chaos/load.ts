import { setTimeout as sleep } from 'node:timers/promises';

import { suppressAddress } from '../../src/message/rows/guards.ts';
import { type Answers, loadMember, loadMembers, runClient, suppressedOf } from './clients.ts';
import { type Ground, numberOf, rowsOf } from './ground.ts';
import type { Service } from './process.ts';

export type LoadReport = {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly broken: readonly string[];
  readonly memoryMb: number;
  readonly lagMs: number;
  readonly acknowledged: { readonly messages: number; readonly events: number };
};

/** Many clients at once on one service, while what it stands on goes and comes back, evenly over the time. */
export async function loadUnderFaults(
  ground: Ground,
  {
    clients,
    seconds,
    faults,
    onFault,
  }: {
    readonly clients: number;
    readonly seconds: number;
    readonly faults: readonly (() => Promise<unknown>)[];
    readonly onFault?: (nth: number) => void;
  },
): Promise<LoadReport> {
  const service = await ground.start({ roles: 'api,worker', env: { RATE_LIMIT: '1000000' } });
  const url = service.url ?? '';
  for (const address of suppressedOf(clients))
    await suppressAddress(ground.pool, 'main', {
      address,
      reason: 'complaint',
      scope: 'all',
      source: 'chaos',
    });
  await enrol(url);

  const answers: Answers = {
    messages: new Map(),
    events: new Map(),
    reads: 0,
    unavailable: 0,
    wrong: [],
    took: [],
  };
  const endsAt = performance.now() + seconds * 1_000;
  const isOver = () => performance.now() > endsAt;
  const watching = watch(url, isOver);
  const running = Promise.all(
    Array.from({ length: clients }, (_, nth) => runClient(url, nth, isOver, answers)),
  );
  for (const [nth, fault] of faults.entries()) {
    await sleep((seconds * 1_000) / (faults.length + 1));
    onFault?.(nth + 1);
    await fault();
  }
  await running;
  const { memoryMb, lagMs } = await watching;
  const states = await ground.drained(300_000);
  const exitCode = await service.stop();

  const messages = await brokenMessages(ground, answers);
  const events = await brokenEvents(ground, answers);
  const unexplained = answers.unavailable - causesIn(service);
  const took = answers.took.toSorted((a, b) => a - b);
  const { mails, unique } = await ground.sink.stats();
  return {
    memoryMb,
    lagMs,
    acknowledged: { messages: answers.messages.size, events: answers.events.size },
    figures: {
      'messages acknowledged': answers.messages.size,
      'events acknowledged': answers.events.size,
      reads: answers.reads,
      '503s with Retry-After': answers.unavailable,
      'median and 99 % answered within, ms': `${Math.round(took[Math.floor(took.length / 2)] ?? 0)}, ${Math.round(took[Math.floor(took.length * 0.99)] ?? 0)}`,
      'slowest answer, ms': Math.round(took.at(-1) ?? 0),
      'extra copies': mails - unique,
      'largest memory, MB': memoryMb,
      'longest wait of the event loop, ms': lagMs,
      end: Object.entries(states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', '),
    },
    broken: [
      ...answers.wrong.slice(0, 10),
      ...(answers.wrong.length > 10 ? [`and ${answers.wrong.length - 10} more of these`] : []),
      ...messages,
      ...events,
      ...(unexplained > 0 ? [`${unexplained} 503s without their cause in the log`] : []),
      ...(exitCode === 0 ? [] : [`it stopped with ${exitCode}`]),
    ],
  };
}

/** Everybody whose events come. */
async function enrol(url: string): Promise<void> {
  const events = Array.from({ length: loadMembers }, (_, n) => ({
    type: 'member.enrolled',
    source: 'load',
    id: `enrolled-${n}`,
    at: '2026-01-01T09:00:00Z',
    memberId: loadMember(n),
    brand: 'juniper',
    membershipNumber: `load-${n}`,
  }));
  const reply = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  if (!reply.ok) throw new Error(`nobody could be enrolled: ${await reply.text()}`);
}

/** Each is recorded as sent and was sent once, or its address takes none and it wasn't. */
async function brokenMessages({ pool, sink }: Ground, { messages }: Answers): Promise<string[]> {
  const rows = await rowsOf<{ id: string; state: string }>(
    pool,
    'select id::text, state from laurel.messages',
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  const copies = new Map<string, number>();
  for (const [messageId, count] of await sink.ids())
    copies.set(messageId.split('@')[0] ?? '', count);
  return [...messages]
    .flatMap(([id, { suppressed }]) => {
      const expected = suppressed ? 'suppressed, 0 times' : 'sent, 1 times';
      const is = `${states.get(id) ?? 'gone'}, ${copies.get(id) ?? 0} times`;
      return is === expected ? [] : [`message ${id}: ${is}, not ${expected}`];
    })
    .slice(0, 10);
}

/** Each is in the ledger, and each member's points are as many as events of theirs. */
async function brokenEvents({ pool }: Ground, { events }: Answers): Promise<string[]> {
  const rows = await rowsOf<{ id: string; times: string }>(
    pool,
    `select e.id, count(p.*)::text as times from laurel.events e left join laurel.points_entries p
       on p.tenant = e.tenant and p.member_id = e.member_id and p.ledger_version = e.ledger_version
     where e.source = 'load' and e.type = 'points.earned' group by e.id`,
  );
  const times = new Map(rows.map(({ id, times: count }) => [id, Number(count)]));
  const missing = [...events.keys()].filter((id) => times.get(id) !== 1);
  const apart = await numberOf(
    pool,
    `select count(*) from (
       select member_id, count(*) filter (where type = 'points.earned') as told from laurel.events
       where source = 'load' group by member_id) e
     left join (select member_id, sum(points) as points from laurel.points_entries group by member_id) p using (member_id)
     where told is distinct from coalesce(points, 0)`,
  );
  return [
    ...missing.slice(0, 10).map((id) => `event ${id}: entered ${times.get(id) ?? 0} times`),
    ...(apart > 0 ? [`${apart} members whose points aren’t their events`] : []),
  ];
}

/** Lines of the log that say why a request failed. */
const causesIn = (service: Service): number =>
  service
    .output()
    .split('\n')
    .filter((line) => line.includes('"request failed"') && /"err":\{"type":"\w+"/.test(line))
    .length;

/** Looks at the service's own figures all along. */
async function watch(
  url: string,
  isOver: () => boolean,
): Promise<{ readonly memoryMb: number; readonly lagMs: number }> {
  let memoryMb = 0;
  let lagMs = 0;
  while (!isOver()) {
    const reply = await fetch(`${url}/metrics`).catch(() => null);
    // Without its database it doesn't know how long its queues are.
    const text = reply?.ok ? await reply.text() : '';
    const figure = (name: string) =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    memoryMb = Math.max(memoryMb, Math.round(figure('process_resident_memory_bytes') / 2 ** 20));
    lagMs = Math.max(lagMs, Math.round(figure('nodejs_eventloop_lag_max_seconds') * 1_000));
    await sleep(500);
  }
  return { memoryMb, lagMs };
}
