import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { readWebhooksFile } from '../http/webhooks/connections.ts';
import type { Metrics } from '../metrics.ts';
import { startDelivering } from '../outgoing/deliver.ts';
import { readEndpoints, saveEndpoints } from '../outgoing/endpoints.ts';

/** Tells the endpoints of WEBHOOKS_FILE what happens, from now on. Returns what stops it. */
export async function startWebhooksOut({
  pool,
  config: { webhooksFile: file, tenant, allowedNetworks: networks },
  log,
  metrics,
}: {
  readonly pool: pg.Pool;
  readonly config: Pick<Config, 'webhooksFile' | 'tenant' | 'allowedNetworks'>;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Promise<() => Promise<void>> {
  const written = file === undefined ? {} : readWebhooksFile(file).endpoints;
  const endpoints = readEndpoints(written, tenant, networks);
  await saveEndpoints(pool, endpoints);
  return startDelivering({
    pool,
    log,
    endpoints,
    networks,
    onPosted: (endpoint, result) => metrics.webhooksOut.inc({ endpoint, result }),
  });
}
