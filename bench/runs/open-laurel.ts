import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type App, openApp } from '../../src/app/app.ts';
import { openLog } from '../../src/app/log.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { RunSpec } from './protocol.ts';

/** Laurel as `npm start` with the role `worker` opens it, in a folder of its own; `prepare` runs before it does. */
export async function openLaurel(
  spec: RunSpec,
  onSent: (messageId: string) => void,
  prepare: (config: Config) => Promise<void> = async () => {},
): Promise<{ readonly app: App; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-bench-'));
  const config = loadConfig({
    DATABASE_URL: spec.databaseUrl,
    ...(spec.redisUrl !== null && { REDIS_URL: spec.redisUrl }),
    SMTP_URL: `${spec.smtpUrl}?tls=off`,
    LAUREL_DIR: folder,
    QUEUE_PREFIX: `bench-${process.pid}`,
    ROLES: 'worker',
    LOG_LEVEL: 'warn',
  });
  await prepare(config);
  const app = await openApp({
    config,
    log: openLog(config.logLevel),
    onDelivery: (messageId, delivery) => {
      if (delivery.kind === 'ended' && delivery.state === 'sent') return onSent(messageId);
      // A benchmark in which mails are not sent measures nothing.
      console.error(`message ${messageId} was not sent`, delivery);
      process.exit(1);
    },
  });
  const close = async () => {
    await app.close();
    await rm(folder, { recursive: true });
  };
  return { app, close };
}
