import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { type App, openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import { type Config, loadConfig } from '../src/config.ts';
import { apiScopes, type ApiScope, createApiKey } from '../src/http/api-keys.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';
import { writeConnections } from './webhooks.ts';

export type HttpApi = App & {
  /** The same as `http`: `app.inject` sends a request without a socket, `url` is where it listens. */
  readonly app: FastifyInstance;
  readonly url: string;
  readonly database: FreshDatabase;
  readonly secret: string;
  /** Log lines so far, as written. */
  readonly lines: readonly string[];
  /** Headers with a fresh key. */
  readonly as: (tenant?: string, scopes?: readonly ApiScope[]) => Promise<Record<string, string>>;
};

const noon = new Date('2026-06-01T09:00:00Z');

/**
 * The application as `main` opens it, with the role `api`, on a database of its own.
 * @param through the address under which it finds the database, where that isn't its own
 */
export async function openHttpApi({
  env = {},
  change = {},
  webhooks,
  files = {},
  now = () => noon,
  through = (url) => url,
}: {
  readonly env?: Readonly<Record<string, string>>;
  readonly change?: Partial<Config>;
  /** Who may send webhooks, as `webhooks.json` lists them, and the files it names. */
  readonly webhooks?: Record<string, object>;
  readonly files?: Record<string, object>;
  readonly now?: () => Date;
  readonly through?: (databaseUrl: string) => string;
} = {}): Promise<HttpApi> {
  const database = await freshDatabase({ max: 60 });
  const folder = await mkdtemp(join(tmpdir(), 'laurel-api-'));
  const secret = 'a secret of at least thirty-two characters';
  const config = loadConfig({
    DATABASE_URL: through(database.url),
    LAUREL_DIR: folder,
    LAUREL_SECRET: secret,
    PORT: '0',
    ROLES: 'api',
    API_AUTH: 'required',
    DEFAULT_BRAND: 'kestrel',
    LOG_LEVEL: 'debug',
    ...(webhooks && { WEBHOOKS_FILE: writeConnections(folder, webhooks, files) }),
    ...env,
  });
  const lines: string[] = [];
  const log = openLog(config.logLevel, { write: (line) => void lines.push(line) });
  const opened = await openApp({ config: { ...config, ...change }, log, now });
  const { http, url } = opened;
  if (!http || url === undefined) throw new Error('the API is not open');
  return {
    ...opened,
    app: http,
    url,
    database,
    secret,
    lines,
    as: async (tenant = 'main', scopes = apiScopes) => {
      const { key } = await createApiKey(database.pool, { tenant, name: 'test', scopes });
      return { authorization: `Bearer ${key}` };
    },
    close: async () => {
      await opened.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
