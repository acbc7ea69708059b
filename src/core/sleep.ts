import { onAbort } from './on-abort.ts';

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
