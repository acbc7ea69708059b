import { dataOf } from './cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { ensureServer, type ServerOptions } from './server.ts';

const everyMs = 1_000;

/**
 * Starts the server again when it was killed under us (by the kernel for memory, say). Pools reconnect by
 * themselves since the port stays. Returns what ends the watch.
 */
export function watch(
  server: ServerOptions,
  port: number,
  log: (line: string) => void,
): () => Promise<void> {
  let restart: Promise<void> | undefined;
  const look = () => {
    if (restart || findPostmaster(dataOf(server.place))) return;
    log('the embedded Postgres is gone; starting it again');
    restart = ensureServer(server)
      .then((now) => {
        if (now !== port) log(`its port ${port} was taken; restart Laurel to use it on ${now}`);
      })
      .catch((error: unknown) => log(error instanceof Error ? error.message : String(error)))
      .finally(() => (restart = undefined));
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await restart;
  };
}
