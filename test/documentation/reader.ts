import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { builtProgram } from '../built.ts';
import { testFolder } from '../folder.ts';
import { scratchCheckout } from '../scratch-checkout.ts';
import { type Fence, put } from './page.ts';

/** Somebody at a shell in a bare checkout who does what a page says, fence by fence. */
export type Reader = {
  readonly folder: string;
  /** Opens a page in a shell of its own: what its fences set stays for those below. */
  readonly open: () => Shell;
  readonly close: () => Promise<void>;
};

export type Shell = {
  /** Resolves to what was printed. @throws Error naming page and line where it doesn't go as the page says */
  readonly follow: (fence: Fence) => Promise<string>;
  readonly close: () => void;
};

const patienceMs = 600_000;
/** For what is to be seen a moment later: a message is worked off meanwhile. */
const saysWithinMs = 120_000;

/**
 * @param databaseUrl of the database that stands for the embedded one, which starts with the first command
 * @param edits whether pages have something in the checkout changed. Where they don't, commands are those that were built:
 *   they start in a third of the time
 */
export async function openReader(
  databaseUrl: string,
  { edits }: { readonly edits: boolean },
): Promise<Reader> {
  const checkout = await scratchCheckout();
  const folder = edits ? checkout.folder : await besideCheckout(checkout.folder);
  const source = ['--import', 'tsx', join(checkout.folder, 'src/cli/laurel.ts')];
  const program = edits ? source : [join(await builtProgram(), 'src/cli/laurel.js')];
  const [api, preview] = [await freePort(), await freePort()];
  const { PATH = '', HOME = '', CHROMIUM_PATH } = process.env;
  const env = {
    PATH,
    HOME,
    DATABASE_URL: databaseUrl,
    // What personas come to is counted on the server of the test run, once for all tests.
    LAUREL_DIR: testFolder,
    OUTBOX_DIR: join(folder, '.laurel', 'outbox'),
    PSQL: psql,
    PORT: String(api),
    PREVIEW_PORT: String(preview),
    ...(CHROMIUM_PATH !== undefined && { CHROMIUM_PATH }),
  };
  const running: ChildProcess[] = [];

  /** Started once, as whoever reads on would have it. */
  async function start(command: string) {
    const args = /^(?:npm run|laurel) (serve|preview)$/.exec(command.trim())?.[1];
    if (args === undefined) throw new Error(`nobody knows how to keep "${command}" up`);
    const port = args === 'serve' ? api : preview;
    if (await answers(port)) return '';
    // The service as it runs in a checkout, in any case.
    const from = args === 'serve' ? source : program;
    const child = spawn(process.execPath, [...from, args], {
      cwd: args === 'serve' ? checkout.folder : folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`"${command}" ended: ${said}`);
      await sleep(100);
    }
    return said;
  }

  return {
    folder,
    open: () => openShell({ folder, env, api, preview, program, start }),
    close: async () => {
      for (const child of running) {
        if (child.exitCode !== null) continue;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
      await checkout.close();
    },
  };
}

/** A folder that has what the checkout has, but for its project: the built program takes the one that it brings. */
async function besideCheckout(checkout: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-reader-'));
  for (const name of await readdir(checkout))
    if (name !== 'laurel.config.ts') await symlink(join(checkout, name), join(folder, name));
  return folder;
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

type Surroundings = {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly api: number;
  readonly preview: number;
  /** `laurel`, as `node` is told it. */
  readonly program: readonly string[];
  readonly start: (command: string) => Promise<string>;
};

/** What pages ask of `psql`: it runs what comes on stdin and prints the rows of the last statement. */
const psql = `
import { readFileSync } from 'node:fs';
import pg from 'pg';
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
const answers = [await client.query(readFileSync(0, 'utf8'))].flat();
for (const row of answers.at(-1).rows) console.log(JSON.stringify(row));
await client.end();`;

/** `laurel` as pages write it, `curl` that takes an error for one, at the ports that are free here. */
const prologue = ({ api, preview, program }: Surroundings) => `
exec 2>&1
set -e -o pipefail
trap 'echo "line $LINENO: $BASH_COMMAND"' ERR
laurel() { node ${program.join(' ')} "$@" || return; }
curl() {
  local args=()
  for one in "$@"; do one=\${one//:3400/:${api}}; args+=("\${one//:3500/:${preview}}"); done
  command curl --fail-with-body -sS "\${args[@]}" || return
}
psql() { node --input-type=module -e "$PSQL" || return; }
npm() {
  case "$*" in
    "run demo") laurel demo --once || return ;;
    *) command npm "$@" || return ;;
  esac
}
`;

function openShell(around: Surroundings): Shell {
  const { folder, env, api } = around;
  // A group of its own, so that what it runs ends with it.
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env, detached: true });
  let said = '';
  bash.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  bash.stdin.on('error', () => {}); // a page that failed has ended its shell
  bash.stdin.write(prologue(around));
  let fences = 0;

  async function shell({ page, line, exit = 0 }: Fence, script: string): Promise<string> {
    const file = join(folder, '.laurel', `fence-${++fences}`, page);
    await mkdir(dirname(file), { recursive: true });
    // Its lines have the page's numbers.
    await writeFile(file, `${'\n'.repeat(line)}${script}\n`);
    const mark = `\u0001${fences} `;
    said = '';
    bash.stdin.write(
      exit === 0
        ? `source '${file}'; echo; echo '${mark}0'\n`
        : `set +e; (set -e; source '${file}'); echo "\n${mark}$?"; set -e\n`,
    );
    const until = Date.now() + patienceMs;
    while (!said.includes(mark)) {
      if (bash.exitCode !== null || Date.now() > until)
        throw new Error(`${page}:${line}: this does not work:\n${script}\n${said}`);
      await sleep(20);
    }
    const [output = '', code] = said.split(mark);
    if (Number(code) !== exit)
      throw new Error(`${page}:${line}: ends with ${code}, not ${exit}:\n${said}`);
    return output;
  }

  async function attempt(fence: Fence): Promise<string> {
    const { language, body, file, post } = fence;
    if (file !== undefined || fence.into !== undefined) return put(folder, fence);
    if (post !== undefined) {
      const type = language === 'json' ? 'application/json' : 'application/x-ndjson';
      const answer = await fetch(`http://127.0.0.1:${api}${post}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      const told = await answer.text();
      if (answer.ok) return told;
      throw new Error(`${fence.page}:${fence.line}: ${post} answers ${answer.status}: ${told}`);
    }
    if (fence.background) return around.start(body);
    if (language === 'sql') return shell(fence, `psql <<'SQL'\n${body}\nSQL`);
    return shell(fence, language === 'console' ? commandsOf(body) : body);
  }

  return {
    follow: async (fence) => {
      const until = Date.now() + saysWithinMs;
      let output = await attempt(fence);
      while (fence.says !== undefined && !output.includes(fence.says)) {
        if (Date.now() > until)
          throw new Error(`${fence.page}:${fence.line}: never says "${fence.says}":\n${output}`);
        await sleep(500);
        output = await attempt(fence);
      }
      return output;
    },
    close: () => {
      if (bash.exitCode === null && bash.pid !== undefined) process.kill(-bash.pid, 'SIGTERM');
    },
  };
}

/** Of a session as it is shown, what was typed; the answers' lines stay empty. */
const commandsOf = (body: string) =>
  body
    .split('\n')
    .map((line) => (line.startsWith('$ ') ? line.slice(2) : ''))
    .join('\n');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
