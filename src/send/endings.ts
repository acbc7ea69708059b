import type { Ending } from '../stores/claims.ts';
import { pause } from './pause.ts';

export type EndingDeps = {
  /** Writes one ending, micro-batched. False when the claim wasn't ours any more. */
  readonly write: (ending: Ending) => Promise<boolean>;
  /** Whether waiting and trying again may help. */
  readonly mayHeal: (error: unknown) => boolean;
  /** The last resort for what was sent. */
  readonly journal: (ending: Ending) => Promise<void>;
  readonly onLost: (ending: Ending) => void;
  readonly onRetry: (error: unknown) => void;
};

const pauseMs = 500;

/**
 * Records how an attempt ended. While Postgres is away it keeps trying, because the mail has left; when the process must
 * stop first, what was sent goes to the local journal and the rest is left to run out, which repeats it.
 */
export async function recordEnding(
  ending: Ending,
  deps: EndingDeps,
  stop: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      if (!(await deps.write(ending))) deps.onLost(ending);
      return;
    } catch (error) {
      if (!deps.mayHeal(error)) {
        if (ending.state === 'sent') await deps.journal(ending);
        throw error;
      }
      deps.onRetry(error);
    }
    if (!stop.aborted) await pause(pauseMs, stop);
    if (stop.aborted) {
      if (ending.state === 'sent') await deps.journal(ending);
      return;
    }
  }
}
