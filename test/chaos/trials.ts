import { suppressAddress } from '../../src/message/rows/guards.ts';
import type { Backend } from '../world.ts';
import { killAfterAccepting, repeatOneKey } from './accepting.ts';
import { sendCampaignUnderKills } from './campaign.ts';
import { type Ground, receiptFor, type States } from './ground.ts';
import {
  type Fault,
  killSameMessage,
  measureRecovery,
  sendUnderFaults,
  stopWhileWaiting,
} from './kills.ts';
import { loadUnderFaults } from './load.ts';
import { listenInVain, loseQueue, startBeforeDatabase } from './outages.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnRedis } from './own-redis.ts';
import { sequence } from './sequence.ts';

/** What a trial is given. */
export type Stage = {
  readonly backend: Backend;
  /** A ground of its own, closed after the trial. */
  readonly open: (env?: Readonly<Record<string, string>>) => Promise<Ground>;
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis | null;
  readonly messages: number;
  /** Of the campaign. */
  readonly members: number;
  readonly progress: (line: string) => void;
};

/** What a trial found out. */
export type Finding = {
  readonly did: string;
  readonly figures: Readonly<Record<string, number | string>>;
  /** What of the promise didn't hold; empty when it was kept. */
  readonly broken: readonly string[];
};

export type Trial = {
  /** As in the list of promises. */
  readonly name: string;
  readonly promise: string;
  readonly backends: readonly Backend[];
  readonly run: (stage: Stage) => Promise<Finding>;
};

const both: readonly Backend[] = ['postgres', 'redis'];
const kills = 20;

/** What doesn't hold among what should. */
const unless = (claims: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [`not so: ${claim}`]));

const allSent = (states: States, count: number) =>
  states['sent'] === count && total(states) === count;
const total = (states: States) => Object.values(states).reduce((sum, one) => sum + one, 0);
const inWords = (states: States) =>
  Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

async function killedWorkers({ open, messages, progress }: Stage): Promise<Finding> {
  const report = await sendUnderFaults(await open(), {
    messages,
    faults: Array.from({ length: kills }, () => 'kill' as const),
    timeoutMs: 1_800_000,
    onFault: (nth) => progress(`kill ${nth} of ${kills}`),
  });
  const lost = messages - report.unique;
  return {
    did: `${messages} messages; their worker killed with -9 ${kills} times while it was sending, and started again`,
    figures: {
      lost,
      'different Message-IDs': report.unique,
      'extra copies': report.extra,
      'in flight at the kills': report.inFlight,
      'counted as unknown outcomes': report.unknownOutcomes,
      end: inWords(report.states),
    },
    broken: unless({
      'every message arrived': lost === 0,
      'every message is recorded as sent': allSent(report.states, messages),
      'at most the mails in flight at the kills arrived again': report.extra <= report.inFlight,
      'every mail in flight is counted': report.unknownOutcomes === report.inFlight,
    }),
  };
}

async function faultsTogether({ open, messages, postgres, progress }: Stage): Promise<Finding> {
  const ground = await open();
  await ground.sink.behave({ dropAnswer: 0.01, defer: 0.05 });
  const restarts = 4;
  const every = kills / restarts;
  const faults = Array.from({ length: kills + restarts }, (_, n): Fault => {
    const restart = Math.floor(n / (every + 1));
    if (n % (every + 1) !== every) return 'kill';
    return () => postgres.restart(restart % 2 === 0 ? 'shutdown' : 'kill');
  });
  const report = await sendUnderFaults(ground, {
    messages,
    faults,
    timeoutMs: 1_800_000,
    onFault: (nth) => progress(`fault ${nth} of ${faults.length}`),
  });
  const lost = messages - report.unique;
  const sent = report.states['sent'] ?? 0;
  return {
    did: `${messages} messages; ${kills} kill -9 of the worker, ${restarts} restarts of Postgres under it (two of them by kill -9), 1 % of the 250s dropped, 5 % of the mails put off with 451`,
    figures: {
      lost,
      'wrongly failed': total(report.states) - sent,
      '250s dropped': report.dropped,
      '451s': report.deferred,
      'extra copies': report.extra,
      'counted as unknown outcomes': report.unknownOutcomes,
      end: inWords(report.states),
    },
    broken: unless({
      'every message arrived': lost === 0,
      'every message is recorded as sent': allSent(report.states, messages),
      'every extra copy is counted': report.extra <= report.unknownOutcomes,
    }),
  };
}

async function sameMessageKilled({ open }: Stage): Promise<Finding> {
  const times = 5;
  const ground = await open({ MAX_TRIES: '2' });
  const states = await killSameMessage(ground, { times });
  const { unique } = await ground.sink.stats();
  return {
    did: `the worker of one message killed ${times} times while its 250 was awaited, with 2 tries allowed`,
    figures: { end: inWords(states), 'different Message-IDs': unique },
    broken: unless({
      'it was delivered': allSent(states, 1),
      'under one Message-ID': unique === 1,
    }),
  };
}

