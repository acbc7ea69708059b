/** Who is to be told by a signal: one listener each, however many mails share it. */
const told = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `aborted` once when the signal fires, at once if it already has. Returns what stops listening. */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  if (signal.aborted) {
    aborted();
    return () => {};
  }
  const all = told.get(signal) ?? listenTo(signal);
  const one = () => aborted();
  all.add(one);
  return () => void all.delete(one);
}

/** Resolves when the signal fires, at once if it already has. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => void onAbort(signal, resolve));

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  told.set(signal, all);
  signal.addEventListener(
    'abort',
    () => {
      for (const aborted of all) aborted();
      all.clear();
    },
    { once: true },
  );
  return all;
}

/** Waits, but not longer than until `stop`. Leaves no listener behind. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, ms);
    const leave = onAbort(stop, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
