import { setTimeout } from 'node:timers/promises';

/** So long after an answer its page asks the next: what waits for quiet lets it. */
const afterMs = 50;

/** Who looks comes first: what can wait goes on when nobody has been waiting for a moment. */
export function openQuiet() {
  let waiting = 0;
  let lastAt = 0;
  return {
    /** Somebody waits for this. */
    not: async <Value>(work: Promise<Value>): Promise<Value> => {
      waiting += 1;
      try {
        return await work;
      } finally {
        waiting -= 1;
        lastAt = performance.now();
      }
    },
    come: async (): Promise<void> => {
      do await setTimeout(afterMs / 5);
      while (waiting > 0 || performance.now() - lastAt < afterMs);
    },
  };
}
