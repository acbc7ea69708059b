import { spawn } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { fastify, type FastifyInstance } from 'fastify';

import { TemplateError } from '../src/render/source/problems.ts';
import { openCamera } from './camera.ts';
import { checkAll } from './check.ts';
import { addEntry, badQuestion } from './entry.ts';
import { errorReportOf, reportSince } from './error-report.ts';
import { openEvents } from './events.ts';
import { isLoopback, openGuard } from './guard.ts';
import type { Installation } from './installation.ts';
import { pageHeaders } from './policies.ts';
import type { ErrorReport } from './protocol.ts';
import { startRenderer } from './renderer.ts';
import { addRoutes, type Tests } from './routes.ts';
import { Refused } from './running.ts';
import { builtPages } from './ui-build.ts';
import { startWatcher } from './watcher.ts';

export type PreviewOptions = {
  /** The folder that holds `templates/` and `fixtures/`. */
  readonly root: string;
  /** Where Laurel keeps its files: personas' events are applied in a database there. */
  readonly folder: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** `127.0.0.1` unless others are to see it: then every request needs the token in the printed address. */
  readonly host: string;
  /** The Chromium that mails are read in to check them, if it is there. */
  readonly chromiumPath?: string;
  /** Who may be sent test mails, and how; left out: nobody. */
  readonly tests?: Tests;
  /** What mails are sent from; left out: nothing of it is shown, and nothing published. */
  readonly installation?: Installation;
  readonly log: (line: string) => void;
  /** Opens the page in the browser. */
  readonly open?: boolean;
};

/** The rest is checked after a save once the open page has had its turn. */
const checkAfterMs = 2_000;
/** The first page comes first. */
const firstCheckAfterMs = 3_000;

/**
 * Starts the preview server. It listens on one address, talks to nothing else, and sends no mail.
 * @returns the address to open, and what stops everything it started
 * @throws Error when the port is taken or the pages can't be built
 */
export async function startPreview(
  options: PreviewOptions,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { port, host, log } = options;
  // Links resolved, as files name themselves in errors.
  const root = await realpath(options.root);
  const events = openEvents();
  const renderer = startRenderer({
    root,
    folder: resolve(options.folder),
    chromiumPath: options.chromiumPath,
    log,
    onCounting: (counting) => events.tell({ kind: 'counting', counting }),
  });
  const guard = openGuard(host);
  const app = fastify({
    logger: false,
    // An address holds everything on the page, lists of a message too.
    http: { maxHeaderSize: 256 * 1024 },
    bodyLimit: 64 * 1024,
    // Checks before publishing take longer than a page.
    requestTimeout: 180_000,
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');

  addEntry(app, guard, log);
  const camera = openCamera(options.chromiumPath);
  const { tests, installation } = options;
  // Who came by a token may look.
  const writes = guard.token === null;
  addRoutes(app, { renderer, events, camera, tests, installation, writes });

  let checking = new AbortController();
  const check = async (afterMs: number, since: readonly string[]) => {
    checking.abort();
    const { signal } = (checking = new AbortController());
    const tell = (report: ErrorReport | null) =>
      signal.aborted || events.tell({ kind: 'report', report, stale: false });
    try {
      await setTimeout(afterMs, undefined, { signal });
      await checkAll(renderer, signal);
      tell(null);
    } catch (error) {
      tell(reportSince(errorReportIn(error, root), since));
    }
  };
  const onSaved = async (files: readonly string[], code: boolean) => {
    events.tell({ kind: 'saved' });
    checking.abort();
    try {
      await (code ? renderer.restart() : renderer.changed(files));
    } catch (error) {
      const report = reportSince(errorReportIn(error, root), files);
      events.tell({ kind: 'report', report, stale: code });
      return;
    }
    events.tell({ kind: 'changed' });
    // Of the code before, nothing is true any more; what is wrong elsewhere is found again.
    if (code) events.tell({ kind: 'report', report: null, stale: false });
    void check(checkAfterMs, files);
  };

  const [pages, watcher] = await Promise.all([
    builtPages(log),
    startWatcher(root, ({ files, code }) => void onSaved(files, code)),
  ]).catch(async (error: unknown) => {
    await renderer.close();
    throw error;
  });

  addPages(app, pages);
  const close = async () => {
    checking.abort();
    events.close();
    await Promise.all([
      app.close(),
      watcher.close(),
      renderer.close(),
      camera.close(),
      installation?.close(),
    ]);
  };
  try {
    await app.listen({ port, host });
  } catch (error) {
    await close();
    throw error;
  }
  const address = app.server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const shown =
    host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${isLoopback(host) ? 'localhost' : shown}:${boundPort}/${guard.token === null ? '' : `?token=${guard.token}`}`;
  void check(firstCheckAfterMs, []);
  if (options.open) openBrowser(url);
  return { url, close };
}

/** The page itself. */
function addPages(app: FastifyInstance, pages: string): void {
  // Every other address is a state of the one page.
  app.get('/*', async (request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    if (/^\/(api\/|api$|\/)/.test(path))
      return reply
        .code(404)
        .headers(pageHeaders)
        .send({ report: badQuestion(`there is nothing at ${path}`) });
    const asset = /^\/assets\/([\w.-]+)$/.exec(path)?.[1];
    if (asset === undefined && extname(path) !== '')
      return reply.code(404).headers(pageHeaders).send();
    const file = asset === undefined ? 'index.html' : join('assets', asset);
    const content = await readFile(join(pages, file)).catch(() => null);
    if (!content) return reply.code(404).headers(pageHeaders).send();
    return reply
      .headers(pageHeaders)
      .type(types[extname(file)] ?? 'application/octet-stream')
      .send(content);
  });
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

function errorReportIn(error: unknown, root: string): ErrorReport {
  if (error instanceof Refused) return error.report;
  if (error instanceof TemplateError) return errorReportOf(error, root);
  return badQuestion(error instanceof Error ? error.message : String(error));
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  // A machine without a browser is no reason to stop: the address was printed.
  spawn(command ?? 'xdg-open', [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
