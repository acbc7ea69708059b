import type { Config } from '../config.ts';
import { openApp, openLog } from './app.ts';

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
  await app.close();
  log.info('stopped');
}
