import { resolve } from 'node:path';

import { serverAccount } from './embedded/account.ts';
import { locateBinaries } from './embedded/binaries.ts';
import { ensureCluster, superuser } from './embedded/cluster.ts';
import { takeLease } from './embedded/leases.ts';
import { locate, notePlace } from './embedded/place.ts';
import {
  ensureDatabase,
  ensureServer,
  type ServerOptions,
  signalServer,
  stopServer,
} from './embedded/server.ts';
import { watch } from './embedded/watch.ts';

/*
 * A real Postgres that needs no installing, for one machine.
 *
 *   no files ──ensureCluster──▶ files ──ensureServer──▶ running ──last lease left──▶ files
 *
 * Every process that opens the same folder gets the same server. The first starts it, the last stops it; a
 * process that is killed leaves it running, and the next one adopts it. A server that is killed is started
 * again by any process that still uses it, on the same port, and recovers by itself.
 */
export type EmbeddedOptions = {
  /** Where Laurel keeps its files, e.g. `.laurel`. */
  readonly folder: string;
  /** Told in words what an operator should know. */
  readonly log: (line: string) => void;
  /** False gives up surviving a power cut for speed; for tests. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
};

/**
 * Opens the embedded server of `folder`, making it on first use. `url` holds its password: keep it out of logs.
 * `close` stops the server unless another process uses it. Close pools first: stopping cuts connections.
 * @throws PermanentError naming the folder and what to do: not writable, full, read-only, made by another version.
 */
export async function startEmbedded({
  folder: given,
  log,
  durable = true,
  maxConnections = 100,
}: EmbeddedOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const folder = resolve(given);
  const account = serverAccount();
  const place = locate(folder, account);
  const binaries = locateBinaries(account, place);
  const password = await ensureCluster(place, account, binaries, log);
  notePlace(folder, place);

  const server: ServerOptions = { place, password, account, binaries, durable, maxConnections };
  const lease = await takeLease(place);
  try {
    const port = await ensureServer(server);
    await ensureDatabase(port, password, 'laurel');
    const unwatch = watch(server, port, log);
    const onExit = () => lease.leaveNow(() => signalServer(server));
    process.once('exit', onExit);
    return {
      url: `postgres://${superuser}:${password}@127.0.0.1:${port}/laurel`,
      close: async () => {
        process.off('exit', onExit);
        await unwatch();
        await lease.leave(() => stopServer(server));
      },
    };
  } catch (error) {
    await lease.leave(() => stopServer(server));
    throw error;
  }
}
