import { spawn } from 'node:child_process';
import { once as emitted } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { lazily } from '../../app/lazily.ts';
import type { Config } from '../../config.ts';
import type { Outcome, Preflight } from '../../contract/preflight.ts';
import { isRecord } from '../../core/is-record.ts';
import { jsonOrText } from '../../core/json-or-text.ts';
import type { SentFilter } from './sent.ts';

type Setting = {
  readonly config: Config;
  /** Where commands run: the project. */
  readonly project: string;
  /** Their environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => Date;
};

/**
 * What mails are really sent from, for the preview's page. Code and database that most pages never need are read when first
 * asked for.
 */
export function openInstallation({ config, project, env, now }: Setting) {
  const stores = lazily(async () =>
    (await import('./stores.ts')).openStores({ config, project, now }),
  );
  return {
    liveState: async (template: string) => (await stores.open()).liveState(template),
    liveLooks: async (template: string) => (await stores.open()).liveLooks(template),
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
      return command(
        ['templates', what, ...(note === '' ? [] : [`${said}=${note}`]), '--', template],
        { project, env },
      ).then(({ done, lines }) => ({ done, lines }));
    },
    dryRun: async ({ template, brand, year, audience, everybody }: DryRunRequest) => {
      const { out, lines } = await command(
        [
          'campaign',
          'preflight',
          `--brand=${brand}`,
          `--year=${year}`,
          '--audience=-',
          ...(everybody ? ['--all'] : []),
          '--json',
          '--',
          template,
        ],
        { project, env },
        audience,
      );
      // Broken mails end it with 1, and it has said which.
      const found = jsonOrText(out);
      if (!isPreflight(found)) return { found: null, lines };
      return { found: config.previewRealMembers ? found : unnamed(found), lines: [] };
    },
    campaigns: {
      list: async () => (await stores.open()).campaigns.list(),
      one: async (id: string) => (await stores.open()).campaigns.one(id),
      outcome: async (id: string, days: number) =>
        (await stores.open()).campaigns.outcome(id, days),
      change: (id: string, { what }: { readonly what: 'pause' | 'resume' | 'release' }) =>
        command(['campaign', what, '--', id], { project, env }),
    },
    sent: config.previewRealMembers
      ? {
          list: async (filter: SentFilter) => (await (await stores.open()).sent()).list(filter),
          one: async (id: string) => (await (await stores.open()).sent()).one(id),
        }
      : null,
    close: stores.close,
  };
}

type DryRunRequest = {
  readonly template: string;
  readonly brand: string;
  readonly year: number;
  /** Its file, as it is. */
  readonly audience: string;
  /** Or a sample of them. */
  readonly everybody: boolean;
};

/** What the command prints where it could look. */
const isPreflight = (value: unknown): value is Preflight => isRecord(value) && 'lookedAt' in value;

const one = (outcome: Outcome) => ({ ...outcome, examples: [] });

/** Counts alone: what would become of whom is shown where real members are. */
function unnamed(found: Preflight): Preflight {
  const all = (some: Preflight['held']) =>
    Object.fromEntries(Object.entries(some).map(([reason, outcome]) => [reason, one(outcome)]));
  const { willSend, tooLittle, held, suppressed, errors } = found;
  return {
    ...found,
    willSend: one(willSend),
    tooLittle: tooLittle && one(tooLittle),
    held: all(held),
    suppressed: all(suppressed),
    errors: all(errors),
  };
}

/** Runs the command itself, in a process of its own: with the code as it is saved now, whatever that does. */
async function command(
  args: readonly string[],
  { project, env }: Pick<Setting, 'project' | 'env'>,
  input = '',
): Promise<{ readonly done: boolean; readonly lines: readonly string[]; readonly out: string }> {
  const ending = import.meta.url.slice(-2);
  const loader =
    ending === 'ts'
      ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
      : [];
  const program = fileURLToPath(new URL(`../laurel.${ending}`, import.meta.url));
  const child = spawn(process.execPath, [...loader, program, ...args], {
    cwd: project,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end before it has read all.
  child.stdin.on('error', () => undefined).end(input);
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    emitted(child, 'close'),
  ]);
  const done = child.exitCode === 0;
  // How far its checks are is told while they run; what they found, where they stop it.
  const said = done ? out : `${err}\n${out}`;
  return {
    done,
    out,
    lines: said.split('\n').filter((line) => line.trim() !== '' && !/\(\d+ %\)$/.test(line)),
  };
}