async function coldStart({ open, postgres }: Stage): Promise<Finding> {
  const { states, seconds } = await startBeforeDatabase(await open(), postgres, {
    aheadMs: 60_000,
  });
  return {
    did: 'a worker started 60 s before its database',
    figures: { 'seconds from its first answer to the first mail': seconds, end: inWords(states) },
    broken: unless({
      'it sent within 10 s': seconds <= 10,
      'everything was sent': allSent(states, 10),
    }),
  };
}

async function recovery({ open }: Stage): Promise<Finding> {
  const { inHand, seconds, states } = await measureRecovery(await open());
  return {
    did: `a worker killed with -9 with ${inHand} messages in hand, another started at once; default settings`,
    figures: { 'seconds until all of them were sent': seconds, end: inWords(states) },
    broken: unless({
      'it had messages in hand': inHand > 0,
      'they were sent within 30 s': seconds <= 30,
      'everything was sent': allSent(states, 200),
    }),
  };
}

async function deafListener({ open }: Stage): Promise<Finding> {
  const times = 5;
  const { deaf, pickUps, exitCode } = await listenInVain(await open(), { times });
  const worst = Math.max(...pickUps);
  return {
    did: `the worker’s listening connections (${deaf}) went deaf without an error, a message for next week was waiting; ${times} messages accepted one by one`,
    figures: { 'slowest pick-up in seconds': worst, 'exit code when stopped': String(exitCode) },
    broken: unless({
      'something listened': deaf > 0,
      'each was picked up within 10 s': worst <= 10,
      'it still stopped cleanly': exitCode === 0,
    }),
  };
}

async function lostQueue({ open, redis, messages }: Stage): Promise<Finding> {
  if (!redis) throw new Error('there is no Redis to lose');
  const count = Math.ceil(messages / 10);
  const ground = await open({ WORKER_CONCURRENCY: '10' });
  const { waiting, seconds, states } = await loseQueue(ground, {
    messages: count,
    lose: () => redis.flush(),
    keepComing: true,
  });
  const { unique } = await ground.sink.stats();
  return {
    did: `FLUSHALL with ${waiting} messages queued, while others kept coming in`,
    figures: {
      lost: total(states) - unique,
      'seconds until all had a job again': seconds,
      end: inWords(states),
    },
    broken: unless({
      'every message arrived': unique === total(states),
      'every message is recorded as sent': allSent(states, total(states)),
      'all were re-enqueued within 60 s': seconds <= 60,
    }),
  };
}

async function killedApi({ open, redis }: Stage): Promise<Finding> {
  if (!redis) throw new Error('there is no Redis to be down');
  const count = 50;
  const ground = await open();
  const { replies, slowestMs, states } = await killAfterAccepting(
    ground,
    Array.from({ length: count }, (_, n) => receiptFor(n)),
    redis.behindProxy,
  );
  return {
    did: `${count} messages handed in over HTTP while Redis was down, the API killed with -9 right after the last 202`,
    figures: { 'slowest reply in ms': slowestMs, end: inWords(states) },
    broken: unless({
      'every one was answered with 202': replies.every((status) => status === 202),
      'within 500 ms': slowestMs <= 500,
      'all were sent': allSent(states, count),
    }),
  };
}

async function oneKey({ open }: Stage): Promise<Finding> {
  const times = 50;
  const ground = await open();
  const report = await repeatOneKey(ground, {
    times,
    request: receiptFor(1),
    other: receiptFor(2),
  });
  const { mails } = await ground.sink.stats();
  return {
    did: `${times} requests at once under one idempotency key, then another body under it`,
    figures: {
      'different replies': report.ids.size,
      mails,
      'status for another body': report.conflict,
      end: inWords(report.states),
    },
    broken: unless({
      'all were answered with 202 and the same id':
        report.ids.size === 1 && report.statuses.size === 1 && report.statuses.has(202),
      'one message, one mail': allSent(report.states, 1) && mails === 1,
      'another body is refused with 409': report.conflict === 409,
    }),
  };
}

async function suppressedLate({ open, messages }: Stage): Promise<Finding> {
  const spellings = [
    'ana@exämple.com',
    'ANA@EXÄMPLE.COM',
    'ana@xn--exmple-cua.com',
    'Ana@XN--EXMPLE-CUA.com',
  ];
  const count = Math.ceil(messages / 10);
  const ground = await open();
  await ground.enqueue(count, (n) => ({ to: { email: spellings[n % spellings.length] ?? '' } }));
  await suppressAddress(ground.pool, 'main', {
    address: 'Ana@Exämple.com',
    reason: 'complaint',
    scope: 'all',
    source: 'chaos',
  });
  const service = await ground.start();
  const states = await ground.drained();
  await service.stop();
  const { mails } = await ground.sink.stats();
  return {
    did: `${count} messages to ${spellings.length} spellings of an address that was suppressed after they were accepted`,
    figures: { 'mails sent': mails, end: inWords(states) },
    broken: unless({
      'nothing was sent': mails === 0,
      'all are suppressed': states['suppressed'] === count,
    }),
  };
}

