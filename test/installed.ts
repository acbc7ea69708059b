import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { z } from 'zod';

import { builtProgram } from './built.ts';
import { scratchCheckout } from './scratch-checkout.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const roomy = { maxBuffer: 1e8 };

type Env = Readonly<Record<string, string>>;

/** Folders outside the checkout, to one of which the packed package was brought as its users bring it. */
export type Installed = {
  readonly around: string;
  readonly folder: string;
  /** The packed package. */
  readonly packed: string;
  /** The package's folder in it. */
  readonly at: string;
  /** Of npm, what it needs of the environment. */
  readonly npm: (folder: string, ...args: string[]) => Promise<string>;
  /** False where no registry can be reached: packages are then links to the checkout's. */
  readonly byNpm: boolean;
  /** When its installation began, by the process' clock. */
  readonly began: number;
  readonly laurel: (folder: string, args: readonly string[], env?: Env) => Promise<string>;
  /** Starts it, and resolves with where it listens. */
  readonly serve: (
    folder: string,
    env: Env,
  ) => Promise<{ readonly url: string; readonly stop: () => Promise<number | null> }>;
  readonly close: () => Promise<void>;
};

/** Nothing of the test run's own settings reaches what is tried. */
const plainEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && /^(PATH|HOME|https?_proxy|no_proxy|npm_config_.*)$/i.test(name)
        ? [[name, value]]
        : [],
    ),
  );

const unreachable =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED|E401|E403/;

/** Packs what was built, and installs it. */
export async function installPackage(): Promise<Installed> {
  const around = await mkdtemp(join(await realpath(tmpdir()), 'laurel-installed-'));
  const folder = join(around, 'coffee');
  await mkdir(folder);
  const scratch = await scratchCheckout();
  try {
    await cp(await builtProgram(), join(scratch.folder, 'dist'), { recursive: true });
    await run('npm', ['pack', '--pack-destination', folder], { cwd: scratch.folder, ...roomy });
  } finally {
    await scratch.close();
  }
  const [packed = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const env = plainEnv();
  const npm = async (where: string, ...args: string[]) =>
    (await run('npm', args, { cwd: where, env, ...roomy })).stdout;
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${packed}`];
  const began = performance.now();
  const byNpm = await npm(folder, ...install).then(
    () => true,
    async (error: Error) => {
      if (!unreachable.test(error.message)) throw error;
      await linked(folder, packed);
      return false;
    },
  );
  // Whoever lies beside it has its packages too.
  await symlink(join(folder, 'node_modules'), join(around, 'node_modules'));
  const at = join(folder, 'node_modules/laurel');
  const entry = join(at, 'dist/src/cli/laurel.js');
  return {
    around,
    folder,
    packed: join(folder, packed),
    at,
    npm,
    byNpm,
    began,
    laurel: async (where, args, more = {}) =>
      (
        await run(process.execPath, [entry, ...args], {
          cwd: where,
          env: { ...env, ...more },
          ...roomy,
        })
      ).stdout,
    serve: async (where, more) => {
      const child = spawn(process.execPath, [entry, 'serve'], {
        cwd: where,
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const Line = z.looseObject({ msg: z.string(), url: z.string().optional() });
      for await (const line of createInterface(child.stdout)) {
        const { msg, url } = Line.parse(JSON.parse(line));
        if (msg !== 'Laurel is running' || url === undefined) continue;
        child.stdout.resume();
        return {
          url,
          stop: async () => {
            child.kill('SIGTERM');
            await once(child, 'exit');
            return child.exitCode;
          },
        };
      }
      throw new Error('it ended before it ran');
    },
    close: () => rm(around, { recursive: true, force: true }),
  };
}

/** As npm would lay it, but of links to what the checkout has. */
async function linked(folder: string, packed: string): Promise<void> {
  const packages = join(folder, 'node_modules');
  await mkdir(join(packages, 'laurel'), { recursive: true });
  await run('tar', ['xzf', join(folder, packed), '-C', join(packages, 'laurel'), '--strip', '1']);
  const manifest = z
    .looseObject({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(packages, 'laurel/package.json'), 'utf8')));
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(join(packages, name, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(packages, name));
  }
  await writeFile(
    join(folder, 'package.json'),
    '{ "type": "module", "dependencies": { "laurel": "*" } }',
  );
}
