import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it, onTestFinished } from 'vitest';

import { receiptFor } from '../../test/chaos/ground.ts';
import { openLibrary } from '../../test/library.ts';
import { startSmtpSink } from '../../test/smtp-sink.ts';
import { openWorld } from '../../test/world.ts';
import { loadConfig } from '../config.ts';
import { openApp } from './app.ts';
import { openLog } from './log.ts';

/** Lines of the log that somebody would have to look at. */
const worrying = (lines: readonly string[]) => lines.filter((line) => /"level":[4-6]0/.test(line));

it(
  'closes with work in hand again and again, its own Postgres included, and nothing to complain of',
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'laurel-closing-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    const templates = await openLibrary();
    const config = loadConfig({
      LAUREL_DIR: folder,
      SMTP_URL: `smtp://127.0.0.1:${sink.port}?tls=off`,
      LAUREL_SECRET: 'for a test only, and long enough for it',
      PORT: '0',
      LOG_LEVEL: 'warn',
    });
    const lines: string[] = [];
    const messages = 40;
    for (let nth = 1; nth <= 4; nth += 1) {
      const app = await openApp({
        config,
        log: openLog(config.logLevel, { write: (line: string) => void lines.push(line) }),
        open: async () => templates,
      });
      await app.producer.enqueueMany(Array.from({ length: messages }, (_, n) => receiptFor(n)));
      const before = sink.mails.length;
      while (sink.mails.length === before) await sleep(10);
      await app.close();
    }
    expect(sink.mails.length).toBeGreaterThan(0);
    expect(worrying(lines)).toEqual([]);
  },
);

it('tells of no connection of the queue that broke while nobody used it, and goes on', async () => {
  const lines: string[] = [];
  const world = await openWorld('postgres', {
    fixtures: false,
    env: { LOG_LEVEL: 'warn' },
    log: (line) => void lines.push(line),
  });
  onTestFinished(() => world.close());
  expect((await world.send(receiptFor(1))).record.state).toBe('sent');
  // Only those nobody has used for a while: who listens is in use, and so is whoever still ends the job.
  let ended = 0;
  while (ended === 0) {
    await sleep(200);
    const { rowCount } = await world.app.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'laurel-queue' and query not ilike 'listen%'
         and state = 'idle' and state_change < now() - interval '300 milliseconds'`,
    );
    ended = rowCount ?? 0;
  }
  expect((await world.send(receiptFor(2))).record.state).toBe('sent');
  expect(lines.filter((line) => line.includes('queue worker'))).toEqual([]);
}, 180_000);
