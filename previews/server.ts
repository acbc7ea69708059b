import { spawn } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';

import { fastify } from 'fastify';
import { z } from 'zod';

import type { HandOver, OutgoingMail } from '../src/contract/email.ts';
import type { Rendering } from './answer.ts';
import { reportSince } from './error-report.ts';
import { openEvents } from './events.ts';
import { isLoopback, openGuard } from './guard.ts';
import { frameHeaders, pageHeaders } from './policies.ts';
import {
  type ErrorReport,
  RenderRequest,
  type Settings,
  type TestAnswer,
  TestRequest,
} from './protocol.ts';
import { Refused, startRenderer } from './renderer.ts';
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
  readonly tests?: {
    readonly to: readonly string[];
    readonly send: (mail: OutgoingMail) => Promise<HandOver>;
  };
  readonly log: (line: string) => void;
  /** Opens the page in the browser. */
  readonly open?: boolean;
};

/** Mails a browser may still ask for. */
const keptMails = 400;
const cookie = 'laurel-preview';
/** The rest is checked after a save once the open page has had its turn. */
const checkAfterMs = 300;
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
  const mails = new Map<string, { readonly html: string; readonly mime: Buffer }>();
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    const token = z.object({ token: z.string().optional() }).parse(request.query).token;
    const refusal = guard.refusal({
      host: request.headers.host,
      origin: request.headers.origin,
      site: request.headers['sec-fetch-site']?.toString(),
      token: token ?? cookieOf(request.headers.cookie),
    });
    if (refusal)
      return reply
        .code(refusal.status)
        .headers(pageHeaders)
        .type('text/plain')
        .send(refusal.message);
    if (token !== undefined && guard.token !== null)
      reply.header('set-cookie', `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`);
    return undefined;
  });
  app.setErrorHandler((error, _request, reply) => {
    reply.headers(pageHeaders);
    if (error instanceof Refused) return reply.code(422).send({ report: error.report });
    if (error instanceof z.ZodError)
      return reply.code(400).send({ report: badQuestion(z.prettifyError(error)) });
    const { statusCode, message } = z
      .object({ statusCode: z.int().optional(), message: z.string() })
      .parse(error);
    if (statusCode === undefined || statusCode >= 500) log(`preview: ${message}`);
    return reply.code(statusCode ?? 500).send({ report: badQuestion(message) });
  });

  app.get('/api/templates', async (_request, reply) =>
    reply.headers(pageHeaders).send(await renderer.templates()),
  );
  app.get('/api/personas', async (_request, reply) =>
    reply.headers(pageHeaders).send(await renderer.personas()),
  );
  app.post('/api/render', async (request, reply) => {
    const rendering = await renderer.render(RenderRequest.parse(request.body));
    keep(rendering);
    return reply.headers(pageHeaders).send(rendering.answer);
  });
  app.post('/api/turns', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.turns(RenderRequest.parse(request.body))),
  );
  app.get('/api/settings', (_request, reply) =>
    reply.headers(pageHeaders).send({ testsTo: options.tests?.to ?? [] } satisfies Settings),
  );
  app.post('/api/send-test', async (request, reply) => {
    const { to, request: asked } = TestRequest.parse(request.body);
    const { tests } = options;
    if (!tests?.to.includes(to))
      return reply
        .code(403)
        .headers(pageHeaders)
        .send({ report: badQuestion(`${to} is not in PREVIEW_SEND_TO`) });
    const mail = await renderer.testMail(asked, to);
    // A Buffer loses its class on its way between processes.
    const answer = await tests.send({ ...mail, mime: Buffer.from(mail.mime) });
    return reply.headers(pageHeaders).send({ answer: answer.response } satisfies TestAnswer);
  });
  app.get('/api/blocks/:hash', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.blocks(Hash.parse(request.params).hash)),
  );
  app.get('/api/checks/:hash', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.look(Hash.parse(request.params).hash)),
  );
  app.get('/api/checks/:hash/reading', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.read(Hash.parse(request.params).hash)),
  );
  app.get('/events', (request, reply) => {
    reply.hijack();
    events.add(request.raw, reply.raw, pageHeaders);
  });
  // By name, for pictures that others take: the same address is the same mail.
  app.get('/frame/t/:template', async (request, reply) => {
    const rendering = await renderer.render(requestOf(request.params, request.query));
    const { mail } = rendering.answer;
    if (!mail)
      return reply
        .code(404)
        .headers(frameHeaders)
        .type('text/plain')
        .send(rendering.answer.verdict.sentence);
    return reply.headers(frameHeaders).type('text/html; charset=utf-8').send(mail.html);
  });
  app.get('/frame/:hash', (request, reply) => {
    const mail = mails.get(Hash.parse(request.params).hash);
    if (!mail)
      return reply
        .code(404)
        .headers(frameHeaders)
        .type('text/plain')
        .send('This mail is no longer kept.');
    return reply.headers(frameHeaders).type('text/html; charset=utf-8').send(mail.html);
  });
  app.get('/raw/:hash.eml', (request, reply) => {
    const { hash } = Hash.parse(request.params);
    const mail = mails.get(hash);
    if (!mail)
      return reply
        .code(404)
        .headers(pageHeaders)
        .type('text/plain')
        .send('This mail is no longer kept.');
    return reply
      .headers(pageHeaders)
      .header('content-disposition', `attachment; filename="${hash}.eml"`)
      .type('message/rfc822')
      .send(mail.mime);
  });

  const keep = ({ answer: { mail }, mime }: Rendering) => {
    if (!mail || !mime) return;
    mails.delete(mail.hash);
    // A Buffer loses its class on its way between processes.
    mails.set(mail.hash, { html: mail.html, mime: Buffer.from(mime) });
    for (const hash of mails.keys()) {
      if (mails.size <= keptMails) break;
      mails.delete(hash);
    }
  };

  let checking: NodeJS.Timeout | undefined;
  let saved: readonly string[] = [];
  const check = (afterMs: number) => {
    clearTimeout(checking);
    checking = setTimeout(() => {
      renderer.check().then(
        () => events.tell({ kind: 'report', report: null, stale: false }),
        (error: unknown) =>
          events.tell({
            kind: 'report',
            report: reportSince(errorReportIn(error), saved),
            stale: false,
          }),
      );
    }, afterMs);
  };
  const onSaved = async (files: readonly string[], code: boolean) => {
    events.tell({ kind: 'saved' });
    saved = files;
    try {
      await (code ? renderer.restart() : renderer.changed(files));
    } catch (error) {
      const report = reportSince(errorReportIn(error), files);
      events.tell({ kind: 'report', report, stale: code });
      return;
    }
    events.tell({ kind: 'changed' });
    // Of the code before, nothing is true any more; what is wrong elsewhere is found again.
    if (code) events.tell({ kind: 'report', report: null, stale: false });
    check(checkAfterMs);
  };

  const [pages, watcher] = await Promise.all([
    builtPages(log),
    startWatcher(root, ({ files, code }) => void onSaved(files, code)),
  ]).catch(async (error: unknown) => {
    await renderer.close();
    throw error;
  });

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

  const close = async () => {
    clearTimeout(checking);
    events.close();
    await Promise.all([app.close(), watcher.close(), renderer.close()]);
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
  check(firstCheckAfterMs);
  if (options.open) openBrowser(url);
  return { url, close };
}

