import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Email as ParsedMail } from 'postal-mime';

import { fixtureNow } from '../fixtures/load.ts';
import type { MessageRequest } from '../queues/producer.ts';
import { type App, openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import type { openTemplates } from '../src/app/templates.ts';
import { loadConfig } from '../src/config.ts';
import { findMessage, type MessageRecord } from '../src/message/messages.ts';
import { fixtureDatabase, freshDatabase, redisUrl } from './database.ts';
import { openLibrary } from './library.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from './smtp-sink.ts';

export type Backend = 'postgres' | 'redis';

/** The queue backends to test on: Redis too, where it is installed. */
export const backends = (): Backend[] =>
  redisUrl() === null ? ['postgres'] : ['postgres', 'redis'];

/** The whole application against a database of its own and an SMTP server that keeps what it gets. */
export type World = {
  readonly app: App;
  readonly sink: SmtpSink;
  /** The time in the fixtures' stories, which goes on like any clock. */
  readonly now: () => Date;
  /** Enqueues, waits until it is decided and worked off, and returns what became of it. */
  readonly send: (request: MessageRequest) => Promise<Outcome>;
  /** Waits until a message is in a state in which nothing more happens to it by itself, or in one of `states`. */
  readonly settled: (id: string, states?: readonly string[]) => Promise<MessageRecord>;
  readonly outcomeOf: (record: MessageRecord) => Promise<Outcome>;
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

export type Outcome = {
  readonly record: MessageRecord;
  /** What the SMTP server got; undefined when nothing was sent. */
  readonly mail: ParsedMail | undefined;
  /** Why a block is shown or hidden: `shown`, or the reason. */
  readonly blocks: Readonly<Record<string, string>>;
  readonly offers: Readonly<Record<string, string>>;
};

const final = ['sent', 'suppressed', 'failed', 'quarantined', 'cancelled'];

export async function openWorld(
  backend: Backend,
  options: {
    readonly env?: Record<string, string>;
    readonly fixtures?: boolean;
    readonly sink?: SinkOptions;
    /** `user:password` for it. */
    readonly login?: string;
    /** Gets every line of the log. */
    readonly log?: (line: string) => void;
    /** Other templates than Laurel's own. */
    readonly templates?: typeof openTemplates;
    /** The program of a rendering thread that has those. */
    readonly renderThread?: URL;
    /** The time in the fixtures' stories stands still, so that mails made one after the other say the same. */
    readonly timeStands?: boolean;
    /** Any other clock. */
    readonly now?: () => Date;
    /** The brands' `sources.json`, by brand. */
    readonly sources?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<World> {
  const database = await ((options.fixtures ?? true) ? fixtureDatabase() : freshDatabase());
  const sink = await startSmtpSink(options.sink);
  const folder = await mkdtemp(join(tmpdir(), 'laurel-world-'));
  const redis = redisUrl();
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    SMTP_URL: `smtp://${options.login === undefined ? '' : `${options.login}@`}127.0.0.1:${sink.port}?tls=off`,
    LAUREL_DIR: folder,
    LAUREL_SECRET: randomBytes(32).toString('hex'),
    PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    QUEUE_PREFIX: `test-${randomUUID()}`,
    ...(backend === 'redis' && redis !== null && { REDIS_URL: redis }),
    ...options.env,
  };
  const config = loadConfig(env);
  // The fixtures' stories play on one afternoon, whatever the date of the test.
  const offset = fixtureNow.getTime() - Date.now();
  const now =
    options.now ?? (() => (options.timeStands ? fixtureNow : new Date(Date.now() + offset)));
  const app = await openApp({
    config,
    log: openLog(config.logLevel, options.log && { write: options.log }),
    now,
    open: options.templates ?? openLibrary,
    ...(options.renderThread && { renderThread: options.renderThread }),
    ...(options.sources && { sourcesRoot: await writeSources(folder, options.sources) }),
  });

  const settled: World['settled'] = async (id, states = final) => {
    const until = performance.now() + 25_000;
    for (;;) {
      const record = await findMessage(app.pool, config.tenant, id);
      if (record && states.includes(record.state)) return record;
      if (performance.now() > until) {
        throw new Error(
          `message ${id} is still ${record?.state}: ${record?.reason} ${record?.error}`,
        );
      }
      await sleep(20);
    }
  };
  const outcomeOf: World['outcomeOf'] = async (record) => ({
    record,
    mail: await sink.mails.find(({ messageId }) => messageId.startsWith(record.id))?.parse(),
    blocks: Object.fromEntries(
      (record.decision?.blocks ?? []).map((one) => [
        one.block,
        one.kind === 'show' ? 'shown' : one.reason,
      ]),
    ),
    offers: Object.fromEntries(
      (record.decision?.offers ?? []).map((one) => [
        one.offerId,
        one.kind === 'show' ? 'shown' : one.reason,
      ]),
    ),
  });

  return {
    app,
    now,
    sink,
    env,
    settled,
    outcomeOf,
    send: async (request) => outcomeOf(await settled((await app.producer.enqueue(request)).id)),
    close: async () => {
      await app.close();
      await sink.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeSources(
  folder: string,
  sources: Readonly<Record<string, unknown>>,
): Promise<string> {
  const root = join(folder, 'sources');
  for (const [brand, content] of Object.entries(sources)) {
    await mkdir(join(root, brand), { recursive: true });
    await writeFile(join(root, brand, 'sources.json'), JSON.stringify(content));
  }
  return root;
}
