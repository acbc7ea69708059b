import { resolve } from 'node:path';

import { ownerOf, serverAccount } from './embedded/account.ts';
import { locateBinaries } from './embedded/binaries.ts';
import { dataOf, ensureCluster, superuser } from './embedded/cluster.ts';
import { folderError } from './embedded/folder-error.ts';
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
  try {
    const lender = serverAccount();
    const place = locate(folder, lender);
    const account = ownerOf(dataOf(place), lender);
    const binaries = locateBinaries(account, place);
    const password = await ensureCluster(place, account, binaries, durable, log);
    notePlace(folder, place);
    return await use({ place, password, account, binaries, durable, maxConnections }, log);
  } catch (error) {
    throw folderError(error, folder);
  }
}

async function use(server: ServerOptions, log: (line: string) => void) {
  const { place, password } = server;
  const lease = await takeLease(place);
  const leave = () => lease.leave(() => stopServer(server));
  try {
    const port = await ensureServer(server);
    await ensureDatabase(port, password, 'laurel');
    const unwatch = watch(server, port, log);
    // For a process that ends without closing; one that is killed leaves the server to the next.
    const onExit = () => lease.leaveNow(() => signalServer(server));
    process.once('exit', onExit);
    let closing: Promise<void> | undefined;
    const close = async () => {
      await unwatch();
      await leave();
      process.off('exit', onExit);
    };
    return {
      url: `postgres://${superuser}:${password}@127.0.0.1:${port}/laurel`,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await leave().catch((second: unknown) => log(`could not stop the server: ${String(second)}`));
    throw error;
  }
}
