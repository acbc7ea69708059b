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
  let told = '';
  const startAgain = async () => {
    if (!told) log('the embedded Postgres is gone; starting it again');
    try {
      const now = await ensureServer(server);
      told = '';
      if (now !== port) log(`its port ${port} was taken; restart Laurel to use it on ${now}`);
    } catch (error) {
      // The next look tries again; once is enough to be told.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) log(message);
      told = message;
    }
    restart = undefined;
  };
  const look = () => {
    if (!restart && !findPostmaster(dataOf(server.place))) restart = startAgain();
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await restart;
  };
}
