import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { flowKinds, kindOf } from '../contract/flow.ts';
import { pause as wait } from '../core/on-abort.ts';
import type { Metrics } from '../metrics.ts';
import type { Deps } from './deliver.ts';
import { openFlows, outcomeFor } from './flows.ts';
import {
  endProbe,
  excuse,
  findPause,
  pauseFlow,
  probeSoon,
  readPauses,
  releaseHeld,
  resumeFlow,
  startProbes,
} from './pauses.ts';
import { requeueRefused } from './requeue.ts';
import { tellAlerts } from './tell-alerts.ts';

/** Pauses are seen, probes started and alerts told within this time. */
const everyMs = 1_000;
/** While nothing is paused, what else may have to be done is looked for only in every fourth round. */
const roundsAWhile = 4;
/** A safety net: held messages become due when their flow is resumed. */
const holdSeconds = 3_600;
const releaseBatch = 2_000;

/** What delivery asks about flows, and the loop that keeps it true. */
export type WatchedFlows = Pick<Deps, 'heldFor' | 'holdMs' | 'learn'> & {
  readonly close: () => Promise<void>;
};

/** Starts to watch what messages go through: pauses what fails for many, tries it again by itself, tells somebody. */
export async function watchFlows({
  pool,
  config,
  metrics,
  log,
}: {
  readonly pool: pg.Pool;
  readonly config: Pick<Config, 'pauses' | 'alerts'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}): Promise<WatchedFlows> {
  const { probeSeconds, limits } = config.pauses;
  const flows = openFlows({
    limits,
    readPauses: () => readPauses(pool),
    findPause: (key) => findPause(pool, key),
    pause: (key, why) => pauseFlow(pool, key, { by: 'failures', why, probeSeconds }),
    excuse: excuser(pool, log),
    resume: (key, probe) => resumeFlow(pool, key, probe),
    endProbe: (key, probe, failed) => endProbe(pool, key, probe, { failed, probeSeconds }),
    onChange: ({ tenant, flow }, change, why) => {
      metrics.pauses.inc({ kind: kindOf(flow), change });
      if (change === 'paused')
        log.error({ tenant, flow, why }, 'paused: it fails for many; its messages are held');
      else log.info({ tenant, flow }, 'resumed: a message got through');
    },
    clock: () => performance.now(),
  });

  let rounds = 0;
  let before = 0;
  const round = async () => {
    const paused = await flows.refresh();
    for (const kind of flowKinds)
      metrics.paused.set({ kind }, paused.filter(({ flow }) => kindOf(flow) === kind).length);
    if (paused.length > 0) await startProbes(pool, probeSeconds);
    rounds += 1;
    const settled = paused.length === 0 && before === 0;
    before = paused.length;
    // Also what another process, which died, was to make due.
    if (settled && rounds % roundsAWhile !== 0) return;
    while ((await releaseHeld(pool, releaseBatch)) === releaseBatch) if (stop.signal.aborted) break;
    await tellAlerts(pool, config.alerts, log, new Date());
  };

  const stop = new AbortController();
  await probeSoon(pool);
  await flows.refresh();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await round().catch((err: unknown) => {
        if (!stop.signal.aborted) log.warn({ err }, 'watching flows failed; trying again');
      });
      await wait(everyMs, stop.signal);
    }
  })();

  return {
    heldFor: flows.heldFor,
    holdMs: holdSeconds * 1_000,
    learn: async ({ message }, ending, failed) => {
      try {
        for (const kind of flowKinds) {
          const outcome = outcomeFor(kind, ending, failed);
          if (outcome) await flows.learn({ kind, message, outcome });
          else await flows.passedBy(kind, message);
        }
      } catch (err) {
        log.warn({ err, messageId: message.id }, 'could not learn from an attempt');
      }
    },
    close: async () => {
      stop.abort();
      await watching;
    },
  };
}

/** Templates' messages are held as they are; the transport's refusals are requeued, and what they wrote is undone. */
const excuser =
  (pool: pg.Pool, log: Logger): Parameters<typeof openFlows>[0]['excuse'] =>
  async (kind, ids, again) => {
    if (kind === 'template') {
      if (ids.length > 0) await excuse(pool, ids, { again, holdSeconds });
      return;
    }
    const requeued = await requeueRefused(pool, ids, { whole: !again, paused: again, holdSeconds });
    if (requeued.messages > 0)
      log.warn(
        requeued,
        'requeued what the transport refused: messages wait, suppressions are undone',
      );
  };
