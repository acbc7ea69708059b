import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase, redisUrl } from '../../test/database.ts';
import { startSmtpSink } from '../../test/smtp-sink.ts';
import { checkDkimKey } from './doctor/dkim-key.ts';
import { checkDmarc } from './doctor/dmarc.ts';
import { checkSenders } from './doctor/dns.ts';
import type { LookUp } from './doctor/look-up.ts';
import { settings } from './doctor/queue.ts';
import { checkSpf } from './doctor/spf.ts';
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
    const ran = await cli.laurel(['doctor'], {
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
    const ran = await cli.laurel(['doctor'], { env });
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

const rsaKey = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64');
const goodKey = `v=DKIM1; k=rsa; p=${rsaKey(2048)}`;

describe('the sender domains, by the rules of Gmail, Yahoo and Microsoft', () => {
  it('are well with SPF, DKIM and a policy of their own, or that of the domain above', async () => {
    const lookUp = dns({
      'mail.shop.com': ['some-verification=1', 'v=spf1 include:_spf.provider.com -all'],
      '_spf.provider.com': ['v=spf1 ip4:192.0.2.0/24 -all'],
      '_dmarc.shop.com': ['v=DMARC1; p=reject; rua=mailto:d@shop.com; np=reject; psd=n; t=n'],
      's1._domainkey.mail.shop.com': [goodKey],
    });
    const findings = await checkSenders(['mail.shop.com'], ['s1'], lookUp, true);
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
    expect(findings[1]?.text).toContain('that of shop.com: p=reject');
  });

  it('are refused by record, also where a DKIM key was withdrawn', async () => {
    const lookUp = dns({ 's1._domainkey.shop.com': ['v=DKIM1; p='] });
    expect(
      (await checkSenders(['shop.com'], ['s1'], lookUp, true)).map(({ level, text }) => [
        level,
        text.split(';')[0],
      ]),
    ).toEqual([
      ['fail', 'shop.com: there is no SPF record'],
      ['fail', 'shop.com: there is no DMARC record'],
      ['fail', 'shop.com: DKIM key s1 was withdrawn'],
    ]);
  });

  it.each([
    ['v=DMARC1; p=none; pct=50; rua=mailto:a@shop.com', 'says pct=, which RFC 9989 removed'],
    ['v=DMARC1; p=none; ri=3600; rua=mailto:a@shop.com', 'says ri=, which RFC 9989 removed'],
    ['v=DMARC1; p=block; rua=mailto:a@shop.com', 'says p=block'],
    ['v=DMARC1; p=none; np=no; rua=mailto:a@shop.com', 'says np=no'],
    ['v=DMARC1; p=none; psd=maybe; rua=mailto:a@shop.com', 'says psd=maybe'],
    ['v=DMARC1; p=none; t=true; rua=mailto:a@shop.com', 'says t=true'],
    ['v=DMARC1; p=none; rua=a@shop.com', 'says rua=a@shop.com'],
    ['v=DMARC1; p=none; p=reject; rua=mailto:a@shop.com', 'says p= twice'],
    ['v=DMARC1; p=reject', 'asks for no reports'],
    ['v=DMARC1; rua=mailto:a@shop.com', 'has no p='],
  ])('DMARC “%s” is told: %s', async (record, text) => {
    const found = await checkDmarc('shop.com', dns({ '_dmarc.shop.com': [record] }));
    expect(found.filter(({ level }) => level !== 'ok').map((one) => one.text)).toContainEqual(
      expect.stringContaining(text),
    );
  });

  it('walks the tree of names up, stops where a domain says it is the top, and asks eight times at most', async () => {
    const asked: string[] = [];
    const records: Record<string, readonly string[]> = {
      '_dmarc.example-bank.com': ['v=DMARC1; p=reject; sp=quarantine; psd=n; rua=mailto:a@b.com'],
      '_dmarc.com': ['v=DMARC1; p=none; psd=y; rua=mailto:a@b.com'],
    };
    const lookUp: LookUp = async (name) => {
      asked.push(name);
      return records[name] ?? 'none';
    };
    const [found] = await checkDmarc('a.b.c.d.e.f.g.h.i.example-bank.com', lookUp);
    expect(found?.text).toContain('that of example-bank.com: p=quarantine');
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(asked).not.toContain('_dmarc.com');
    const two = ['v=DMARC1; p=none', 'v=DMARC1; p=reject'];
    expect((await checkDmarc('shop.com', dns({ '_dmarc.shop.com': two })))[0]?.level).toBe('fail');
  });

  it.each([
    [['v=spf1 +all'], 'lets everybody send'],
    [['v=spf1 -all', 'v=spf1 ~all'], '2 SPF records'],
    [['v=spf1 include:shop.com -all'], 'look-ups'],
    [[`v=spf1 ${'a:x.example '.repeat(11)}-all`], '11 look-ups'],
    [['v=spf1 ip4:192.0.2.1'], 'what holds for everybody else'],
    [['v=spf1 ptr -all'], 'uses ptr'],
  ])('SPF %j is told: %s', async (records, text) => {
    const found = await checkSpf('shop.com', dns({ 'shop.com': records }));
    expect(found.map((one) => one.text)).toContainEqual(expect.stringContaining(text));
    expect(found.some(({ level }) => level !== 'ok')).toBe(true);
  });

  it.each([
    [`v=DKIM1; k=rsa; p=${rsaKey(1024)}`, 'warn'],
    [`v=DKIM1; k=rsa; p=${rsaKey(512)}`, 'fail'],
    ['v=DKIM1; k=rsa; p=MIGf', 'fail'],
    [`v=DKIM1; k=ed25519; p=${Buffer.alloc(32, 7).toString('base64')}`, 'ok'],
    [`${goodKey}; t=y`, 'warn'],
    [goodKey, 'ok'],
  ])('DKIM key %s: %s', async (record, level) => {
    const lookUp = dns({ 's1._domainkey.shop.com': [record] });
    expect((await checkDkimKey('shop.com', 's1', lookUp)).level).toBe(level);
  });

  it('are no failure without a network, and never looked up where they belong to nobody', async () => {
    const levels = (await checkSenders(['shop.com', 'SHOP.com'], ['s1'], offline, true)).map(
      ({ level }) => level,
    );
    expect(levels).toEqual(['warn', 'warn', 'warn']);
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
