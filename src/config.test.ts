import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { loadConfig, variableNames } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'laurel-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const secret = 'a secret of more than thirty-two characters';
const load = (env: Record<string, string>) =>
  loadConfig({ LAUREL_DIR: folder, LAUREL_SECRET: secret, ...env });
const refusal = (env: Record<string, string>): string => {
  try {
    load(env);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was accepted');
};

const twice = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db.example/laurel' };

it('X14: refuses in production what gives links or passwords away, and warns of it elsewhere', () => {
  const dangers = {
    PUBLIC_URL: ['http://mail.shop.example', 'http://192.0.2.7:3400'],
    SMTP_URL: ['smtp://u:p@mail.example:587?tls=off', 'smtp://u:p@mail.example?tls=opportunistic'],
  };
  const fine = { PUBLIC_URL: 'https://mail.shop.example' };
  for (const [name, values] of Object.entries(dangers))
    for (const value of values) {
      const message = refusal({ ...twice, ...fine, [name]: value });
      expect(message).toContain(`${name}: `);
      expect(message).not.toContain('u:p');
      expect(load({ ...fine, [name]: value }).warnings).toEqual([expect.stringContaining(name)]);
    }
  for (const SMTP_URL of [
    'smtp://u:p@mail.example:587',
    'smtps://u:p@mail.example',
    'smtp://u:p@127.0.0.1?tls=off',
    'smtp://mail.example?tls=off',
  ])
    expect(load({ ...twice, ...fine, SMTP_URL }).warnings).toEqual([]);
});

it('X14: refuses a secret that can be guessed, without repeating it', () => {
  for (const weak of [
    'x'.repeat(64),
    'abc'.repeat(20),
    '0000000 '.repeat(8),
    '1234567890'.repeat(4),
    'changeme-please-'.repeat(3),
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210',
  ])
    for (const name of ['LAUREL_SECRET', 'ALERT_WEBHOOK_SECRET']) {
      expect(refusal({ [name]: weak })).toContain(`${name}: can be guessed`);
      expect(refusal({ [name]: weak })).not.toContain(weak.trim());
    }
});

it('X14: takes what openssl and password managers make', () => {
  for (let n = 0; n < 200; n += 1)
    for (const made of [
      randomBytes(32).toString('hex'),
      randomBytes(16).toString('hex'),
      randomBytes(24).toString('base64'),
      randomUUID(),
    ])
      expect([made, load({ LAUREL_SECRET: made }).secret]).toEqual([made, made]);
});

it('X14: refuses an address of its own that says more than where it is', () => {
  const more = [
    'https://u:pa55@mail.example',
    'https://mail.example?a=1',
    'https://mail.example/#top',
  ];
  for (const PUBLIC_URL of more)
    expect(refusal({ PUBLIC_URL })).toBe(
      'PUBLIC_URL: must say where Laurel is and nothing more: no login, no ? and no #',
    );
  expect(load({ PUBLIC_URL: 'https://mail.example/laurel/' }).publicUrl).toBe(
    'https://mail.example/laurel',
  );
});

it('X14: warns of webhook secrets that everybody on the machine can read', () => {
  const file = join(folder, 'webhooks.json');
  writeFileSync(file, '{}', { mode: 0o600 });
  expect(load({ WEBHOOKS_FILE: file }).warnings).toEqual([]);
  chmodSync(file, 0o644);
  expect(load({ WEBHOOKS_FILE: file }).warnings).toEqual([
    expect.stringMatching(/^WEBHOOKS_FILE can be read by everybody.*chmod 600/),
  ]);
});

it('needs nothing to be set', () => {
  expect(load({})).toEqual({
    production: false,
    folder,
    databaseUrl: undefined,
    statementMs: 30_000,
    maxMailBytes: 2_097_152,
    redisUrl: undefined,
    smtpUrl: undefined,
    smtpPool: 5,
    smtpLimits: { connect: 20_000, command: 60_000, block: 60_000, answer: 300_000 },
    dkimKeys: [],
    outboxFolder: join(folder, 'outbox'),
    host: '127.0.0.1',
    port: 3400,
    trustProxy: false,
    waitSeconds: 30,
    retention: {
      bodyDays: 30,
      dataDays: 90,
      decisionDays: 400,
      audienceDays: 90,
      messageDays: 0,
      signalDays: 90,
      auditDays: 400,
    },
    healthPort: undefined,
    previewPort: 3500,
    previewSendTo: [],
    previewRealMembers: false,
    chromiumPath: expect.stringMatching(/chrom/i),
    publicUrl: 'http://127.0.0.1:3400',
    secret,
    requestsAMinute: { perKey: 60_000, perAddress: 600 },
    apiAuth: false,
    webhooksFile: undefined,
    roles: new Set(['api', 'worker']),
    workerConcurrency: 100,
    campaignConcurrency: 10,
    maxTries: 8,
    shutdownMs: 25_000,
    tenant: 'main',
    defaultBrand: undefined,
    logLevel: 'info',
    leaseSeconds: 15,
    queuePrefix: 'laurel',
    allowedNetworks: [],
    alerts: undefined,
    rendering: { threads: 1, deadlineMs: 5_000, memoryMb: 256 },
    pauses: {
      limits: {
        template: { failures: 5, share: 0.2 },
        transport: { failures: 10, share: 0.5, inARow: 10 },
      },
      probeSeconds: 30,
    },
    sourceSecrets: new Map(),
    warnings: [],
  });
});

it('gives profile sources what is named for them, and nothing else', () => {
  const { sourceSecrets, allowedNetworks } = load({
    SOURCE_CRM_KEY: 'k',
    ALLOWED_NETWORKS: '10.1.0.0/16, fd00::/8',
    SMTP_URL: 'smtp://mail.example',
  });
  expect([...sourceSecrets]).toEqual([['SOURCE_CRM_KEY', 'k']]);
  expect(allowedNetworks).toEqual(['10.1.0.0/16', 'fd00::/8']);
  expect(refusal({ ALLOWED_NETWORKS: '10.0.0.1' })).toContain(
    'ALLOWED_NETWORKS: must be a list of networks',
  );
});

it('reports every mistake at once, naming the variable', () => {
  const message = refusal({
    PORT: 'eighty',
    ROLES: 'api,postman,clerk',
    DATABASE_URL: 'mysql://db.example/laurel',
    WORKER_CONCURRENCY: '0',
    LOG_LEVEL: 'loud',
  });
  expect(message.split('\n').toSorted()).toEqual([
    'DATABASE_URL: must be an address that starts with postgres:// or postgresql://',
    'LOG_LEVEL: must be fatal, error, warn, info, debug, trace or silent',
    'PORT: must be a whole number',
    'ROLES: must be a list of api and worker',
    'WORKER_CONCURRENCY: must be at least 1',
  ]);
});

it('never repeats a value, which may be a secret', () => {
  const message = refusal({
    LAUREL_SECRET: 'hunter2',
    DATABASE_URL: 'postgress://laurel:hunter2@db.example/laurel',
    SMTP_URL: 'hunter2',
  });
  expect(message).toContain('LAUREL_SECRET: must have at least 32 characters');
  expect(message).not.toContain('hunter2');
});

it('takes an empty value for one that is not set', () => {
  expect(load({ DATABASE_URL: '', PORT: ' ' })).toMatchObject({
    databaseUrl: undefined,
    port: 3400,
  });
});

it('asks for API keys unless only this machine can call', () => {
  expect(load({ HOST: 'localhost' }).apiAuth).toBe(false);
  expect(load({ HOST: '::1' }).apiAuth).toBe(false);
  expect(load({ HOST: '0.0.0.0' }).apiAuth).toBe(true);
  expect(load({ HOST: '127.evil.example' }).apiAuth).toBe(true);
  expect(load({ API_AUTH: 'required' }).apiAuth).toBe(true);
  expect(load({ HOST: '0.0.0.0', API_AUTH: 'off' })).toMatchObject({
    apiAuth: false,
    warnings: [expect.stringContaining('whoever reaches it can send mail')],
  });
});

it('makes a secret once, for its owner only, and keeps it', () => {
  const first = loadConfig({ LAUREL_DIR: folder });
  const second = loadConfig({ LAUREL_DIR: folder });
  expect(first.secret).toMatch(/^[0-9a-f]{64}$/);
  expect(second.secret).toBe(first.secret);
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600);
});

