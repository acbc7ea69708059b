import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, DatabaseError } from 'pg';

import { PermanentError } from '../../core/errors.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { dataOf, superuser } from './cluster.ts';
import { outputError } from './folder-error.ts';
import { freePort, rememberedPort, rememberPort } from './port.ts';
import { findPostmaster, mistakenFor, type Postmaster } from './postmaster.ts';
import { run, spawnError, spawnOptions } from './run.ts';

export type ServerOptions = {
  readonly place: string;
  readonly password: string;
  readonly account: Account;
  readonly binaries: Binaries;
  /** Whether a commit outlives a power cut. Only tests do without. */
  readonly durable: boolean;
  readonly maxConnections: number;
};

/** Recovery after a crash replays up to a gigabyte of log first. */
const patienceMs = 120_000;

/**
 * Makes sure a server runs on the data folder and returns its port: adopts a live one, else starts one.
 * Postgres's own lock on the folder decides between processes that start one at the same time.
 */
export async function ensureServer(options: ServerOptions): Promise<number> {
  const data = dataOf(options.place);
  const began = performance.now();
  const waitedMs = () => performance.now() - began;
  let port = rememberedPort(options.place) ?? (await freePort());
  while (waitedMs() < patienceMs) {
    const running = findPostmaster(data);
    if (running && (await answers(running, options))) return running.port;
    if (running) {
      await sleep(25); // starting or stopping
      continue;
    }
    const outcome = await launch(port, options);
    switch (outcome) {
      case 'running':
        break;
      case 'locked':
        await sleep(50); // another process has just started one
        break;
      case 'lock-empty':
        if (waitedMs() > 2_000) throw emptyLock(data);
        await sleep(100); // another process is writing it, or a crash left it so
        break;
      case 'port-taken':
        port = await freePort();
        break;
      case 'memory-in-use':
        await sleep(100); // the last of a killed server's processes are on their way out
        break;
      default:
        throw outputError(outcome.output, options.place);
    }
  }
  throw new PermanentError(
    'database-start',
    `the embedded Postgres in ${options.place} did not start within ${patienceMs / 1000} s; ${join(options.place, 'server.log')} may say why`,
  );
}

type Outcome =
  | 'running'
  | 'locked'
  | 'lock-empty'
  | 'port-taken'
  | 'memory-in-use'
  | { readonly output: string };

async function launch(port: number, options: ServerOptions): Promise<Outcome> {
  const { place, account, binaries } = options;
  const data = dataOf(place);
  const logFile = join(place, 'server.log');
  const log = openLog(logFile);
  const { size: before } = fstatSync(log);
  const base = spawnOptions(account);
  const mistaken = mistakenFor(data);
  // Postgres takes this variable's process for one that cannot hold the lock, and still checks the
  // shared memory: so a stale note is passed over without anybody deleting it.
  const env = mistaken ? { ...base.env, PG_GRANDPARENT_PID: String(mistaken) } : base.env;
  const failures: unknown[] = [];
  try {
    // Detached, so that Ctrl-C reaches us first and the server only when we are done with it; logging to
    // a file, so that it can outlive us.
    const child = spawn(binaries.postgres, serverArguments(port, options), {
      ...base,
      env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.on('error', (error) => failures.push(error));
    child.unref();
    while (child.exitCode === null && child.signalCode === null && failures.length === 0) {
      const running = findPostmaster(data);
      if (running?.ready && running.pid === child.pid) {
        rememberPort(place, port);
        return 'running';
      }
      await sleep(15);
    }
  } catch (error) {
    failures.push(error);
  } finally {
    closeSync(log);
  }
  if (failures.length > 0) throw spawnError(failures[0], binaries.postgres, account);
  return outcomeOf(readFileSync(logFile).subarray(before).toString());
}

function outcomeOf(output: string): Outcome {
  if (/could not bind|could not create any TCP\/IP sockets/.test(output)) return 'port-taken';
  if (/pre-existing shared memory block/.test(output)) return 'memory-in-use';
  if (/lock file "postmaster.pid" already exists/.test(output)) return 'locked';
  if (/lock file "postmaster.pid" is empty/.test(output)) return 'lock-empty';
  return { output };
}

function serverArguments(port: number, { place, durable, maxConnections }: ServerOptions) {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    // Refused statements and their values stay out of the log: they hold people's data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataOf(place), '-p', String(port), ...flags];
}

/** One file, kept from growing for ever: the former one is thrown away when it is replaced. */
function openLog(file: string): number {
  const limit = 5_000_000;
  if (existsSync(file) && statSync(file).size > limit) rmSync(file);
  return openSync(file, 'a', 0o600);
}

/** Whether this server takes our password, and is the one whose note we read and not a later one on its port. */
async function answers(
  { pid, port }: Postmaster,
  { place, password }: ServerOptions,
): Promise<boolean> {
  const client = connect(port, password, 'postgres');
  try {
    await client.connect();
    const { rows } = await client.query<{ note: string }>(
      `select pg_read_file('postmaster.pid') as note`,
    );
    return Number(rows[0]?.note.split('\n')[0]) === pid;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '28P01') {
      throw new PermanentError(
        'database-password',
        `the embedded Postgres in ${place} refuses the password in ${join(place, 'password')}; put that file back as it was`,
        { cause: error },
      );
    }
    return false; // still starting or already stopping
  } finally {
    await client.end().catch(() => {});
  }
}

const emptyLock = (data: string) =>
  new PermanentError(
    'database-lock',
    `${join(data, 'postmaster.pid')} is empty, as a power cut may leave it; make sure that no Postgres runs on that folder, then delete the file`,
  );

/** Creates the database `name` unless it is there. */
export async function ensureDatabase(port: number, password: string, name: string): Promise<void> {
  const client = connect(port, password, 'postgres');
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    // Two processes that create it at once: one of them is told so, in one of two ways.
    const code = error instanceof DatabaseError ? error.code : undefined;
    if (code !== '42P04' && code !== '23505') throw error;
  } finally {
    await client.end();
  }
}

function connect(port: number, password: string, database: string): Client {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password,
    database,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {}); // whoever awaits the connection hears of it
  return client;
}

/** Stops the server and waits for it; open connections are cut, open transactions rolled back. */
export async function stopServer({ place, account, binaries }: ServerOptions): Promise<void> {
  const data = dataOf(place);
  if (!findPostmaster(data)) return;
  const args = ['stop', '-D', data, '-m', 'fast', '-w', '-t', '60', '-s'];
  const { code, output } = await run(binaries.pgCtl, args, account);
  if (code !== 0 && findPostmaster(data)) throw outputError(output, place);
}

/** Asks the server to stop and does not wait, for a process that is ending. */
export function signalServer({ place }: ServerOptions): void {
  const running = findPostmaster(dataOf(place));
  if (running && process.platform !== 'win32') process.kill(running.pid, 'SIGINT');
}
