import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Laurel's service in a process of its own, as an operator runs it, to be killed. */
export type Service = {
  readonly pid: number;
  /** Where its API listens; undefined without the role `api`. */
  readonly url: string | undefined;
  /** kill -9: it gets no chance to finish anything. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  readonly output: () => string;
};

/** Starts it; resolves when it runs, or at once with `ready: false`. */
export async function startService(
  env: Readonly<Record<string, string>>,
  { ready = true }: { readonly ready?: boolean } = {},
): Promise<Service> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'exit');
  if (ready) await untilRunning(child, () => output);
  const url = /"url":"([^"]+)"/.exec(output)?.[1];
  return {
    pid: child.pid ?? 0,
    url,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    output: () => output,
  };
}

async function untilRunning(child: ChildProcess, output: () => string): Promise<void> {
  while (!output().includes('Laurel is running')) {
    if (child.exitCode !== null) throw new Error(`the service ended: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
