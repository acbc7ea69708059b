import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

import { z } from 'zod';

import { parseRedisUrl } from '../queues/redis-url.ts';
import { longestWaitSeconds } from './contract/message.ts';
import { codeOf } from './core/code-of.ts';
import { InvalidInput, type Problem } from './core/errors.ts';
import { nearestName } from './core/nearest-name.ts';
import { parseUrl } from './core/parse-url.ts';
import { Secret } from './core/secret.ts';
import { mostSmtpSeconds } from './transports/smtp-limits.ts';
import { parseSmtpUrl } from './transports/smtp-url.ts';

const text = z.string().trim();
const whole = (least: number, most: number) =>
  text
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
/** 0 is for ever. */
const days = (otherwise: number) => whole(0, 36_500).default(otherwise);
const address = (...schemes: readonly string[]) =>
  text.refine((value) => schemes.includes(parseUrl(value)?.protocol ?? ''), {
    error: `must be an address that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

const Networks = text
  .transform((list) => list.split(',').map((network) => network.trim()))
  .pipe(
    z.array(
      z.union(
        [z.cidrv4(), z.cidrv6()],
        'must be a list of networks such as 10.1.0.0/16 or fd00::/8',
      ),
    ),
  );

const roles = ['api', 'worker'] as const;
const Roles = text
  .transform((list) => list.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(roles, `must be a list of ${roles.join(' and ')}`)).min(1))
  .transform((list) => new Set(list));

/** Every variable Laurel reads, with its default. What each is for stands in `.env.example`. */
const Variables = z.object({
  NODE_ENV: text.default('development'),
  LAUREL_DIR: text.default('.laurel'),
  DATABASE_URL: address('postgres:', 'postgresql:').optional(),
  REDIS_URL: text
    .superRefine((value, context) => {
      const parsed = parseRedisUrl(value);
      if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
    })
    .optional(),
  QUEUE_PREFIX: text
    .regex(/^[\w-]{1,80}$/, 'must be letters, digits, hyphens and underscores')
    .default('laurel'),
  // Which addresses a transport takes is known where it is opened: a project may have its own.
  SMTP_URL: text
    .refine(
      (value) => parseUrl(value) !== null,
      'must be an address such as smtp://user:password@host',
    )
    .optional(),
  SMTP_POOL: whole(1, 100).default(5),
  SMTP_CONNECT_SECONDS: whole(1, mostSmtpSeconds.connect).default(20),
  SMTP_COMMAND_SECONDS: whole(1, mostSmtpSeconds.command).default(60),
  SMTP_BLOCK_SECONDS: whole(1, mostSmtpSeconds.block).default(60),
  SMTP_ANSWER_SECONDS: whole(1, mostSmtpSeconds.answer).default(300),
  DKIM_KEYS: text.transform((list) => list.split(',').map((entry) => entry.trim())).optional(),
  OUTBOX_DIR: text.optional(),
  HOST: text.default('127.0.0.1'),
  PORT: whole(0, 65_535).default(3400),
  TRUST_PROXY: text.optional(),
  HEALTH_PORT: whole(0, 65_535).optional(),
  PREVIEW_PORT: whole(0, 65_535).default(3500),
  PREVIEW_SEND_TO: text
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .pipe(z.array(z.email('must be mail addresses')))
    .optional(),
  PREVIEW_REAL_MEMBERS: z.enum(['true', 'false'], 'must be true or false').default('false'),
  CHROMIUM_PATH: text.optional(),
  PUBLIC_URL: address('http:', 'https:')
    .refine((value) => /^[^?#@]*$/.test(value), {
      error: 'must say where Laurel is and nothing more: no login, no ? and no #',
    })
    .optional(),
  CHARTS: z.enum(['cid', 'url'], 'must be cid or url').default('cid'),
  CHART_DAYS: whole(1, 3_650).default(400),
  LAUREL_SECRET: Secret(32).optional(),
  API_AUTH: z.enum(['auto', 'required', 'off'], 'must be auto, required or off').default('auto'),
  WEBHOOKS_FILE: text.optional(),
  QUERY_SECONDS: whole(1, 3_600).default(30),
  ROLES: Roles.default(new Set(roles)),
  WORKER_CONCURRENCY: whole(1, 1000).default(100),
  CAMPAIGN_CONCURRENCY: whole(1, 1000).default(10),
  ALLOWED_NETWORKS: Networks.default([]),
  MAX_MAIL_KB: whole(64, 25_600).default(2_048),
  MAX_TRIES: whole(1, 100).default(8),
  LEASE_SECONDS: whole(2, 300).default(15),
  RETAIN_BODIES_DAYS: days(30),
  RETAIN_DATA_DAYS: days(90),
  RETAIN_DECISIONS_DAYS: days(400),
  RETAIN_MESSAGES_DAYS: days(0),
  RETAIN_AUDIENCES_DAYS: days(90),
  RETAIN_SIGNALS_DAYS: days(90),
  RETAIN_AUDIT_DAYS: days(400),
  WAIT_SECONDS: whole(0, longestWaitSeconds).default(30),
  RENDER_THREADS: whole(1, 64).default(1),
  RENDER_SECONDS: whole(1, 60).default(5),
  RENDER_MEMORY_MB: whole(64, 4_096).default(256),
  PAUSE_AFTER_FAILURES: whole(0, 50).default(5),
  PAUSE_AFTER_PERCENT: whole(1, 100).default(20),
  PAUSE_PROBE_SECONDS: whole(1, 600).default(30),
  ALERT_WEBHOOK_URL: address('http:', 'https:').optional(),
  ALERT_WEBHOOK_SECRET: Secret(24).optional(),
  SHUTDOWN_SECONDS: whole(1, 600).default(25),
  TENANT: text
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')
    .default('main'),
  DEFAULT_BRAND: text.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: address('http:', 'https:').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address('http:', 'https:').optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none').default('otlp'),
  OTEL_SDK_DISABLED: z.enum(['true', 'false'], 'must be true or false').default('false'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
});
type Variables = z.infer<typeof Variables>;

/** The names of all of them. */
export const variableNames: readonly string[] = Object.keys(Variables.shape);

export type Config = ReturnType<typeof toConfig>;

/**
 * Reads the configuration from environment variables; the only place that knows their names. Makes the secret
 * in `LAUREL_DIR/secret` when none is given and may be made. Names that look like a slip of the pen are in
 * `warnings`.
 * @throws InvalidInput with every mistake at once; values are never repeated, they may be secrets.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty line in an .env file means "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = Variables.safeParse(given);
  const problems = [...mistakes(parsed.error?.issues ?? []), ...missing(given)];
  if (!parsed.success || problems.length > 0) throw new InvalidInput(problems);
  const variables = parsed.data;
  const dangers = [...dangerous(variables)];
  if (variables.NODE_ENV === 'production' && dangers.length > 0) throw new InvalidInput(dangers);
  const secret = variables.LAUREL_SECRET ?? ownSecret(variables.LAUREL_DIR);
  return toConfig(variables, secret, sourceSecrets(given), [
    ...misspelt(Object.keys(given)),
    ...doubtful(variables),
    ...dangers.map(({ path, message }) => `${path} ${message}`),
  ]);
}

/** What brands' `sources.json` may use of the environment: nothing else is meant to leave for other systems. */
const sourceSecrets = (given: Readonly<Record<string, string | undefined>>) =>
  new Map(
    Object.entries(given).flatMap(([name, value]) =>
      name.startsWith('SOURCE_') && value !== undefined ? [[name, value] as const] : [],
    ),
  );

function toConfig(
  variables: Variables,
  secret: string,
  secrets: ReadonlyMap<string, string>,
  warnings: readonly string[],
) {
  const { HOST: host, PORT: port, LAUREL_DIR: folder, API_AUTH: auth } = variables;
  return {
    production: variables.NODE_ENV === 'production',
    folder,
    databaseUrl: variables.DATABASE_URL,
    /** Milliseconds a statement in Postgres may take. */
    statementMs: variables.QUERY_SECONDS * 1000,
    redisUrl: variables.REDIS_URL,
    /** Before every key in Redis, so that several installations can share one. */
    queuePrefix: variables.QUEUE_PREFIX,
    smtpUrl: variables.SMTP_URL,
    smtpPool: variables.SMTP_POOL,
    /** How long the mail server may say nothing, in milliseconds. */
    smtpLimits: {
      connect: variables.SMTP_CONNECT_SECONDS * 1000,
      command: variables.SMTP_COMMAND_SECONDS * 1000,
      block: variables.SMTP_BLOCK_SECONDS * 1000,
      answer: variables.SMTP_ANSWER_SECONDS * 1000,
    },
    /** `selector:file` pairs of the keys mails are signed with. */
    dkimKeys: variables.DKIM_KEYS ?? [],
    outboxFolder: variables.OUTBOX_DIR ?? join(folder, 'outbox'),
    host,
    port,
    /** Proxies whose word about the client's address is taken, as Fastify's `trustProxy`. */
    trustProxy: variables.TRUST_PROXY ?? false,
    /** Where a process without the API tells how it is; nowhere when not set. */
    healthPort: variables.HEALTH_PORT,
    previewPort: variables.PREVIEW_PORT,
    /** Who may be sent test mails from the preview. */
    previewSendTo: variables.PREVIEW_SEND_TO ?? [],
    /** Whether the preview shows what really went out to members, masked. */
    previewRealMembers: variables.PREVIEW_REAL_MEMBERS === 'true',
    /** The browser that mails are looked at in; it need not be there. */
    chromiumPath: variables.CHROMIUM_PATH ?? chromiumOnThisMachine(),
    /** Without a slash at its end. */
    publicUrl: (variables.PUBLIC_URL ?? `http://127.0.0.1:${port}`).replace(/\/+$/, ''),
    secret,
    /** How many days charts are there under their address; carried with the mail where not set. */
    chartDays: variables.CHARTS === 'url' ? variables.CHART_DAYS : undefined,
    /** Whether calls to the API need a key. */
    apiAuth: auth === 'required' || (auth === 'auto' && !isLoopback(host)),
    /**
     * Requests that one API key, or one client address without a valid key, may make. A sender's key carries a whole shop:
     * 1,000 a second, each with up to 1,000 messages.
     */
    requestsAMinute: { perKey: 60_000, perAddress: 600 },
    /** Lists who may send webhooks. */
    webhooksFile: variables.WEBHOOKS_FILE,
    roles: variables.ROLES,
    /** Private networks in which profile sources may be asked. */
    allowedNetworks: variables.ALLOWED_NETWORKS,
    /** By name, `SOURCE_…`: addresses and keys of profile sources. */
    sourceSecrets: secrets,
    workerConcurrency: variables.WORKER_CONCURRENCY,
    campaignConcurrency: variables.CAMPAIGN_CONCURRENCY,
    /** Bytes a finished mail may have. */
    maxMailBytes: variables.MAX_MAIL_KB * 1024,
    /** Temporary failures after which a message is given up. */
    maxTries: variables.MAX_TRIES,
    /** How long a message waits for a worker that died before another takes it up. */
    leaseSeconds: variables.LEASE_SECONDS,
    /** How long a message waits for the event it must see, where it doesn't say. */
    waitSeconds: variables.WAIT_SECONDS,
    /** React templates are rendered in so many threads, each mail within this time and memory. */
    rendering: {
      threads: variables.RENDER_THREADS,
      deadlineMs: variables.RENDER_SECONDS * 1000,
      memoryMb: variables.RENDER_MEMORY_MB,
    },
    /** When something that messages go through is paused by itself, and tried again. */
    pauses: {
      limits: {
        template: {
          failures: variables.PAUSE_AFTER_FAILURES,
          share: variables.PAUSE_AFTER_PERCENT / 100,
        },
        // Somebody's mail is refused every day; only when most are, or one after the other, it is us.
        transport: {
          failures: 2 * variables.PAUSE_AFTER_FAILURES,
          share: 0.5,
          inARow: 2 * variables.PAUSE_AFTER_FAILURES,
        },
      },
      probeSeconds: variables.PAUSE_PROBE_SECONDS,
    },
    /** Who is told of what pauses. */
    alerts:
      variables.ALERT_WEBHOOK_URL === undefined
        ? undefined
        : { url: variables.ALERT_WEBHOOK_URL, secret: variables.ALERT_WEBHOOK_SECRET },
    /** Days after which things are removed; 0 keeps them for ever. */
    retention: {
      bodyDays: variables.RETAIN_BODIES_DAYS,
      dataDays: variables.RETAIN_DATA_DAYS,
      decisionDays: variables.RETAIN_DECISIONS_DAYS,
      messageDays: variables.RETAIN_MESSAGES_DAYS,
      audienceDays: variables.RETAIN_AUDIENCES_DAYS,
      signalDays: variables.RETAIN_SIGNALS_DAYS,
      auditDays: variables.RETAIN_AUDIT_DAYS,
    },
    shutdownMs: variables.SHUTDOWN_SECONDS * 1000,
    tenant: variables.TENANT,
    defaultBrand: variables.DEFAULT_BRAND,
    tracesUrl: tracesUrlOf(variables),
    logLevel: variables.LOG_LEVEL,
    /** For the operator's eyes at the start. */
    warnings,
  };
}

