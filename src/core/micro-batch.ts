/** `max` keys a batch, `inFlight` batches at once. */
export type Limits = {
  readonly max: number;
  readonly inFlight: number;
  /** How long a batch waits for more at most while there are several callers at once; not at all when left out. */
  readonly gatherMs?: number;
};

/**
 * Collects what concurrent callers ask for into one call. A batch leaves at the end of the turn, when it was gathered, or when
 * an earlier one comes back. A caller who is alone, as all are where little happens, never waits.
 *
 * @param load answers for all keys in their order; when it throws, every caller of that batch gets the error.
 */
export function batch<Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  { max, inFlight, gatherMs = 0 }: Limits,
): (key: Key) => Promise<Value> {
  type Waiting = { key: Key; resolve: (value: Value) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let running = 0;
  let leaving = false;
  let gathering: NodeJS.Timeout | undefined;
  /** Until then there are several callers at once. */
  let crowdedUntil = 0;

  const schedule = () => {
    if (leaving || running >= inFlight || waiting.length === 0) return;
    const full = waiting.length >= max;
    if (!full && gatherMs > 0 && performance.now() < crowdedUntil) {
      gathering ??= setTimeout(leaveSoon, gatherMs);
      return;
    }
    leaveSoon();
  };

  const leaveSoon = () => {
    clearTimeout(gathering);
    gathering = undefined;
    leaving = true;
    setImmediate(() => {
      leaving = false;
      const group = waiting.splice(0, max);
      if (group.length > 1) crowdedUntil = performance.now() + crowdedMs;
      void run(group);
      schedule();
    });
  };

  const run = async (group: Waiting[]) => {
    running++;
    try {
      const values = await load(group.map(({ key }) => key));
      if (values.length !== group.length) {
        throw new Error(`a batch of ${group.length} was answered with ${values.length} values`);
      }
      for (const [index, value] of values.entries()) group[index]?.resolve(value);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      running--;
      schedule();
    }
  };

  return (key) =>
    new Promise<Value>((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      schedule();
    });
}

/** After a batch of several, others are likely to come at once for so long. */
const crowdedMs = 50;

/** For statements on behalf of concurrent jobs: so many keys each, so many statements at once. */
export const micro = { max: 100, inFlight: 2 } as const;
/** For what somebody waits for. */
export const gathered = { max: 50, inFlight: 2, gatherMs: 4 } as const;
/** For the first and the last statement of a job: jobs that begin together ask for all that is between together. */
export const inBulk = { max: 100, inFlight: 2, gatherMs: 15 } as const;
