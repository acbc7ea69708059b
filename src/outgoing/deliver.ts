import type pg from 'pg';
import type { Logger } from 'pino';

import { pause } from '../core/on-abort.ts';
import { addressGuard } from '../profile/sources/address-guard.ts';
import {
  bodyOf,
  type Claimed,
  claimDeliveries,
  forgetDeliveries,
  type Posted,
  recordPosted,
} from './deliveries.ts';
import type { Endpoint } from './endpoints.ts';
import { type Answer, openPost, type Post } from './post.ts';

const atOnce = 16;
/** Longer than an attempt may take: who is still at it is not overtaken. */
const leaseSeconds = 45;
const idleMs = 500;

/** Seconds until the next attempt: at once after a hiccup, in the end twice a day; given up after about three days. */
const waits = [
  5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200, 43_200, 43_200, 43_200,
];

/** What an answer means after so many tries. 2xx alone is a yes; 410 says that nobody wants it any more. Pure but for `random`. */
export function outcomeOf(answer: Answer, tries: number, random: () => number): Posted {
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300)
    return { kind: 'delivered' };
  const problem = answer.kind === 'failed' ? answer.problem : `answered ${answer.status}`;
  const wait = waits[tries - 1];
  if (wait === undefined || (answer.kind === 'answered' && answer.status === 410))
    return { kind: 'dead', problem };
  const asked = answer.kind === 'answered' ? Math.min(answer.retryAfter ?? 0, 86_400) : 0;
  return { kind: 'later', seconds: Math.max(wait * (0.75 + random() / 2), asked), problem };
}

type Parts = {
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly endpoints: readonly Endpoint[];
  readonly networks: readonly string[];
  readonly onPosted?: (endpoint: string, result: Posted['kind']) => void;
  /** How long an endpoint is left alone at most while it takes nothing, in milliseconds. */
  readonly longestRestMs?: number;
};

/** Tells every endpoint what it is due to be told, each in a line of its own. Returns what stops it. */
export function startDelivering(parts: Parts): () => Promise<void> {
  const stop = new AbortController();
  const { post, close } = openPost(addressGuard(parts.networks));
  const lines = parts.endpoints.map((endpoint) => serve(endpoint, parts, post, stop.signal));
  return async () => {
    stop.abort();
    await Promise.all(lines);
    close();
  };
}

/** Works one endpoint's line off. While it answers nothing at all, it rests, and its backlog costs nothing. */
async function serve(
  endpoint: Endpoint,
  { pool, log, onPosted, longestRestMs = 60_000 }: Parts,
  post: Post,
  stop: AbortSignal,
): Promise<void> {
  let failures = 0;
  for (let rounds = 0; !stop.aborted; rounds += 1) {
    let claimed = 0;
    try {
      if (rounds % 1_000 === 0) await forgetDeliveries(pool);
      const due = await claimDeliveries(pool, endpoint, {
        limit: failures === 0 ? atOnce : 1,
        leaseSeconds,
      });
      claimed = due.length;
      const outcomes = await Promise.all(due.map((one) => attempt(one, endpoint, post, stop)));
      await recordPosted(
        pool,
        due.map(({ id }, place) => ({ id, outcome: outcomes[place]! })),
      );
      for (const { kind } of outcomes) onPosted?.(endpoint.name, kind);
      const bad = outcomes.find((outcome) => outcome.kind !== 'delivered');
      if (bad)
        log.warn({ endpoint: endpoint.name, problem: bad.problem }, 'a webhook was not taken');
      if (claimed > 0) failures = outcomes.every(({ kind }) => kind === 'later') ? failures + 1 : 0;
    } catch (err) {
      log.warn({ err, endpoint: endpoint.name }, 'webhooks could not be delivered; trying again');
      claimed = 0;
    }
    if (failures > 0) await pause(Math.min(idleMs * 2 ** failures, longestRestMs), stop);
    else if (claimed < atOnce) await pause(claimed === 0 ? idleMs : 0, stop);
  }
}

async function attempt(
  delivery: Claimed,
  endpoint: Endpoint,
  post: Post,
  stop: AbortSignal,
): Promise<Posted> {
  const webhook = { id: delivery.webhookId, body: bodyOf(delivery, endpoint), now: new Date() };
  const answer = await post(endpoint, webhook, stop);
  return stop.aborted && answer.kind === 'failed'
    ? { kind: 'later', seconds: 0, problem: 'the worker stopped' }
    : outcomeOf(answer, delivery.tries, Math.random);
}
