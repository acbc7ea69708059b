import type { Lane } from '../src/contract/message.ts';
import { pause, untilAborted } from '../src/core/on-abort.ts';
import { urgently } from '../src/core/right-of-way.ts';
import type { JobQueue } from './backend.ts';
import { jobSize, lanes } from './names.ts';

/*
 * The relay turns due message rows into jobs; the reconciler heals what crashes leave behind.
 *
 *   accepted, held until now, retry due ──takeDue──▶ job added ──claim──▶ …
 *          ▲                                            │
 *          └── the queue lost it, or nobody ran it ─────┘   (reconciler: forgetStaleJobs, forgetJobs)
 *          └── its worker died in the middle                (reconciler: recoverClaims)
 *
 * Rows are the truth: a message that two jobs name is claimed once, and several relays may run at once.
 */
export type RelayDeps = {
  readonly queues: Readonly<Record<Lane, JobQueue>>;
  /** The lanes of which something is due: asked when nobody said so. */
  readonly lanesDue: () => Promise<ReadonlySet<Lane>>;
  readonly takeDue: (lane: Lane, limit: number) => Promise<string[]>;
  readonly releaseJobs: (ids: readonly string[]) => Promise<void>;
  /** The lanes of messages whose job should have been begun by now. */
  readonly lanesStale: () => Promise<readonly Lane[]>;
  /** @param lagMs how far the lane's queue is behind */
  readonly forgetStaleJobs: (lane: Lane, lagMs: number) => Promise<number>;
  readonly forgetJobs: (lane: Lane) => Promise<number>;
  readonly recoverClaims: () => Promise<{ resent: number; quarantined: number }>;
  /** Messages of a lane that may have a job at most. */
  readonly maxJobs: Readonly<Record<Lane, number>>;
  /** Calls `wake` whenever something may be due; returns a closer. */
  readonly listen: (wake: () => void) => Promise<() => Promise<void>>;
  readonly log: {
    readonly warn: (fields: object, text: string) => void;
    readonly info: (fields: object, text: string) => void;
  };
};

export type Relay = { readonly close: () => Promise<void> };

const batchSize = 500;
const pollMs = 500;
const reconcileMs = 2_000;
/**
 * Rounds in which Postgres must have answered before claims are recovered. After an outage every lease has run out, also
 * those of living workers whose mail has left: they get the time to say so first.
 */
const roundsOfGrace = 2;

/** Whether a queue was lost is asked less often: what was in it gets other jobs within a minute. */
const roundsARefill = 3;

/** Starts a loop for each lane, one that looks what is due unasked, and the reconciler. A failing round (Postgres or the queue is away) is logged and tried again. */
export async function startRelay(deps: RelayDeps): Promise<Relay> {
  const stop = new AbortController();
  // Woken while at work counts for the next round, so that nothing waits for the poll.
  const woken = new Map<Lane, AbortController>();
  const wake = () => {
    for (const controller of woken.values()) controller.abort();
  };

  // Each lane by itself: a receipt doesn't wait until the jobs of a campaign are added.
  const relaying = lanes.map(async (lane) => {
    while (!stop.signal.aborted) {
      const controller = new AbortController();
      woken.set(lane, controller);
      const moved = await guarded('relay', () => relayInLane[lane](deps));
      if (!moved) await untilAborted(controller.signal);
    }
  });

  const looking = (async () => {
    for (;;) {
      await pause(pollMs, stop.signal);
      if (stop.signal.aborted) return;
      await guarded('relay', async () => {
        for (const lane of await deps.lanesDue()) woken.get(lane)?.abort();
        return false;
      });
    }
  })();

  const reconciling = (async () => {
    let answered = 0;
    while (!stop.signal.aborted) {
      await guarded('reconcile', async () => {
        const before = answered;
        answered = 0;
        if (before >= roundsOfGrace) await recoverLostClaims(deps);
        await forgetStaleJobs(deps);
        answered = before + 1;
        if (before % roundsARefill === 0) await refillLostQueues(deps);
        return false;
      });
      await pause(reconcileMs, stop.signal);
    }
  })();

  async function guarded(name: string, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (!stop.signal.aborted) deps.log.warn({ err: error }, `${name} failed; trying again`);
      return false;
    }
  }

  const closeListener = await deps.listen(wake);
  return {
    close: async () => {
      stop.abort();
      wake();
      await closeListener();
      await Promise.all([...relaying, looking, reconciling]);
    },
  };
}

const relayInLane: Readonly<Record<Lane, (deps: RelayDeps) => Promise<boolean>>> = {
  transactional: (deps) => urgently(() => relayOnce(deps, 'transactional')),
  campaign: (deps) => relayOnce(deps, 'campaign'),
};

/** Moves one batch of a lane. True when there may be more. */
async function relayOnce(deps: RelayDeps, lane: Lane): Promise<boolean> {
  const queue = deps.queues[lane];
  const room = deps.maxJobs[lane] - jobSize * (await queue.waiting());
  if (room <= 0) return false;
  const limit = Math.min(batchSize, room);
  const ids = await deps.takeDue(lane, limit);
  if (ids.length === 0) return false;
  try {
    await queue.add(ids);
  } catch (error) {
    await deps.releaseJobs(ids);
    throw error;
  }
  return ids.length === limit;
}

async function recoverLostClaims({ recoverClaims, log }: RelayDeps): Promise<void> {
  const { resent, quarantined } = await recoverClaims();
  if (resent + quarantined > 0)
    log.warn({ resent, quarantined }, 'requeued messages whose worker died');
}

async function forgetStaleJobs(deps: RelayDeps): Promise<void> {
  for (const lane of await deps.lanesStale()) {
    // In a long queue, what hasn't had its turn isn't lost.
    const stale = await deps.forgetStaleJobs(lane, await deps.queues[lane].lagMs());
    if (stale > 0)
      deps.log.info({ lane, stale }, 'messages waited long for their job; adding another');
  }
}

async function refillLostQueues({ queues, forgetJobs, log }: RelayDeps): Promise<void> {
  for (const lane of lanes) {
    const jobs = await queues[lane].unfinished();
    const lost = jobs === 0 ? await forgetJobs(lane) : 0;
    if (lost > 0) log.warn({ lane, lost }, 'the queue had lost its jobs; adding them again');
  }
}
