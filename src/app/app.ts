import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

import { openQueueBackend, type QueueBackend } from '../../queues/backend.ts';
import { openProducer, type Producer } from '../../queues/producer.ts';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { Delivery } from '../delivery/deliver.ts';
import { backlog } from '../delivery/due.ts';
import { watchFlows } from '../delivery/watch-flows.ts';
import { buildHttp } from '../http/app.ts';
import type { HttpContext } from '../http/context.ts';
import { openShares } from '../http/shares.ts';
import { loadConnections } from '../http/webhooks/connections.ts';
import { brandsOf } from '../ledger/batch.ts';
import { saveAccepts } from '../message/save-accepts.ts';
import { type Metrics, openMetrics } from '../metrics.ts';
import { loadProject, type Project } from '../project/load-project.ts';
import type { TemplateSet } from '../render/load.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { readDkimKeys, signedBy } from '../transports/dkim.ts';
import { openTransport } from '../transports/index.ts';
import type { Transport } from '../transports/transport.ts';
import { checkTriggers } from '../trigger/check.ts';
import { checkSending } from '../turn/check.ts';
import { type Closers, closers } from './closers.ts';
import { startCounting } from './counting.ts';
import { openDatabase } from './database.ts';
import { openDryRun } from './dry-run.ts';
import { lazily } from './lazily.ts';
import { startLedgerUpkeep } from './ledger-upkeep.ts';
import { mailLinks } from './mail-links.ts';
import { openProfiles } from './profiles.ts';
import { startRetention } from './retention.ts';
import { openSending, type Sending } from './sending.ts';
import { startSettling } from './settling.ts';
import { containRendering, openTemplates } from './templates.ts';
import { openTracing } from './tracing.ts';
import { startTriggers } from './triggers.ts';
import { openVersions } from './versions.ts';
import { startWebhooksOut } from './webhooks-out.ts';

/** Everything that is open while Laurel runs. */
export type App = Context & {
  /** Templates as mails are made of them, in a process that makes mails. */
  readonly compiled: TemplateSet | undefined;
  readonly databaseUrl: string;
  readonly producer: Producer;
  readonly transport: Transport;
  readonly metrics: Metrics;
  /** The API, or what an operator watches; undefined with neither the API nor a health port. */
  readonly http: FastifyInstance | undefined;
  /** Where it listens, e.g. `http://127.0.0.1:3400`. */
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
  /** The project of the working directory, when left out. */
  readonly project?: Project;
  /** Brands and templates, where they are others than the project's own. */
  readonly open?: typeof openTemplates;
  /** The program of a rendering thread that has those. */
  readonly renderThread?: URL;
  /** Ends waiting for a database that isn't up yet. */
  readonly signal?: AbortSignal;
};

/** Opens what the configured roles need, in order; what was opened is closed again when a later step fails. */
export async function openApp(options: AppOptions): Promise<App> {
  const { config, log, now = () => new Date(), open: openSet = openTemplates, signal } = options;
  const open = closers();
  try {
    // Only who renders needs templates compiled.
    const project = options.project ?? (await loadProject());
    const compiled = config.roles.has('worker') ? await openSet(undefined, project) : undefined;
    const brands = compiled?.brands ?? (await loadBrands(project.root));
    const { templates } = project;
    const database = await openDatabase({
      databaseUrl: config.databaseUrl,
      folder: config.folder,
      log,
      signal,
      statementMs: config.statementMs,
    });
    open.add(database.close);
    const { pool, url: databaseUrl } = database;
    await saveAccepts(
      pool,
      templates,
      [...brands.values()].map(({ brand }) => brand),
    );
    const tracing = await openTracing(config, log);
    if (tracing) open.add(tracing.close);
    const accepting = tracing?.accepting;
    const context: Context = { config, pool, brands, templates, now, log, accepting };
    const metrics = openMetrics(() => backlog(pool));
    const producer = openProducer({
      pool,
      tenant: config.tenant,
      templates,
      brands: [...brands.values()].map(({ brand }) => brand),
      defaultBrand: config.defaultBrand,
      accepting,
      onAccepted: (count) => metrics.accepted.inc({ by: 'producer' }, count),
      now,
    });
    const transport = signedBy(
      readDkimKeys('DKIM_KEYS', config.dkimKeys),
      openTransport(config, project.transports),
    );
    open.add(() => transport.close());

    const backend = lazily(() =>
      openQueueBackend({
        redisUrl: config.redisUrl,
        databaseUrl,
        prefix: config.queuePrefix,
        leaseSeconds: config.leaseSeconds,
      }),
    );
    open.add(backend.close);
    const sending =
      compiled &&
      (await openWorker(
        {
          ...context,
          backend: await backend.open(),
          databaseUrl,
          metrics,
          transport,
          tracing,
          templates: compiled.templates,
        },
        { ...options, project },
        open,
      ));
    const dryRun = lazily(() => openDryRun({ config, log, pool, project, now, opened: compiled }));
    open.add(dryRun.close);
    // Its parts are loaded with the first look, too.
    const board = lazily(async () =>
      (await import('../../queues/board.ts')).openBoard(await backend.open()),
    );
    open.add(board.close);
    const http = await openHttp({
      ...context,
      attempt: async (message) => (await dryRun.open()).attempt(message),
      metrics,
      shares: openShares(context),
      connections: connectionsOf(context, project),
      queues: async () => (await board.open()).queues,
      silentLanes: () => sending?.silent() ?? [],
      stuckMs: () => sending?.stuckMs() ?? 0,
    });
    if (http) open.add(() => http.close());
    return {
      ...context,
      compiled: compiled?.templates,
      databaseUrl,
      producer,
      transport,
      metrics,
      http,
      url: http?.listeningOrigin,
      close: open.closeAll,
    };
  } catch (error) {
    await open.closeAll();
    throw error;
  }
}