const Params = z.object({ template: z.string() });
const Query = z.record(z.string(), z.string());

/** The state of a page out of its address, as the page writes it. */
function requestOf(params: unknown, query: unknown): RenderRequest {
  const { token: _, p, ...rest } = Query.parse(query);
  const prefixed = (prefix: string) =>
    Object.fromEntries(
      Object.entries(rest).flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    );
  const { brand, locale, at, sample, cancelled } = rest;
  return RenderRequest.parse({
    template: Params.parse(params).template,
    brand,
    persona: p,
    locale,
    at,
    sample,
    set: prefixed('set.'),
    data: prefixed('data.'),
    ...(cancelled !== undefined && { cancelled: cancelled === 'true' }),
  });
}

const Hash = z.object({ hash: z.string().regex(/^[0-9a-f]{32}$/) });

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const badQuestion = (message: string): ErrorReport => ({
  title: 'This can’t be shown',
  problems: [{ message }],
});

const errorReportIn = (error: unknown): ErrorReport =>
  error instanceof Refused
    ? error.report
    : badQuestion(error instanceof Error ? error.message : String(error));

const cookieOf = (header: string | undefined) =>
  header
    ?.split(/;\s*/)
    .find((pair) => pair.startsWith(`${cookie}=`))
    ?.slice(cookie.length + 1);

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
