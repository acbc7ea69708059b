import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A database to try events in, which holds nothing: on the embedded server, never on one that others use. */
export type Scratch = {
  /** Starts it when it is first asked for. */
  readonly url: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** @param folder where Laurel keeps its files */
export function openScratch(folder: string, log: (line: string) => void): Scratch {
  let started: ReturnType<typeof start> | undefined;
  return {
    url: async () => {
      started ??= start(folder, log);
      try {
        return (await started).url;
      } catch (error) {
        started = undefined;
        throw error;
      }
    },
    close: async () => {
      if (started) await (await started).close();
    },
  };
}

/** Its code is read when there is something to count, which is seldom. */
async function start(folder: string, log: (line: string) => void) {
  const [{ startEmbedded }, { ensureDatabase }, { migrate }, { openPool }] = await Promise.all([
    import('../postgres/embedded.ts'),
    import('../postgres/embedded/server.ts'),
    import('../postgres/migrate.ts'),
    import('../postgres/pool.ts'),
  ]);
  const server = await startEmbedded({ folder, log });
  try {
    const url = new URL(server.url);
    const name = `laurel_personas_${await hashOfMigrations()}`;
    await ensureDatabase(Number(url.port), decodeURIComponent(url.password), name);
    url.pathname = `/${name}`;
    const pool = openPool(url.href, { max: 1 });
    try {
      await migrate(pool);
    } finally {
      await pool.end();
    }
    return { url: url.href, close: server.close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Another branch's migrations get a database of their own: none of them can be taken back. */
async function hashOfMigrations(): Promise<string> {
  const folder = join(import.meta.dirname, '..', 'postgres', 'migrations');
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted())
    hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}
