import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import type { Email } from '../contract/email.ts';
import type { Message } from '../contract/message.ts';
import type { Ending } from '../delivery/claims.ts';
import { deliver, type Deps } from '../delivery/deliver.ts';
import { openMetrics } from '../metrics.ts';
import type { Project } from '../project/load-project.ts';
import { closers } from './closers.ts';
import { mailLinks } from './mail-links.ts';
import { openProfiles } from './profiles.ts';
import { depsOf } from './sending.ts';
import { containRendering, openTemplates } from './templates.ts';
import { openVersions } from './versions.ts';

/** How an attempt would have ended, and the mail it would have handed over. */
export type DryAttempt = Pick<Ending, 'state' | 'reason' | 'error' | 'decision'> & {
  readonly bytes: number | null;
  readonly email: Email | null;
  /** Offers of whose pools it would have reserved a code that the member hasn't got. */
  readonly newCodes: readonly string[];
};

export type DryRun = Awaited<ReturnType<typeof openDryRun>>;

/**
 * The worker's own attempts at messages that aren't stored: everything of them but claiming, handing over and writing down. What is
 * paused doesn't hold them up.
 */
export async function openDryRun({
  config,
  log,
  pool,
  project,
  now,
  opened,
}: {
  readonly config: Config;
  readonly log: Logger;
  readonly pool: pg.Pool;
  readonly project: Project;
  readonly now: () => Date;
  /** Templates and brands, where they are there already. */
  readonly opened?: Awaited<ReturnType<typeof openTemplates>> | undefined;
}): Promise<{
  readonly attempt: (message: Message) => Promise<DryAttempt>;
  /** What its attempts are made with. */
  readonly worker: Pick<Deps, 'stage' | 'render'>;
  readonly close: () => Promise<void>;
}> {
  const open = closers();
  try {
    const { templates, brands } = opened ?? (await openTemplates(undefined, project));
    const metrics = openMetrics(async () => []);
    const profiles = await openProfiles({
      pool,
      brands,
      config,
      metrics,
      log,
      now,
      root: project.brands,
      kinds: project.sources,
    });
    open.add(profiles.close);
    const rendering = containRendering({ ...config.rendering, project: project.folder });
    open.add(rendering.close);
    const stop = new AbortController();
    open.add(async () => stop.abort());
    const worker = depsOf(
      {
        pool,
        policy: project.policy,
        templates,
        brands,
        metrics,
        log,
        folder: config.folder,
        profiles,
        flows: { heldFor: async () => null, holdMs: 0, learn: async () => {} },
        rendering,
        versions: openVersions(pool, { templates, brands }),
        links: mailLinks(config),
        transport: {
          name: 'dry-run',
          send: neverSent,
          check: async () => {},
          close: async () => {},
        },
        maxTries: config.maxTries,
        maxMailBytes: config.maxMailBytes,
        leaseSeconds: config.leaseSeconds,
        waitSeconds: config.waitSeconds,
        now,
        dry: true,
      },
      { hold: () => {}, holds: () => true, letGo: () => {} },
      stop.signal,
    );
    return {
      attempt: (message) => attempt(message, worker, stop.signal),
      worker,
      close: open.closeAll,
    };
  } catch (error) {
    await open.closeAll();
    throw error;
  }
}

const neverSent = async (): Promise<never> => {
  throw new Error('a dry run hands nothing over');
};

async function attempt(message: Message, worker: Deps, stop: AbortSignal): Promise<DryAttempt> {
  const made: {
    bytes: number | null;
    email: Email | null;
    ending: Ending | null;
    newCodes: readonly string[];
  } = { bytes: null, email: null, ending: null, newCodes: [] };
  const dry: Deps = {
    ...worker,
    claim: async () => ({ message, token: message.id, tries: 0, claims: 1, waitedMs: 0 }),
    reservations: async (...args) => {
      const theirs = await worker.reservations(...args);
      return (
        theirs && {
          ...theirs,
          reserve: async (offerIds) => {
            const before = theirs.facts.coupons;
            made.newCodes = offerIds.filter((one) => before?.get(one)?.kind !== 'code');
            return theirs.reserve(offerIds);
          },
        }
      );
    },
    compose: (email, of) => {
      made.email = email;
      return worker.compose(email, of);
    },
    handOver: async ({ mime }) => {
      made.bytes = mime.length;
      return { transport: 'dry-run', response: '' };
    },
    finish: async (ending) => {
      made.ending = ending;
    },
    suppressBounced: async () => {},
    learn: async () => {},
  };
  await deliver(message.id, dry, stop);
  const { ending, bytes, email, newCodes } = made;
  if (!ending) throw new Error('the attempt came to no end');
  const { state, reason, error, decision } = ending;
  return { state, reason, error, decision, bytes, email, newCodes };
}
