import type pg from 'pg';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

import { openQueueBackend } from '../../queues/backend.ts';
import { openProducer, type Producer } from '../../queues/producer.ts';
import type { Config } from '../config.ts';
import { loggedError } from '../core/logged-error.ts';
import type { ChartUrl } from '../decision/linked-charts.ts';
import type { Delivery } from '../delivery/deliver.ts';
import { backlog } from '../delivery/due.ts';
import { chartUrl } from '../http/chart-link.ts';
import { unsubscribeUrl } from '../http/unsubscribe-token.ts';
import { brandsOf } from '../ledger/batch.ts';
import { type Metrics, openMetrics } from '../metrics.ts';
import type { TemplateSet } from '../render/load.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import { readDkimKeys, signedBy } from '../transports/dkim.ts';
import { openOutbox } from '../transports/outbox.ts';
import { openSmtp } from '../transports/smtp.ts';
import type { Transport } from '../transports/transport.ts';
import { closers } from './closers.ts';
import { openDatabase } from './database.ts';
import { watchFlows } from './flows.ts';
import { brandsFolder } from './folders.ts';
import { startLedgerUpkeep } from './ledger-upkeep.ts';
import { openProfiles } from './profiles.ts';
import { startRetention } from './retention.ts';
import { openSending, type Sending } from './sending.ts';
import { openServing } from './serving.ts';
import { containRendering, openTemplates } from './templates.ts';
import { openVersions } from './versions.ts';

/** Everything that is open while Laurel runs. */
export type App = {
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly templates: TemplateSet;
  readonly producer: Producer;
  readonly transport: Transport;
  readonly metrics: Metrics;
  /** Where it listens, e.g. `http://127.0.0.1:3400`; undefined with neither the API nor a health port. */
  readonly url: string | undefined;
  /** Stops taking work, finishes what is in hand, closes everything. */
  readonly close: () => Promise<void>;
};

export type AppOptions = {
  readonly config: Config;
  readonly log: Logger;
  readonly onDelivery?: (messageId: string, delivery: Delivery) => void;
  /** The instant mails are decided at; demos and tests play at another time than now. */
  readonly now?: () => Date;
  /** Where the brands' `sources.json` lie, by brand; with the brands, unless somebody tries others. */
  readonly sourcesRoot?: string;
  /** Brands and templates, where they are others than Laurel's own. */
  readonly open?: typeof openTemplates;
  /** The program of a rendering thread that has those. */
  readonly renderThread?: URL;
  /** Ends waiting for a database that isn't up yet. */
  readonly signal?: AbortSignal;
};

/** A log line carries ids, names and counts; what could say something about a person is left out. */
export function openLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    serializers: { err: loggedError },
    redact: {
      paths: [
        '*.email',
        '*.address',
        '*.to',
        '*.name',
        '*.data',
        'email',
        'address',
        'to',
        'data',
        'req.headers',
      ],
      censor: '[personal]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Opens what the configured roles need, in order; what was opened is closed again when a later step fails. */
export async function openApp({
  config,
  log,
  onDelivery,
  now = () => new Date(),
  sourcesRoot = brandsFolder,
  open: openSet = openTemplates,
  renderThread,
  signal,
}: AppOptions): Promise<App> {
  const open = closers();
  try {
    const { brands, templates } = await openSet();
    const database = await openDatabase({
      databaseUrl: config.databaseUrl,
      folder: config.folder,
      log,
      signal,
      statementMs: config.statementMs,
    });
    open.add(database.close);
    const { pool, url: databaseUrl } = database;
    const metrics = openMetrics(() => backlog(pool));
    const producer = openProducer({
      pool,
      tenant: config.tenant,
      brands: [...brands.values()].map(({ brand }) => brand),
      defaultBrand: config.defaultBrand,
      onAccepted: (count) => metrics.accepted.inc({ by: 'producer' }, count),
      now,
    });

    const transport = openTransport(config);
    open.add(() => transport.close());

    let sending: Sending | undefined;
    if (config.roles.has('worker')) {
      const backend = await openQueueBackend({
        redisUrl: config.redisUrl,
        databaseUrl,
        prefix: config.queuePrefix,
        leaseSeconds: config.leaseSeconds,
      });
      open.add(backend.close);
      const profiles = await openProfiles({
        pool,
        brands,
        config,
        metrics,
        log,
        now,
        root: sourcesRoot,
      });
      open.add(profiles.close);
      const rendering = containRendering(config.rendering, renderThread);
      open.add(rendering.close);
      const flows = await watchFlows({ pool, config, metrics, log });
      open.add(flows.close);
      sending = await openSending({
        pool,
        databaseUrl,
        backend,
        transport,
        templates,
        brands,
        metrics,
        log,
        folder: config.folder,
        loadProfile: profiles.load,
        flows,
        rendering,
        versions: openVersions({ pool, folder: config.folder }),
        unsubscribeUrl: (key) => unsubscribeUrl(config.publicUrl, config.secret, key),
        chartUrl: chartUrlOf(config),
        concurrency: {
          transactional: config.workerConcurrency,
          campaign: config.campaignConcurrency,
        },
        maxTries: config.maxTries,
        maxMailBytes: config.maxMailBytes,
        leaseSeconds: config.leaseSeconds,
        waitSeconds: config.waitSeconds,
        shutdownMs: config.shutdownMs,
        now,
        onDelivery,
      });
      open.add(sending.close);
      open.add(startRetention({ pool, config, log, brandOf: brandsOf(brands) }));
      open.add(startLedgerUpkeep({ pool, brands, log, now }));
    }
    let url: string | undefined;
    if (config.roles.has('api') || config.healthPort !== undefined) {
      const http = await openServing({ config, pool, brands, metrics, log, sending });
      open.add(() => http.close());
      url = http.listeningOrigin;
    }
    return {
      pool,
      databaseUrl,
      brands,
      templates,
      producer,
      transport,
      metrics,
      url,
      close: open.closeAll,
    };
  } catch (error) {
    await open.closeAll();
    throw error;
  }
}

/** SMTP where a url is given, else the outbox folder. */
function openTransport(
  config: Pick<Config, 'smtpUrl' | 'smtpPool' | 'outboxFolder' | 'dkimKeys'>,
): Transport {
  return signedBy(
    readDkimKeys('DKIM_KEYS', config.dkimKeys),
    config.smtpUrl === undefined
      ? openOutbox({ folder: config.outboxFolder })
      : openSmtp({ url: config.smtpUrl, poolSize: config.smtpPool }),
  );
}

/** Where charts of mails are found, if they are to be shown by address. */
const chartUrlOf = ({ publicUrl, secret, chartDays: days }: Config): ChartUrl | undefined =>
  days === undefined
    ? undefined
    : (chart, now) => chartUrl(publicUrl, secret, { chart, now, days });
