import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { builtProgram } from './built.ts';

type Ran = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Cli = {
  /** The empty folder it runs in; `.laurel` and `.env` would be here. */
  readonly folder: string;
  /** Runs the real command in a process of its own, as a pipe and not a terminal. */
  readonly laurel: (
    args: readonly string[],
    options?: { readonly stdin?: string; readonly env?: Record<string, string> },
  ) => Promise<Ran>;
  readonly close: () => Promise<void>;
};

/** @param env its environment besides PATH and HOME: nothing of the test run's own configuration reaches it */
export async function openCli(env: Record<string, string> = {}): Promise<Cli> {
  const entry = join(await builtProgram(), 'src/cli/laurel.js');
  const folder = await mkdtemp(join(tmpdir(), 'laurel-cli-'));
  const { PATH = '', HOME = '' } = process.env;
  return {
    folder,
    laurel: async (args, { stdin = '', env: more = {} } = {}) => {
      const child = spawn(process.execPath, [entry, ...args], {
        cwd: folder,
        env: { PATH, HOME, ...env, ...more },
      });
      child.stdin.on('error', () => {}); // it may refuse before it has read everything
      child.stdin.end(stdin);
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code: child.exitCode, stdout, stderr };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
