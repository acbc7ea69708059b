import { openDatabase } from '../../app/database.ts';
import { lazily } from '../../app/lazily.ts';
import { readBundle } from '../../app/versions.ts';
import type { Config } from '../../config.ts';
import { loadProject } from '../../project/load-project.ts';
import { looksIn, madeFor } from '../../render/version/bundle.ts';
import {
  liveVersionOf,
  pointingsOf,
  versionBefore,
} from '../../render/version/template-versions.ts';
import { loadBrands } from '../../render/voice/brand-files.ts';
import { quietLog } from '../session.ts';
import { openCampaigns } from './campaigns.ts';
import { openSent } from './sent.ts';

type Setting = {
  readonly config: Config;
  /** The project's folder. */
  readonly project: string;
  readonly now: () => Date;
};

/** Somebody waits for it at a page. */
const patienceMs = 15_000;

/** What is live, what went out and its campaigns, as the database knows them. It is opened when first asked for. */
export function openStores({ config, project, now }: Setting) {
  const { tenant } = config;
  const database = lazily(() =>
    openDatabase({
      databaseUrl: config.databaseUrl,
      folder: config.folder,
      log: quietLog(config.logLevel),
      signal: AbortSignal.timeout(patienceMs),
    }),
  );
  const pool = async () => (await database.open()).pool;
  const sent = lazily(async () =>
    openSent({ pool: await pool(), config, project: await loadProject(project), now }),
  );
  let counting: Promise<ReturnType<typeof openCampaigns>> | undefined;
  const campaigns = async () => {
    counting ??= pool().then(async (db) => {
      const brands = await loadBrands((await loadProject(project)).root);
      return openCampaigns({ pool: db, tenant, brandOf: (id) => brands.get(id)?.brand });
    });
    counting.catch(() => (counting = undefined));
    return counting;
  };
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
    campaigns: {
      list: async () => (await campaigns()).list(),
      one: async (id: string) => (await campaigns()).one(id),
      outcome: async (id: string, days: number) => (await campaigns()).outcome(id, days),
    },
    sent: sent.open,
    close: async () => {
      await sent.close().catch(() => undefined);
      await database.close().catch(() => undefined);
    },
  };
}
