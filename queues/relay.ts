import type { Lane } from '../src/core/message.ts';
import { pause } from '../src/send/pause.ts';
import type { JobQueue } from './backend.ts';
import { lanes } from './names.ts';

/*
 * The relay turns due message rows into jobs; the reconciler heals what crashes leave behind.
 *
 *   accepted, held until now, retry due ──takeDue──▶ job added ──claim──▶ …
 *          ▲                                            │
 *          └── the queue lost it, or nobody ran it ─────┘   (reconciler: forgetStaleJobs, forgetJobs)
 *          └── its worker died in the middle                (reconciler: recoverClaims)
 *
 * Rows are the truth and jobs are named after them, so adding one twice does nothing, and several relays may run at once.
 */
export type RelayDeps = {
  readonly queues: Readonly<Record<Lane, JobQueue>>;
  readonly takeDue: (lane: Lane, limit: number) => Promise<string[]>;
  readonly giveBack: (ids: readonly string[]) => Promise<void>;
  readonly forgetStaleJobs: () => Promise<number>;
  readonly forgetJobs: (lane: Lane) => Promise<number>;
  readonly recoverClaims: () => Promise<{ resent: number; quarantined: number }>;
  /** Jobs a lane may have at most. */
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

/** Starts both loops. A failing round (Postgres or the queue is away) is logged and tried again. */
export async function startRelay(deps: RelayDeps): Promise<Relay> {
  const stop = new AbortController();
  // Woken while at work counts for the next round, so that nothing waits for the poll.
  let woken = new AbortController();
  const wake = () => woken.abort();

  const relaying = (async () => {
    while (!stop.signal.aborted) {
      woken = new AbortController();
      const moved = await guarded('relay', () => relayOnce(deps));
      if (!moved) await pause(pollMs, woken.signal);
    }
  })();

  const reconciling = (async () => {
    while (!stop.signal.aborted) {
      await guarded('reconcile', () => reconcile(deps));
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
      await Promise.all([relaying, reconciling]);
    },
  };
}

/** Moves one batch a lane, transactional first. True when there may be more. */
async function relayOnce(deps: RelayDeps): Promise<boolean> {
  let more = false;
  for (const lane of lanes) {
    const queue = deps.queues[lane];
    const room = deps.maxJobs[lane] - (await queue.waiting());
    if (room <= 0) continue;
    const limit = Math.min(batchSize, room);
    const ids = await deps.takeDue(lane, limit);
    if (ids.length === 0) continue;
    try {
      await queue.add(ids);
    } catch (error) {
      await deps.giveBack(ids);
      throw error;
    }
    more ||= ids.length === limit;
  }
  return more;
}

async function reconcile(deps: RelayDeps): Promise<boolean> {
  const { resent, quarantined } = await deps.recoverClaims();
  if (resent + quarantined > 0) {
    deps.log.warn({ resent, quarantined }, 'took back messages whose worker died');
  }
  const stale = await deps.forgetStaleJobs();
  if (stale > 0) deps.log.info({ stale }, 'messages waited long for their job; adding it again');
  for (const lane of lanes) {
    const jobs = await deps.queues[lane].unfinished();
    const lost = jobs === 0 ? await deps.forgetJobs(lane) : 0;
    if (lost > 0) deps.log.warn({ lane, lost }, 'the queue had lost its jobs; adding them again');
  }
  return false;
}
