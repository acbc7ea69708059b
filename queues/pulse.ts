import type { Lane } from '../src/contract/message.ts';
import type { JobQueue } from './backend.ts';
import { lanes } from './names.ts';

/** Whether the queues' jobs are worked off, by anybody: what readiness is about. */
export type Pulse = {
  /** A job of this lane came up in this process. */
  readonly felt: (lane: Lane) => void;
  /** Lanes in which nothing has moved for too long; a lane that just started is given time. */
  readonly silent: () => Lane[];
  readonly close: () => Promise<void>;
};

const everyMs = 5_000;
const tooLongMs = 20_000;

/** Keeps one heartbeat job in every queue and looks whether it was taken. A queue that is away is silent. */
export function openPulse(
  queues: Readonly<Record<Lane, Pick<JobQueue, 'beat' | 'isGone'>>>,
): Pulse {
  const start = performance.now();
  const last: Record<Lane, number> = { transactional: start, campaign: start };
  const waiting = new Map<Lane, string>();

  const look = async (lane: Lane) => {
    const beatId = waiting.get(lane);
    if (beatId !== undefined) {
      if (!(await queues[lane].isGone(beatId))) return;
      last[lane] = performance.now();
    }
    waiting.set(lane, await queues[lane].beat());
  };
  // What fails here shows as silence.
  const lookAtAll = () => Promise.all(lanes.map((lane) => look(lane).catch(() => {})));

  let looking = lookAtAll();
  const timer = setInterval(() => {
    looking = looking.then(lookAtAll);
  }, everyMs);
  return {
    felt: (lane) => void (last[lane] = performance.now()),
    silent: () => lanes.filter((lane) => performance.now() - last[lane] > tooLongMs),
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
