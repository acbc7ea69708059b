import type { Config } from '../config.ts';
import { openApp } from './app.ts';
import { openLog } from './log.ts';

/** What still hangs so long after the time to stop will not close at all. */
const closeAtMostMs = 4_000;

/** Runs the service: opens the configured roles, and closes them on SIGTERM or SIGINT. Resolves when all is closed. */
export async function serve(config: Config): Promise<void> {
  const log = openLog(config.logLevel);
  for (const warning of config.warnings) log.warn(warning);

  const stop = new AbortController();
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        stop.abort();
        resolve(signal);
      });
    }
  });
  const app = await openApp({ config, log, signal: stop.signal });
  log.info({ roles: [...config.roles], url: app.url }, 'Laurel is running');
  const signal = await stopped;
  log.info({ signal }, 'stopping');
  const late = setTimeout(() => {
    log.error('not everything could be closed in time; ending all the same');
    process.exit(1);
  }, config.shutdownMs + closeAtMostMs);
  await app.close().finally(() => clearTimeout(late));
  log.info('stopped');
  // Nothing is left to do; but a connection that went deaf never ends and would keep the process.
  setTimeout(() => process.exit(), 1_000).unref();
}
