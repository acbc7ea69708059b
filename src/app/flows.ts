import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import type { FlowKind } from '../core/flow.ts';
import { flowKinds, kindOf } from '../core/flow.ts';
import type { Metrics } from '../metrics.ts';
import type { Deps } from '../send/deliver.ts';
import { openFlows } from '../send/flows.ts';
import { pause as wait } from '../send/pause.ts';
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
} from '../stores/pauses.ts';
import { tellAlerts } from './alerts.ts';

/** Pauses are seen, probes started and alerts told within this time. */
const everyMs = 1_000;
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
    excuse: (kind, ids, again) => excuse(pool, ids, { kind, again, holdSeconds }),
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

  const round = async () => {
    const paused = await flows.refresh();
    for (const kind of flowKinds)
      metrics.paused.set({ kind }, paused.filter(({ flow }) => kindOf(flow) === kind).length);
    if (paused.length > 0) await startProbes(pool, probeSeconds);
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
    learn: async (claim, ending, failedIn) => {
      try {
        for (const kind of flowKinds) {
          const lesson = lessonOf(kind, ending, failedIn);
          if (lesson === undefined) await flows.passedBy(kind, claim.message);
          else await flows.learn({ kind, message: claim.message, failure: lesson });
        }
      } catch (err) {
        log.warn({ err, messageId: claim.message.id }, 'could not learn from an attempt');
      }
    },
    close: async () => {
      stop.abort();
      await watching;
    },
  };
}

type LearnArguments = Parameters<Deps['learn']>;

/** The code it failed with, null where it went through, undefined where it never got there. */
function lessonOf(
  kind: FlowKind,
  { state, reason }: LearnArguments[1],
  failedIn: LearnArguments[2],
): string | null | undefined {
  if (state === 'sent') return null;
  if (kind === 'transport') return undefined;
  if (failedIn === 'prepare' || failedIn === 'compose')
    return state === 'quarantined' ? reason : undefined;
  return failedIn === 'recheck' || failedIn === 'hand-over' ? null : undefined;
}
