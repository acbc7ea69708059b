import { pause } from '../core/on-abort.ts';
import type { Ending } from './claims.ts';

export type EndingDeps = {
  /** Writes one ending, micro-batched. False when the claim wasn't ours any more. */
  readonly write: (ending: Ending) => Promise<boolean>;
  /** Whether Postgres will never take this ending, because of what it says. */
  readonly isRefused: (error: unknown) => boolean;
  /** The last resort for what was sent. */
  readonly journal: (ending: Ending) => Promise<void>;
  readonly onLost: (ending: Ending) => void;
  readonly onRetry: (error: unknown) => void;
};

const pauseMs = 500;

/**
 * Records how an attempt ended. While that fails it keeps trying, because the mail may have left; what Postgres refuses is
 * cut down to what it can't refuse. When the process must stop first, what was sent goes to the local journal and the
 * rest is left to run out, which repeats it.
 */
export async function recordEnding(
  ending: Ending,
  deps: EndingDeps,
  stop: AbortSignal,
): Promise<void> {
  let told = ending;
  for (;;) {
    try {
      if (!(await deps.write(told))) deps.onLost(told);
      return;
    } catch (error) {
      deps.onRetry(error);
      if (deps.isRefused(error)) told = { ...told, ...nothingElse };
    }
    await pause(pauseMs, stop);
    if (stop.aborted) {
      if (told.state === 'sent') await deps.journal(told);
      return;
    }
  }
}

/** That it ended is worth more than how. */
const nothingElse = { error: null, response: null, decision: null, message: null } as const;
