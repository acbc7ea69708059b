import { openApp, openLog } from './app/app.ts';
import { loadConfig } from './config.ts';
import { InvalidInput, PermanentError } from './core/errors.ts';

/** The service: opens the configured roles, and closes them on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
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
  log.info(
    { roles: [...config.roles], at: app.http ? config.publicUrl : undefined },
    'Laurel is running',
  );
  const signal = await stopped;
  log.info({ signal }, 'stopping');
  await app.close();
  log.info('stopped');
}

main().catch((error: unknown) => {
  const known = error instanceof InvalidInput || error instanceof PermanentError;
  console.error(known ? `laurel: ${error.message}` : error);
  process.exitCode = 1;
});