async function gracefulStop({ open }: Stage): Promise<Finding> {
  const { exitCode, states, arrived, seconds } = await stopWhileWaiting(await open());
  return {
    did: 'SIGTERM while a 250 was awaited that took 1.5 s',
    figures: { 'seconds to stop': seconds, copies: arrived - 1, end: inWords(states) },
    broken: unless({
      'it arrived once and is recorded': arrived === 1 && allSent(states, 1),
      'it stopped cleanly within 25 s': exitCode === 0 && seconds <= 25,
    }),
  };
}

async function killedCampaign({ open, members, postgres, progress }: Stage): Promise<Finding> {
  const killsHere = 10;
  const report = await sendCampaignUnderKills(await open(), {
    members,
    kills: killsHere,
    random: sequence(1),
    restart: () => postgres.restart('kill'),
    onKill: (nth) => progress(`kill ${nth} of ${killsHere}`),
  });
  return {
    did: `a campaign to ${members} members; its worker killed with -9 ${killsHere} times, ${report.killsInFanOut} of them while messages were being made; Postgres killed and started again; paused and resumed ${report.pauses} times`,
    figures: {
      'members mailed': report.mailed,
      'members with one message': report.withOneMessage,
      'extra copies': report.extra,
      'in flight at the kills': report.inFlight,
      'sent while paused': report.sentWhilePaused,
      'figures equal to the query': report.figuresAgree,
      'most memory in MB': report.memoryMb,
      end: inWords(report.states),
    },
    broken: unless({
      'each member has one message': report.withOneMessage === members,
      'each got it': report.mailed === members && allSent(report.states, members),
      'at most the mails in flight at the kills arrived again': report.extra <= report.inFlight,
      'nothing was sent while it was paused': report.sentWhilePaused === 0,
      'the figures of each are those of the query': report.figuresAgree === members,
    }),
  };
}

async function mixedLoad({ open, postgres, redis, backend, progress }: Stage): Promise<Finding> {
  const clients = 200;
  const seconds = 60;
  const ground = await open();
  const report = await loadUnderFaults(ground, {
    clients,
    seconds,
    faults: [
      () => postgres.restart('shutdown'),
      ...(backend === 'redis' && redis ? [() => redis.restart(5_000)] : []),
      () => postgres.restart('kill'),
    ],
    onFault: (nth) => progress(`fault ${nth}`),
  });
  return {
    did: `${clients} clients for ${seconds} s: messages, events of 50 members, reads; Postgres restarted twice${backend === 'redis' ? ', Redis ended with all in it' : ''}`,
    figures: report.figures,
    broken: [
      ...report.broken,
      ...unless({
        'its memory stays below 1 GB': report.memoryMb < 1_024,
        'its event loop is never held for 5 s': report.lagMs < 5_000,
      }),
    ],
  };
}

/** In the order they are run. Backends: where the queue makes a difference, each; Postgres alone otherwise. */
export const trials: readonly Trial[] = [
  {
    name: '1',
    promise: '1, 2: no accepted message lost, bounded duplicates',
    backends: both,
    run: killedWorkers,
  },
  { name: '3', promise: '3: survives faults together', backends: both, run: faultsTogether },
  {
    name: '4',
    promise: '4: a crash never becomes “failed”',
    backends: both,
    run: sameMessageKilled,
  },
  { name: '5', promise: '5: cold start', backends: both, run: coldStart },
  { name: '6', promise: '6: fast recovery', backends: both, run: recovery },
  { name: '7', promise: '7: deaf listener', backends: both, run: deafListener },
  { name: '8', promise: '8: the queue is disposable', backends: ['redis'], run: lostQueue },
  { name: '9', promise: '9: 202 means durable', backends: ['redis'], run: killedApi },
  { name: '10', promise: '10: idempotent API', backends: ['postgres'], run: oneKey },
  {
    name: '12',
    promise: '12: suppression at send time',
    backends: ['postgres'],
    run: suppressedLate,
  },
  { name: '20', promise: '20: graceful stop', backends: both, run: gracefulStop },
  {
    name: 'campaign',
    promise: 'campaigns: one mail to each member, whatever happens',
    backends: both,
    run: killedCampaign,
  },
  { name: 'load', promise: 'faults under load', backends: both, run: mixedLoad },
];

/** Promise 2 is shown by the run of promise 1. */
export const trialNames = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '10',
  '12',
  '20',
  'campaign',
  'load',
] as const;