/** Where traces go; undefined where nobody asks for any. */
function tracesUrlOf(variables: Variables): string | undefined {
  if (variables.OTEL_SDK_DISABLED === 'true' || variables.OTEL_TRACES_EXPORTER === 'none')
    return undefined;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } =
    variables;
  return traces ?? (all === undefined ? undefined : `${all.replace(/\/+$/, '')}/v1/traces`);
}

/** One a variable: a list with two wrong items is one mistake. */
const mistakes = (issues: readonly z.core.$ZodIssue[]): Problem[] => [
  ...new Map(
    issues.map(({ path: [name], message }) => [name, { path: String(name), message }]),
  ).values(),
];

function missing(given: Readonly<Record<string, string | undefined>>): Problem[] {
  const needed = given['NODE_ENV'] === 'production' && given['DATABASE_URL'];
  if (!needed || given['LAUREL_SECRET']) return [];
  // Each machine would make its own, and refuse the links the others signed.
  return [
    {
      path: 'LAUREL_SECRET',
      message: 'is needed with DATABASE_URL in production: 32 random characters or more',
    },
  ];
}

/** Where Debian, Fedora, Chrome's own package and macOS put it. */
const usualBrowsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const chromiumOnThisMachine = () =>
  usualBrowsers.find((path) => existsSync(path)) ?? '/usr/bin/chromium';

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Refused in production, where people and passwords are real; elsewhere somebody may be trying things. */
function* dangerous({ PUBLIC_URL: publicUrl, SMTP_URL: smtpUrl }: Variables): Generator<Problem> {
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    yield {
      path: 'PUBLIC_URL',
      message:
        'is http: links of mails could be read and changed on their way, and one-click unsubscription needs https (RFC 8058)',
    };
  const smtp = smtpUrl === undefined ? undefined : smtpServer(smtpUrl);
  if (smtp?.auth && smtp.tls !== 'implicit' && smtp.tls !== 'required' && !isLoopback(smtp.host))
    yield {
      path: 'SMTP_URL',
      message:
        'sends its password unencrypted, or encrypted to whoever answers; leave out tls=, or write tls=required',
    };
}

