/**
 * Collects what concurrent callers ask for into one call. A batch leaves at the end of the turn, or when an earlier one
 * comes back: with few callers nothing waits, under load batches grow by themselves.
 *
 * @param load answers for all keys in their order; when it throws, every caller of that batch gets the error.
 * @param limits `max` keys a batch, `inFlight` batches at once.
 */
export function batch<Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  limits: { readonly max: number; readonly inFlight: number },
): (key: Key) => Promise<Value> {
  type Waiting = { key: Key; resolve: (value: Value) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let running = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || running >= limits.inFlight || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void run(waiting.splice(0, limits.max));
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

/** For statements on behalf of concurrent jobs: so many keys each, so many statements at once. */
export const micro = { max: 100, inFlight: 2 } as const;
