import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** Tracing, where it is asked for; what it needs is loaded only then. */
export async function openTracing(
  { tracesUrl: url }: Pick<Config, 'tracesUrl'>,
  log: Logger,
): Promise<Tracing | undefined> {
  if (url === undefined) return undefined;
  const { openTracing: open } = await import('../telemetry/tracing.ts');
  return open({ url, log });
}
