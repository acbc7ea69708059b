import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startEmbedded } from './embedded.ts';
import { type Account, serverAccount } from './embedded/account.ts';
import { locateBinaries } from './embedded/binaries.ts';
import { dataOf } from './embedded/cluster.ts';
import { isAlive } from './embedded/leases.ts';
import { canReach } from './embedded/place.ts';
import { findPostmaster } from './embedded/postmaster.ts';
import { run } from './embedded/run.ts';

const program = join(import.meta.dirname, '..', '..', 'test', 'embedded-process.ts');
const asRoot = process.getuid?.() === 0;
const lent = serverAccount();
const undo: (() => unknown)[] = [];

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "laurel's home "));
  chmodSync(home, 0o755);
  folder = join(home, '.laurel');
  undo.push(() => rmSync(home, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const open = async () => {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const server = await startEmbedded({ folder, log, durable: false });
  undo.push(server.close);
  return { ...server, lines };
};

/** Another process that uses the folder, and the first thing it says. */
async function openElsewhere(account?: Account) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    ...(account && { uid: account.uid, gid: account.gid }),
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], TSX_DISABLE_CACHE: '1' },
  });
  undo.push(() => ended(child, 'SIGTERM'));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('log ')) continue;
    const [word = '', ...rest] = line.split(' ');
    return { child, word, rest: rest.join(' ') };
  }
  throw new Error('it said nothing');
}

function ended(child: ChildProcess, how: NodeJS.Signals | 'end'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on('exit', () => resolve());
    if (how === 'end') child.stdin?.end('end\n');
    else child.kill(how);
  });
}

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const writeNote = (url: string) =>
  query(url, `create table note (text text); insert into note values ('kept')`);
const readNote = (url: string) => query(url, 'select text from note');
const data = () => dataOf(join(folder, 'postgres'));

const kill9 = async (pid: number | undefined) => {
  if (!pid) throw new Error('no such process');
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => findPostmaster(data())).toBeUndefined();
};

const mounted = (options: string) => {
  mkdirSync(folder);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  undo.push(() => spawnSync('umount', [folder]));
  return status === 0;
};
const canMount = asRoot && spawnSync('unshare', ['-m', 'true']).status === 0;

describe('a first start', () => {
  it('gives a UTF-8 database in UTC that listens on the loopback only and wants a password', async () => {
    const { url } = await open();
    const [row] = await query(
      url,
      `select current_setting('listen_addresses') as at, current_setting('timezone') as zone,
         current_setting('unix_socket_directories') as sockets, lower('ÄÖ') as lower,
         pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({
      at: '127.0.0.1',
      zone: 'UTC',
      sockets: '',
      lower: 'äö',
      encoding: 'UTF8',
    });
    const guess = new URL(url);
    guess.password = 'password';
    await expect(query(guess.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(readFileSync(join(folder, 'postgres', 'password'), 'utf8').trim()).toBe(
      new URL(url).password,
    );
  });

  it('survives power cuts unless a test asks otherwise', async () => {
    const server = await startEmbedded({ folder, log: () => {} });
    undo.push(server.close);
    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as wait`,
    );
    expect(row).toEqual({ fsync: 'on', wait: 'on' });
  });

  it('redoes a database whose making was interrupted, and keeps the remains', async () => {
    mkdirSync(data(), { recursive: true });
    writeFileSync(join(data(), 'PG_VERSION'), '18\n');
    const abandoned = join(folder, 'postgres.new-999999999-abcdef');
    mkdirSync(join(abandoned, 'data'), { recursive: true });
    const { url, lines } = await open();
    await writeNote(url);
    expect(await readNote(url)).toEqual([{ text: 'kept' }]);
    expect(lines.join()).toContain('was not a whole database');
    expect(existsSync(abandoned)).toBe(false);
    expect(readdirSync(folder).some((name) => name.startsWith('postgres.incomplete-'))).toBe(true);
  });
});

