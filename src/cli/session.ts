import { type Logger, pino } from 'pino';
import { z } from 'zod';

import { openDatabase } from '../app/database.ts';
import { openLog } from '../app/log.ts';
import type { Context } from '../context.ts';
import { loadProject, type Project } from '../project/load-project.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { readConfig } from './read-config.ts';
import { note } from './terminal.ts';

/** What a command that only needs the database works with. */
export type Session = Omit<Context, 'brands'> & {
  readonly project: Project;
  readonly tenant: string;
  readonly databaseUrl: string;
  /** Aborted by the first Ctrl-C: stop at the next place where nothing is left half-done. */
  readonly signal: AbortSignal;
};

/** What one that needs the brands’ files works with. */
export type BrandsSession = Session & Context;

/** A command that cannot have its database within this time says so, rather than wait like the service does. */
const patienceMs = 10_000;

/** Opens the database, the configured one or the embedded one that a running service may share, for one piece of work. */
export async function withDatabase<Result>(
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const config = readConfig();
  const project = await loadProject();
  const interrupted = onInterrupt();
  const log = quietLog(config.logLevel);
  const database = await openDatabase({
    databaseUrl: config.databaseUrl,
    folder: config.folder,
    log,
    signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(patienceMs)]),
  });
  try {
    return await work({
      config,
      log,
      project,
      templates: project.templates,
      now: () => new Date(),
      tenant: config.tenant,
      databaseUrl: database.url,
      pool: database.pool,
      signal: interrupted.signal,
    });
  } finally {
    interrupted.forget();
    await database.close();
  }
}

/** The same for work that needs the brands' files. The others go on where these are broken. */
export const withBrands = <Result>(
  work: (session: BrandsSession) => Promise<Result>,
): Promise<Result> =>
  withDatabase(async (session) =>
    work({ ...session, brands: await loadBrands(session.project.root) }),
  );

/** Warnings as plain lines on stderr; everything as it is when somebody looks for a fault. */
export function quietLog(level: string): Logger {
  if (level === 'debug' || level === 'trace') return openLog(level, pino.destination(2));
  const atLeast = level === 'info' ? 'warn' : level;
  return openLog(atLeast, { write: (line) => note(`laurel: ${plainLine(line)}`) });
}

const Entry = z.looseObject({
  msg: z.string().default(''),
  err: z.looseObject({ code: z.string().default(''), message: z.string().default('') }).optional(),
});

/** What a line of the log says, with what caused it. */
function plainLine(line: string): string {
  const { msg, err } = Entry.parse(JSON.parse(line));
  const cause = [err?.code, err?.message].filter(Boolean).join(': ');
  return cause === '' ? msg : `${msg} (${cause})`;
}

function onInterrupt() {
  const stop = new AbortController();
  const listener = (signal: NodeJS.Signals) => {
    // Asked twice: they mean it. The embedded server's lease is given back on exit.
    if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    note('laurel: stopping; once more stops at once');
    stop.abort();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: stop.signal,
    forget: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