type WorkerOptions = AppOptions & { readonly project: Project };

/** Everything that works messages off, and what is to be done as time passes. */
async function openWorker(
  parts: Omit<Context, 'templates'> &
    Pick<App, 'databaseUrl' | 'metrics' | 'transport'> & {
      readonly templates: TemplateSet;
      readonly tracing: Tracing | undefined;
      readonly backend: QueueBackend;
    },
  { project, sourcesRoot: root = project.brands, renderThread, onDelivery }: WorkerOptions,
  open: Closers,
): Promise<Sending> {
  const { config, pool, brands, log, now, metrics } = parts;
  const { folder } = config;
  const profiles = await openProfiles({
    pool,
    brands,
    config,
    metrics,
    log,
    now,
    root,
    kinds: project.sources,
  });
  open.add(profiles.close);
  const rendering = containRendering(
    { ...config.rendering, project: project.folder },
    renderThread,
  );
  open.add(rendering.close);
  const flows = await watchFlows({ pool, config, metrics, log });
  open.add(flows.close);
  const sending = await openSending({
    ...parts,
    folder,
    policy: project.policy,
    profiles,
    flows,
    rendering,
    versions: openVersions(pool, { templates: parts.templates, brands }),
    links: mailLinks(config),
    concurrency: {
      transactional: config.workerConcurrency,
      campaign: config.campaignConcurrency,
    },
    maxTries: config.maxTries,
    maxMailBytes: config.maxMailBytes,
    leaseSeconds: config.leaseSeconds,
    waitSeconds: config.waitSeconds,
    shutdownMs: config.shutdownMs,
    onDelivery,
  });
  open.add(sending.close);
  open.add(startRetention({ pool, config, log, brandOf: brandsOf(brands) }));
  open.add(startSettling({ pool, log }));
  open.add(startCounting({ pool, log }));
  open.add(startLedgerUpkeep({ pool, brands, log, now }));
  open.add(await startWebhooksOut({ pool, config, log, metrics }));
  checkTriggers(brands, project.templates);
  checkSending(brands, project.templates);
  open.add(startTriggers({ pool, brands, log, now, config, templates: project.templates }));
  return sending;
}

/** Starts the HTTP API, or without that role what an operator watches, where that is wanted; it answers when this resolves. */
async function openHttp(context: HttpContext): Promise<FastifyInstance | undefined> {
  const { roles, host, port, healthPort } = context.config;
  const at = roles.has('api') ? port : healthPort;
  if (at === undefined) return undefined;
  const http = await buildHttp(context);
  await http.listen({ host, port: at });
  return http;
}

const connectionsOf = (
  { config, brands }: Context,
  { adapters }: Project,
): HttpContext['connections'] =>
  config.webhooksFile === undefined || !config.roles.has('api')
    ? new Map()
    : loadConnections(config.webhooksFile, adapters, [...brands.keys()], config.tenant);
