import type { BullBoardQueues } from '@bull-board/api/typings/app';

import type { Attempt } from '../campaign/preflight.ts';
import type { Context } from '../context.ts';
import type { Message } from '../contract/message.ts';
import type { Metrics } from '../metrics.ts';
import type { Shares } from './shares.ts';
import type { OpenConnection } from './webhooks/connections.ts';

/** What routes work with: the context, and what only a running service has. */
export type HttpContext = Context & {
  readonly shares: Shares;
  /** Scraped at /metrics; the API adds its own figures to it. */
  readonly metrics: Metrics;
  /** Who may send webhooks, by `<adapter>/<name>`. */
  readonly connections: ReadonlyMap<string, OpenConnection>;
  /** The queues to look at, which are opened when they are first asked for. */
  readonly queues: () => Promise<BullBoardQueues>;
  /** Queues this process should work off and doesn't: none where it works none off. */
  readonly silentLanes: () => readonly string[];
  /** The worker's own attempt at a message that isn't stored; what it needs is opened when it is first asked for. */
  readonly attempt: (message: Message) => Promise<Attempt>;
  /** Milliseconds since messages have been in hand of which none comes to an end; 0 where nothing is. */
  readonly stuckMs: () => number;
};
