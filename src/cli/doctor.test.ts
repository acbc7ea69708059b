import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase, redisUrl } from '../../test/database.ts';
import { startSmtpSink } from '../../test/smtp-sink.ts';
import { checkSenders, type LookUp } from './doctor/dns.ts';
import { settings } from './doctor/queue.ts';
import { checkNode } from './doctor/surroundings.ts';

const Report = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({ level: z.string(), area: z.string(), text: z.string(), fix: z.string().optional() }),
  ),
});
const brief = (findings: readonly { level: string; text: string }[]) =>
  findings.map(({ level, text }) => [level, text]);

describe('laurel doctor', () => {
  let database: FreshDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await freshDatabase();
    cli = await openCli();
  });
  afterAll(async () => {
    await cli.close();
    await database.close();
  });

  it('names every mistake in the configuration at once', async () => {
    const ran = await cli.laurel(['doctor'], {
      env: { PORT: '99999', SMTP_URL: 'mail.example', ROLES: 'api,wroker' },
    });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/✗ Configuration +PORT must be at most 65535/);
    expect(ran.stdout).toMatch(/✗ Configuration +SMTP_URL must be an address/);
    expect(ran.stdout).toMatch(/✗ Configuration +ROLES must be a list of api and worker/);
    expect(ran.stdout).toContain('3 failures');
  });

  it('says what cannot be reached, and what to do', async () => {
    const ran = await cli.laurel(['doctor', '--json'], {
      env: {
        DATABASE_URL: 'postgres://laurel:secret-1@127.0.0.1:1/laurel',
        REDIS_URL: 'redis://:secret-2@127.0.0.1:1',
        SMTP_URL: 'smtp://user:secret-3@127.0.0.1:1',
        HOST: '0.0.0.0',
        API_AUTH: 'off',
        PUBLIC_URL: 'http://mail.shop.example',
      },
    });
    expect(ran.code).toBe(1);
    const { ok, findings } = Report.parse(JSON.parse(ran.stdout));
    expect(ok).toBe(false);
    const failed = findings.filter(({ level }) => level === 'fail');
    expect(failed.map(({ area }) => area)).toEqual(['API', 'Postgres', 'Queue', 'Mail']);
    expect(failed.every(({ fix }) => fix !== undefined)).toBe(true);
    expect(brief(findings)).toContainEqual([
      'warn',
      'calls need no API key although the API is reached from outside: anyone could send mail',
    ]);
    expect(ran.stdout + ran.stderr).not.toContain('secret-');
  });

  it('is content with a server, a queue and a mail server that work', async () => {
    const sink = await startSmtpSink();
    const redis = redisUrl();
    const ran = await cli.laurel(['doctor', '--no-dns'], {
      env: {
        DATABASE_URL: database.url,
        SMTP_URL: `${sink.url}?tls=off`,
        ...(redis !== null && { REDIS_URL: redis }),
      },
    });
    await sink.close();
    expect(ran.stdout).toMatch(/✓ Postgres +version \d+, the one in DATABASE_URL/);
    expect(ran.stdout).toMatch(/✓ Postgres +its tables are up to date/);
    expect(ran.stdout).toMatch(/✓ Mail +127\.0\.0\.1:\d+ takes mail/);
    expect(ran.stdout).toMatch(/✓ Queue /);
    expect(ran.stdout).toContain('0 failures');
    expect(ran.code).toBe(0);
    expect(sink.mails).toEqual([]);
  });

  it('tells what of the database is still to be made, and makes none of it', async () => {
    await database.pool.query('drop schema laurel cascade');
    const env = { DATABASE_URL: database.url, LAUREL_DIR: join(cli.folder, 'open') };
    await mkdir(env.LAUREL_DIR);
    await writeFile(join(env.LAUREL_DIR, 'secret'), 'x'.repeat(64));
    await chmod(join(env.LAUREL_DIR, 'secret'), 0o644);
    const ran = await cli.laurel(['doctor', '--no-dns'], { env });
    expect(ran.stdout).toMatch(/! Postgres +\d+ of its migrations are still to run: 010-messages/);
    expect(ran.stdout).toMatch(/! Secret .* can be read by others/);
    const { rows } = await database.pool.query(`select from pg_namespace where nspname = 'laurel'`);
    expect(rows).toEqual([]);
  });
});

const dns =
  (records: Record<string, readonly string[]>): LookUp =>
  async (name) =>
    records[name] ?? 'none';
const offline: LookUp = async () => 'unknown';
const never: LookUp = () => Promise.reject(new Error('looked up'));

describe('the sender domains', () => {
  it('are well with SPF, DKIM and a policy, their own or that of the domain above', async () => {
    const lookUp = dns({
      'mail.shop.com': ['some-verification=1', 'v=spf1 include:_spf.provider.com -all'],
      '_dmarc.shop.com': ['v=DMARC1; p=reject'],
      's1._domainkey.mail.shop.com': ['v=DKIM1; k=rsa; p=MIGf'],
    });
    const findings = await checkSenders(['mail.shop.com'], ['s1'], lookUp, true);
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
  });

  it('are warned about by record, also where a DKIM key was withdrawn', async () => {
    const lookUp = dns({ 's1._domainkey.shop.com': ['v=DKIM1; p='] });
    expect(brief(await checkSenders(['shop.com'], ['s1'], lookUp, true))).toEqual([
      ['warn', 'shop.com: there is no SPF record'],
      ['warn', 'shop.com: there is no DMARC record'],
      ['warn', 'shop.com: there is no DKIM key s1'],
    ]);
  });

  it('are no failure without a network, and never looked up where they belong to nobody', async () => {
    expect(brief(await checkSenders(['shop.com', 'SHOP.com'], [], offline, true))).toEqual([
      ['warn', 'shop.com: could not check, no answer from DNS'],
    ]);
    expect(brief(await checkSenders(['juniper.example'], [], never, false))).toEqual([
      ['ok', 'juniper.example: reserved for examples, not looked up'],
    ]);
  });
});

it('knows Redis settings that lose jobs', () => {
  const info = 'redis_version:7.2.4\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:0\r\n';
  expect(settings(info).map(({ level }) => level)).toEqual(['ok', 'warn', 'warn']);
  const good = 'redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';
  expect(brief(settings(good))).toEqual([['ok', 'Redis 7.2.4 answers']]);
  expect(settings('redis_version:5.0.7')[0]?.level).toBe('fail');
  expect(settings('redis_version:7.2.4\nvalkey_version:8.1.0')[0]?.text).toBe(
    'Valkey 8.1.0 answers',
  );
});

it('knows a Node that is too old', () => {
  expect(checkNode('20.18.3')[0]?.level).toBe('fail');
  expect(checkNode('20.19.0')[0]?.level).toBe('ok');
  expect(checkNode('22.0.0')[0]?.level).toBe('ok');
});