/** What can't be read is told where mails are handed over. */
function smtpServer(url: string) {
  try {
    return parseSmtpUrl(url);
  } catch {
    return undefined;
  }
}

/** Allowed, and seldom meant. */
function* doubtful(variables: Variables): Generator<string> {
  const { API_AUTH: auth, HOST: host, NODE_ENV: environment, PUBLIC_URL: publicUrl } = variables;
  if (auth === 'off' && !isLoopback(host)) {
    yield 'API_AUTH is off and HOST is not a loopback address: whoever reaches it can send mail';
  }
  if (variables.CHARTS === 'url' && !publicUrl?.startsWith('https:')) {
    yield 'CHARTS is url and PUBLIC_URL is not https: mail clients won’t show the charts';
  }
  if (environment === 'production' && !publicUrl) {
    yield 'PUBLIC_URL is not set: unsubscribe links will lead to 127.0.0.1';
  }
  const { WEBHOOKS_FILE: file } = variables;
  if (file !== undefined && process.platform !== 'win32' && isReadByAll(file)) {
    yield `WEBHOOKS_FILE can be read by everybody on this machine, and holds secrets: chmod 600 ${file}`;
  }
}

const isReadByAll = (file: string): boolean =>
  ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0;

/** Kept for ever: unsubscribe links in mail already sent are signed with it. */
function ownSecret(folder: string): string {
  const file = join(folder, 'secret');
  try {
    if (!existsSync(file)) makeSecret(folder, file);
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const code = codeOf(error) || String(error);
    const message = `cannot hold Laurel's files (${code}); name a folder that can be written to`;
    throw new InvalidInput([{ path: 'LAUREL_DIR', message }]);
  }
}

function makeSecret(folder: string, file: string) {
  const draft = `${file}.new-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    // Linked rather than renamed: of two processes that start at once, the first one's stays.
    linkSync(draft, file);
  } catch {
    // A disk without links, unless the other process was first.
    if (!existsSync(file)) renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** `LAUREL_…` names nobody reads, and names one slip away from one that is read. */
function* misspelt(names: readonly string[]): Generator<string> {
  for (const name of names.filter((one) => !variableNames.includes(one))) {
    const near = nearestName(
      name,
      variableNames.filter(({ length }) => length > 5),
      1,
    );
    const ours = name.startsWith('LAUREL_');
    if (near) yield `${name} is not read; did you mean ${near}?`;
    else if (ours) yield `${name} is not read; the variables are listed in .env.example`;
  }
}
