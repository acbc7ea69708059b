import type { CommandAnswer, LiveState, PublishQuery } from './protocol.ts';
import type { PublishedLooks } from './published.ts';

/** What mails are really sent from, as far as the page may reach it. */
export type Installation = {
  /** @throws PermanentError where there is no such template */
  readonly liveState: (template: string) => Promise<LiveState>;
  /** Null: the templates folder. */
  readonly liveLooks: (template: string) => Promise<PublishedLooks | null>;
  /** Publishes or rolls back as the command does, with its checks as the gate. */
  readonly publish: (request: PublishQuery) => Promise<CommandAnswer>;
  readonly close: () => Promise<void>;
};
