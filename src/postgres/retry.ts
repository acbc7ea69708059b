import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does work that lost against somebody else's again, `most` times in all; then it throws what it lost by. Nothing else is done
 * again. Not for work within a transaction: that is over then.
 * @param pauseMs before the attempt after this one; at once when left out
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  isLost: (error: unknown) => boolean,
  most: number,
  pauseMs?: (attempt: number) => number,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === most || !isLost(error)) throw error;
      if (pauseMs) await sleep(pauseMs(attempt));
    }
  }
}
