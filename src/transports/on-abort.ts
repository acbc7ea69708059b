import { setMaxListeners } from 'node:events';

/**
 * Calls `aborted` once when the signal fires, at once if it already has. Returns what stops listening. Many mails may share one
 * signal, so the usual warning about ten listeners does not apply; each one is removed when its mail is done.
 */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  if (signal.aborted) {
    aborted();
    return () => {};
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', aborted, { once: true });
  return () => signal.removeEventListener('abort', aborted);
}