describe('processes that share a folder', () => {
  it('start at once, get the same server, and only the last one out stops it', async () => {
    const both = await Promise.all([openElsewhere(), openElsewhere(), openElsewhere()]);
    const [first, second, third] = both;
    expect(both.map(({ word }) => word)).toEqual(['ready', 'ready', 'ready']);
    expect(new Set(both.map(({ rest }) => rest)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['postgres']);
    await writeNote(first.rest);
    await ended(first.child, 'end');
    await ended(second.child, 'end');
    expect(await readNote(third.rest)).toEqual([{ text: 'kept' }]);
    await ended(third.child, 'end');
    expect(existsSync(join(data(), 'postmaster.pid'))).toBe(false);
    await expect(query(third.rest, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('one that starts while the last one stops gets a running server', async () => {
    for (let round = 0; round < 5; round++) {
      const leaving = await open();
      const [, coming] = await Promise.all([leaving.close(), open()]);
      expect(await query(coming.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await coming.close();
    }
  });

  it('keep the address from one start to the next', async () => {
    const first = await open();
    await first.close();
    const second = await open();
    expect(second.url).toBe(first.url);
  });
});

describe('kill -9', () => {
  it('of the process that started it: the next one adopts the server, and stops it in the end', async () => {
    const killed = await openElsewhere();
    await writeNote(killed.rest);
    const orphan = findPostmaster(data());
    await ended(killed.child, 'SIGKILL');
    const next = await open();
    expect(findPostmaster(data())).toEqual(orphan);
    expect(await readNote(next.url)).toEqual([{ text: 'kept' }]);
    await next.close();
    expect(findPostmaster(data())).toBeUndefined();
  });

  it('of the server: it comes back at the same address while somebody uses it', async () => {
    const { url } = await open();
    await writeNote(url);
    await kill9(findPostmaster(data())?.pid);
    await expect.poll(() => readNote(url).catch(() => []), { timeout: 20_000 }).toHaveLength(1);
  });

  it('of both: the next start recovers, though another process has got the dead server’s id', async () => {
    const killed = await openElsewhere();
    await writeNote(killed.rest);
    const server = findPostmaster(data());
    await ended(killed.child, 'SIGKILL');
    await kill9(server?.pid);

    const other = spawn('sleep', ['600'], { ...(lent && { uid: lent.uid, gid: lent.gid }) });
    undo.push(() => ended(other, 'SIGKILL'));
    const note = join(data(), 'postmaster.pid');
    const lines = readFileSync(note, 'utf8').split('\n');
    writeFileSync(note, [String(other.pid), ...lines.slice(1)].join('\n'));

    const next = await open();
    expect(await readNote(next.url)).toEqual([{ text: 'kept' }]);
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });
});

it('says what to do about a lock that a power cut left empty, and leaves it alone', async () => {
  const first = await open();
  await first.close();
  const lock = join(data(), 'postmaster.pid');
  writeFileSync(lock, '');
  await expect(open()).rejects.toMatchObject({
    code: 'database-lock',
    message: expect.stringContaining(lock),
  });
  rmSync(lock);
  await open();
});

it('finds its running server again after the folder was renamed', async () => {
  const killed = await openElsewhere();
  await writeNote(killed.rest);
  await ended(killed.child, 'SIGKILL');
  const moved = join(home, 'renamed');
  renameSync(folder, moved);
  folder = moved;
  const next = await open();
  expect(next.url).toBe(killed.rest);
  expect(await readNote(next.url)).toEqual([{ text: 'kept' }]);
});

describe('users and homes', () => {
  it.runIf(asRoot)('root in a home that nobody else can enter', async () => {
    chmodSync(home, 0o700);
    const first = await open();
    const place = readFileSync(join(folder, 'postgres.location'), 'utf8').trim();
    undo.unshift(() => rmSync(place, { recursive: true, force: true }));
    expect(place.startsWith(home)).toBe(false);
    await writeNote(first.url);
    await first.close();
    const second = await open();
    expect(await readNote(second.url)).toEqual([{ text: 'kept' }]);
    await second.close();

    rmSync(place, { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'database-gone' });
  });

  it.runIf(asRoot)('an ordinary user in a home of mode 0700', async () => {
    if (!lent) throw new Error('root lends an account');
    chownSync(home, lent.uid, lent.gid);
    chmodSync(home, 0o700);
    const { word, rest, child } = await openElsewhere(lent);
    expect(word).toBe('ready');
    await writeNote(rest);
    expect(existsSync(data())).toBe(true);
    await ended(child, 'end');
    expect(findPostmaster(data())).toBeUndefined();
  });

  it('programs that the lent account cannot reach are copied to where it can', async () => {
    const hidden = join(home, 'hidden');
    const usual = locateBinaries(lent, join(folder, 'postgres'));
    const original = dirname(dirname(dirname(usual.postgres)));
    execFileSync('cp', ['-R', original, hidden]);
    execFileSync('chmod', ['-R', 'go=', hidden]);
    const copied = locateBinaries(lent, join(home, 'shared', 'postgres'), hidden);
    expect(copied.postgres.startsWith(hidden)).toBe(!lent);
    const { code, output } = await run(copied.postgres, ['--version'], lent);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('PostgreSQL'),
    });
  });
});

describe('a folder that cannot hold a database', () => {
  it('is named when it is a file', async () => {
    writeFileSync(folder, '');
    await expect(open()).rejects.toMatchObject({
      code: 'database-folder',
      message: expect.stringContaining(`${folder} is or lies below a file`),
    });
  });

  it('is named when it may not be written to', async () => {
    mkdirSync(folder, { mode: 0o555 });
    const { word, rest } = await openElsewhere(lent);
    expect(word).toBe('error');
    expect(rest).toContain('database-folder');
    expect(rest).toContain(folder);
    expect(rest).toContain('LAUREL_DIR');
  });

  it('is named when another version made it', async () => {
    const server = await open();
    await server.close();
    writeFileSync(join(data(), 'PG_VERSION'), '12\n');
    await expect(open()).rejects.toMatchObject({ code: 'database-version' });
  });

  const full = {
    code: 'database-folder',
    message: expect.stringMatching(/disk that holds .* is full.*free some space/),
  };

  it.runIf(canMount)('is named when its disk is full at the first start', async () => {
    expect(mounted('size=20m,mode=755')).toBe(true);
    await expect(open()).rejects.toMatchObject(full);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(canMount)(
    'is named when its disk is full later, and serves again with space',
    async () => {
      expect(mounted('size=120m,mode=755')).toBe(true);
      const first = await open();
      await writeNote(first.url);
      await first.close();
      const ballast = join(folder, 'ballast');
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']);
      await expect(open()).rejects.toMatchObject(full);
      rmSync(ballast);
      const second = await open();
      expect(await readNote(second.url)).toEqual([{ text: 'kept' }]);
    },
  );

  it.runIf(canMount)('is named when its disk is read-only', async () => {
    expect(mounted('ro,mode=755')).toBe(true);
    await expect(open()).rejects.toMatchObject({
      code: 'database-folder',
      message: expect.stringContaining('read-only disk'),
    });
  });
});

it('knows which folders an account can enter', () => {
  const account = { uid: 65_534, gid: 65_534, name: 'nobody' };
  const closed = join(home, 'closed');
  mkdirSync(join(closed, basename(folder)), { recursive: true });
  expect(canReach(closed, account)).toBe(true);
  chmodSync(closed, 0o700);
  expect(canReach(join(closed, basename(folder)), account)).toBe(false);
});
