import { spawn } from 'node:child_process';
import { once as emitted } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { openDatabase } from '../../app/database.ts';
import { readBundle } from '../../app/versions.ts';
import type { Config } from '../../config.ts';
import { looksIn, madeFor } from '../../render/version/bundle.ts';
import {
  liveVersionOf,
  pointingsOf,
  versionBefore,
} from '../../render/version/template-versions.ts';
import { quietLog } from '../session.ts';

type Setting = {
  readonly config: Pick<Config, 'databaseUrl' | 'folder' | 'logLevel' | 'tenant'>;
  /** Where commands run: the project. */
  readonly project: string;
  /** Their environment. */
  readonly env: NodeJS.ProcessEnv;
};

/** Somebody waits for it at a page. */
const patienceMs = 15_000;

/** What mails are really sent from, for the preview's page. Its database is opened when first asked for. */
export function openInstallation({ config, project, env }: Setting) {
  let opened: ReturnType<typeof openDatabase> | undefined;
  const pool = async () => {
    opened ??= openDatabase({
      databaseUrl: config.databaseUrl,
      folder: config.folder,
      log: quietLog(config.logLevel),
      signal: AbortSignal.timeout(patienceMs),
    });
    // One that couldn't be opened is tried again.
    opened.catch(() => (opened = undefined));
    return (await opened).pool;
  };
  const { tenant } = config;
  return {
    liveState: async (template: string) => {
      const pointings = await pointingsOf(await pool(), tenant, template);
      const hash = versionBefore(pointings);
      return {
        pointings: pointings.map((one) => ({ ...one, at: one.at.toISOString() })),
        before: hash === undefined ? null : { hash },
      };
    },
    liveLooks: async (template: string) => {
      const db = await pool();
      const hash = await liveVersionOf(db, tenant, template);
      if (hash === null) return null;
      const bundle = await readBundle(db, hash);
      return { hash, files: looksIn(bundle), code: new Map(madeFor(bundle)) };
    },
    publish: ({
      template,
      note,
      what,
    }: {
      readonly template: string;
      readonly note: string;
      readonly what: 'publish' | 'rollback';
    }) => {
      const said = what === 'publish' ? '--note' : '--why';
      return command(['templates', what, ...(note === '' ? [] : [`${said}=${note}`]), '--', template], {
        project,
        env,
      });
    },
    close: async () => {
      await opened?.then((database) => database.close()).catch(() => undefined);
    },
  };
}

/** Runs the command itself, in a process of its own: with the code as it is saved now, whatever that does. */
async function command(
  args: readonly string[],
  { project, env }: Pick<Setting, 'project' | 'env'>,
): Promise<{ readonly done: boolean; readonly lines: readonly string[] }> {
  const ending = import.meta.url.slice(-2);
  const loader =
    ending === 'ts'
      ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
      : [];
  const program = fileURLToPath(new URL(`../laurel.${ending}`, import.meta.url));
  const child = spawn(process.execPath, [...loader, program, ...args], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    emitted(child, 'close'),
  ]);
  return {
    done: child.exitCode === 0,
    lines: `${out}\n${err}`.split('\n').filter((line) => line.trim() !== ''),
  };
}