it('insists on a secret where several machines must share one', () => {
  const env = { LAUREL_SECRET: '', DATABASE_URL: 'postgres://db.example/laurel' };
  expect(refusal({ ...env, NODE_ENV: 'production' })).toContain('LAUREL_SECRET: is needed');
  expect(load(env).secret).toMatch(/^[0-9a-f]{64}$/);
});

it('names the folder variable when the folder cannot be used', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  expect(refusal({ LAUREL_DIR: join(file, 'below'), LAUREL_SECRET: '' })).toContain(
    "LAUREL_DIR: cannot hold Laurel's files (ENOTDIR)",
  );
});

it('warns of names that nothing reads and that look like a slip', () => {
  const env = { LAUREL_SECRETS: secret, LAUREL_FOLDER: 'x', WORKER_CONCURENCY: '9', HOME: '/root' };
  expect(load(env).warnings).toEqual([
    'LAUREL_SECRETS is not read; did you mean LAUREL_SECRET?',
    'LAUREL_FOLDER is not read; the variables are listed in .env.example',
    'WORKER_CONCURENCY is not read; did you mean WORKER_CONCURRENCY?',
  ]);
});

it('warns when links in production mail would lead to the reader’s own machine', () => {
  expect(load({ NODE_ENV: 'production' }).warnings).toEqual([
    expect.stringContaining('PUBLIC_URL is not set'),
  ]);
});

it('carries charts with mails unless they are to be shown by address, which has to be https', () => {
  expect(load({}).chartDays).toBeUndefined();
  const shown = load({ CHARTS: 'url', CHART_DAYS: '30', PUBLIC_URL: 'https://mail.example' });
  expect(shown).toMatchObject({ chartDays: 30, warnings: [] });
  expect(load({ CHARTS: 'url', PUBLIC_URL: 'http://mail.example' }).warnings).toContainEqual(
    expect.stringContaining('mail clients won’t show the charts'),
  );
  expect(() => load({ CHARTS: 'inline' })).toThrow(/CHARTS: must be cid or url/);
});

it('has every variable in .env.example, with its default', () => {
  const lines = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
    .split('\n')
    .map((line) => /^# ([A-Z][A-Z_]+)=(.*)$/.exec(line))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []));
  expect(lines.map(([name]) => name).toSorted()).toEqual(variableNames.toSorted());
  // These have no default; what stands there is an example.
  const examples = new Set([
    'DATABASE_URL',
    'REDIS_URL',
    'SMTP_URL',
    'DKIM_KEYS',
    'LAUREL_SECRET',
    'TRUST_PROXY',
    'ALLOWED_NETWORKS',
    'HEALTH_PORT',
    'WEBHOOKS_FILE',
    'CHROMIUM_PATH',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  ]);
  const defaults = Object.fromEntries(lines.filter(([name]) => !examples.has(name)));
  expect(loadConfig({ LAUREL_SECRET: secret, ...defaults })).toEqual(
    loadConfig({ LAUREL_SECRET: secret }),
  );
  expect(load({ ...Object.fromEntries(lines), LAUREL_SECRET: secret }).warnings).toEqual([]);
});
