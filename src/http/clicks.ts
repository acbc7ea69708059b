import { Counter } from 'prom-client';

import { batch } from '../core/micro-batch.ts';
import { recordFeedback } from '../feedback/record.ts';
import { transaction } from '../postgres/pool.ts';
import type { FollowedLink } from './click-link.ts';
import type { HttpContext } from './context.ts';

/** What becomes of a link that was followed. Only the first two say something of people. */
type Result = 'recorded' | 'duplicate' | 'strange' | 'automatic' | 'excessive' | 'lost';

/** So many may wait to be written down; beyond, they are lost. */
const mayWait = 10_000;

/** One statement at a time, so that accepting and sending never wait for it. */
const oneByOne = { max: 100, inFlight: 1 } as const;

/** Clicks on their way into the database, beside the answers to those who clicked: nobody waits for it. */
export function openClicks({ pool, now, log, metrics }: HttpContext) {
  const followed = new Counter({
    name: 'laurel_clicks_total',
    help: 'Links of mails that were followed, by what became of it; lost ones could not be written down.',
    labelNames: ['result'],
    registers: [metrics.registry],
  });
  const count = (result: Result, by = 1) => followed.inc({ result }, by);

  const recordOf = async (tenant: string, clicks: readonly FollowedLink[]): Promise<void> => {
    const at = now();
    const told = clicks.map(({ messageId, link }) => ({
      id: `${messageId}-${link}`,
      kind: 'clicked' as const,
      at: at.toISOString(),
      messageId,
    }));
    try {
      const { recorded, duplicate, strange } = await transaction(pool, (db) =>
        recordFeedback(db, tenant, 'click-link', told, at, 'link'),
      );
      count('recorded', recorded);
      count('duplicate', duplicate);
      count('strange', strange);
    } catch (err) {
      // They were led on already; what is lost is a figure.
      count('lost', clicks.length);
      log.warn({ err, clicks: clicks.length }, 'clicks could not be written down and are lost');
    }
  };
  const record = batch<FollowedLink, null>(async (clicks) => {
    for (const tenant of new Set(clicks.map((one) => one.tenant)))
      await recordOf(
        tenant,
        clicks.filter((one) => one.tenant === tenant),
      );
    return clicks.map(() => null);
  }, oneByOne);

  const waiting = new Set<Promise<unknown>>();
  return {
    count,
    /** Writes it down once, soon. Never throws. */
    note: (click: FollowedLink): void => {
      if (waiting.size >= mayWait) return count('lost');
      const written: Promise<unknown> = record(click).finally(() => waiting.delete(written));
      waiting.add(written);
    },
    /** When all that was noted is written down, or lost. */
    settled: async (): Promise<void> => {
      await Promise.all(waiting);
    },
  };
}
