import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';

import { createBullBoard } from '@bull-board/api';
import type {
  AppControllerRoute,
  AppViewRoute,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';

import { escapeHtml, type Page } from './pages/page.ts';

/** Bull Board as it hands itself to a web server: its page, and what that asks. What would change something is left out. */
export class QueueBoard implements IServerAdapter {
  readonly path: string;
  settings: UIConfig = {};
  questions: readonly AppControllerRoute[] = [];
  #page: AppViewRoute | undefined;
  #pageFolder = '';
  #fileFolder = '';

  /** @param path where it is found, without a slash at its end */
  constructor(path: string, uiConfig: UIConfig) {
    this.path = path;
    createBullBoard({ queues: [], serverAdapter: this, options: { uiConfig } });
  }

  /** Paths that show the page. */
  get views(): readonly string[] {
    return [this.#page?.route ?? []].flat();
  }

  /** The page: it loads nothing but its own files. @throws Error where it isn't made as this expects */
  async page(): Promise<Page> {
    const shown = this.#page?.handler({ basePath: this.path, uiConfig: this.settings });
    if (!shown) throw new Error('Bull Board has no page');
    const template = await readFile(join(this.#pageFolder, shown.name), 'utf8');
    const html = template
      .replace(/<%([=-])\s*(\w+)\s*%>/g, (_tag, kind: string, name: string) => {
        const value = shown.params[name] ?? '';
        return kind === '=' ? escapeHtml(value) : value;
      })
      .replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g, '');
    if (html.includes('<%')) throw new Error('Bull Board’s page is of a form that is not known');
    return {
      html,
      contentSecurityPolicy: [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        // Its widgets write styles into the page.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    };
  }

  /** The page's files that are of a known type, by their path below `static/`. */
  async files(): Promise<ReadonlyMap<string, { readonly file: string; readonly type: string }>> {
    const entries = await readdir(this.#fileFolder, { recursive: true, withFileTypes: true });
    return new Map(
      entries.flatMap((entry) => {
        const file = join(entry.parentPath, entry.name);
        const type = types.get(extname(file));
        if (!entry.isFile() || type === undefined) return [];
        return [[relative(this.#fileFolder, file).replaceAll('\\', '/'), { file, type }]];
      }),
    );
  }

  setQueues() {
    return this;
  }
  setErrorHandler() {
    return this;
  }
  setUIConfig(settings: UIConfig) {
    this.settings = settings;
    return this;
  }
  setViewsPath(folder: string) {
    this.#pageFolder = folder;
    return this;
  }
  setStaticPath(_path: string, folder: string) {
    this.#fileFolder = folder;
    return this;
  }
  setEntryRoute(page: AppViewRoute) {
    this.#page = page;
    return this;
  }
  setApiRoutes(routes: AppControllerRoute[]) {
    this.questions = routes.filter(({ method }) => [method].flat().includes('get'));
    return this;
  }
}

const types: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
]);
