import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { builtProgram } from '../built.ts';
import { madeOnce } from '../made-once.ts';

/** Laurel's service in a process of its own, as an operator runs it, to be killed. */
export type Service = {
  readonly pid: number;
  /** Where its API listens; undefined without the role `api`. */
  readonly url: string | undefined;
  readonly alive: () => boolean;
  /** kill -9: it gets no chance to finish anything. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  /** What it logged. */
  readonly output: () => string;
};

/** What is sent while it is killed. */
const templates = [
  'order-confirmation',
  'shipped',
  'bonus-reminder',
  'year-in-review',
  'flight-booking',
  // Which the brands' topics name.
  'early-access',
];
let project: Promise<string> | undefined;

/** The folder of a project that has few templates, as most have: compiling all of them is most of a start. */
async function fewTemplates(built: string): Promise<string> {
  const folder = join(`${built}.few`, templates.join('+'));
  await madeOnce(folder, async () => {
    const part = `${folder}.part`;
    // The other brands are written to by themselves, with templates it hasn't got.
    for (const brand of ['juniper', 'kestrel'])
      await cp(join(built, 'templates/brands', brand), join(part, 'brands', brand), {
        recursive: true,
      });
    const config = JSON.stringify({ templates }, null, 2);
    await writeFile(join(part, 'laurel.config.mjs'), `export default ${config};\n`);
    await rename(part, folder);
  });
  return folder;
}

/** Starts it; resolves when it runs, or at once with `ready: false`. */
export async function startService(
  env: Readonly<Record<string, string>>,
  { ready = true }: { readonly ready?: boolean } = {},
): Promise<Service> {
  const built = await builtProgram();
  const child = spawn(process.execPath, ['--enable-source-maps', join(built, 'src/main.js')], {
    cwd: await (project ??= fewTemplates(built)),
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'exit');
  const alive = () => child.exitCode === null && child.signalCode === null;
  if (ready) await untilRunning(child, alive, () => output);
  const end = async (signal: NodeJS.Signals) => {
    if (alive()) {
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    url: /"url":"([^"]+)"/.exec(output)?.[1],
    alive,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    output: () => output,
  };
}

async function untilRunning(
  child: ChildProcess,
  alive: () => boolean,
  output: () => string,
): Promise<void> {
  while (!output().includes('Laurel is running')) {
    if (!alive()) throw new Error(`the service ended (${child.exitCode}): ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
